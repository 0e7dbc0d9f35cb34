#include "pipebench/system/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "pipebench/base/clock.hpp"
#include "pipebench/system/child.hpp"

namespace pipebench {
namespace {

constexpr int not_started = 126;  // as shells say it

[[noreturn]] void run_shell(const std::string& command, int end, bool writes, pid_t parent) {
  ::setpgid(0, 0);  // neither Ctrl-C nor timeout(1) reaches it: pipebench ends it
  if (!die_with(parent)) ::_exit(not_started);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (::dup2(end, writes ? STDOUT_FILENO : STDIN_FILENO) < 0) ::_exit(not_started);
  if (nothing >= 0) ::dup2(nothing, writes ? STDIN_FILENO : STDOUT_FILENO);
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(not_started);
}

std::string describe(const siginfo_t& info) {
  if (info.si_code != CLD_EXITED) return describe_signal(info.si_status);
  return info.si_status == 0 ? "" : fmt::format("exited with code {}", info.si_status);
}

}  // namespace

Program::Program(const std::string& command, int end, bool writes, const std::function<void()>& place) {
  const pid_t parent = ::getpid();
  group_ = fork_child();
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
