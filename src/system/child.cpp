#include "pipebench/system/child.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "pipebench/base/error.hpp"

namespace pipebench {

pid_t fork_child() {
  ::signal(SIGCHLD, SIG_DFL);
  const pid_t child = ::fork();
  if (child < 0) {
    throw SystemError(
        "fork() (no memory; or as many processes run as `ulimit -u`, the cgroup's pids.max or kernel.pid_max allow)",
        errno);
  }
  return child;
}

bool die_with(pid_t parent) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  return ::getppid() == parent;
}

std::string describe_signal(int number) {
  return fmt::format("was ended by signal {} ({})", number, ::strsignal(number));
}

}  // namespace pipebench
