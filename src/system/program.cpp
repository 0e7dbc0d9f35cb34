#include "pipebench/system/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

constexpr int not_started = 126;  // as shells say it

[[noreturn]] void run_shell(const std::string& command, int end, bool writes, pid_t parent) {
  ::setpgid(0, 0);  // neither Ctrl-C nor timeout(1) reaches it: pipebench ends it
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(not_started);  // it died before that
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (::dup2(end, writes ? STDOUT_FILENO : STDIN_FILENO) < 0) ::_exit(not_started);
  if (nothing >= 0) ::dup2(nothing, writes ? STDIN_FILENO : STDOUT_FILENO);
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(not_started);
}

std::string describe(const siginfo_t& info) {
  if (info.si_code != CLD_EXITED)
    return fmt::format("was ended by signal {} ({})", info.si_status, ::strsignal(info.si_status));
  return info.si_status == 0 ? "" : fmt::format("exited with code {}", info.si_status);
}

}  // namespace

Program::Program(const std::string& command, int end, bool writes, const std::function<void()>& place) {
  ::signal(SIGCHLD, SIG_DFL);  // where it was inherited as ignored, how it ended would be lost
  const pid_t parent = ::getpid();
  group_ = ::fork();
  if (group_ < 0) {
    throw SystemError(
        "fork() (no memory; or as many processes run as `ulimit -u`, the cgroup's pids.max or kernel.pid_max allow)",
        errno);
  }
  if (group_ == 0) {
    try {
      place();
    } catch (...) {
      ::_exit(not_started);
    }
    run_shell(command, end, writes, parent);
  }
  ::setpgid(group_, group_);  // whoever comes first: it may have to be killed before it has run
}

Program::Program(Program&& other) noexcept : group_(std::exchange(other.group_, -1)) {}

Program::~Program() {
  if (group_ < 0) return;
  ::kill(-group_, SIGKILL);
  while (::waitpid(group_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::string> Program::end(double patience_seconds) {
  const std::uint64_t began = monotonic_ns();
  siginfo_t info{};
  // It stays waitable, so that its number belongs to nobody else when the destructor kills what it has started.
  while (::waitid(P_PID, static_cast<id_t>(group_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0) {
    if (static_cast<double>(monotonic_ns() - began) * 1e-9 > patience_seconds) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return info.si_pid == 0 ? std::nullopt : std::optional(describe(info));
}

}  // namespace pipebench
