#include "pipebench/app/app.hpp"

#include <csignal>

#include "app/command_line.hpp"
#include "app/output.hpp"
#include "app/text.hpp"

namespace pipebench {

int run_app(const std::vector<std::string>& arguments) {
  // A reader that goes away is an error of a write, which says what was lost.
  std::signal(SIGPIPE, SIG_IGN);
  const Request request = parse_command_line(arguments);
  if (request.arguments.contains("help")) {
    print(help_text(*request.command));
    return 0;
  }
  if (request.arguments.contains("version")) {
    print(version_text());
    return 0;
  }
  return request.command->run(request.arguments, arguments);
}

}  // namespace pipebench
