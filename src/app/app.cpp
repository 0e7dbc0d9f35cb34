#include "pipebench/app/app.hpp"

#include <fcntl.h>

#include <csignal>

#include "app/command_line.hpp"
#include "app/output.hpp"
#include "app/text.hpp"

namespace pipebench {
namespace {

// Where stdout is closed, the next file that is opened would take its number, and then what is printed. Opened the
// wrong way round, so that using it is still an error.
void occupy_standard_descriptors() {
  constexpr int contrary[] = {O_WRONLY, O_RDONLY, O_RDONLY};
  for (int fd = 0; fd < 3; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", contrary[fd]);
  }
}

}  // namespace

int run_app(const std::vector<std::string>& arguments) {
  occupy_standard_descriptors();
  // A reader that goes away is an error of a write, which says what was lost.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // likewise a file that grows beyond `ulimit -f`
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
