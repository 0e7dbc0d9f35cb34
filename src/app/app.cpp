#include "pipebench/app/app.hpp"

#include <fcntl.h>

#include <csignal>

#include "app/command_line.hpp"
#include "app/output.hpp"
#include "app/text.hpp"

namespace pipebench {
namespace {

// If stdout is closed, the next file that is opened gets its number, and then what we print. So /dev/null takes the
// number first, in the mode in which using it is still an error.
void occupy_standard_descriptors() {
  constexpr int unusable_mode[] = {O_WRONLY, O_RDONLY, O_RDONLY};
  for (int fd = 0; fd < 3; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", unusable_mode[fd]);
  }
}

}  // namespace

int run_app(const std::vector<std::string>& arguments) {
  occupy_standard_descriptors();
  // A write to a reader that has gone away fails with EPIPE, which tells us what was lost.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // likewise a file that grows beyond `ulimit -f`
  const Invocation invocation = parse_command_line(arguments);
  const Command& command = *invocation.command;
  if (invocation.options.contains("help")) {
    print(help_text(command));
    return 0;
  }
  if (invocation.options.contains("version")) {
    print(version_text());
    return 0;
  }
  return command.run(invocation, load(command.loads, invocation.options));
}

}  // namespace pipebench
