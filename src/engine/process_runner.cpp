#include "engine/process_runner.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>

#include "engine/kick.hpp"
#include "engine/report_transfer.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/system/child.hpp"

namespace pipebench {
namespace {

// How it ended; empty while it runs. It stays waitable, so that its PID belongs to nobody else.
std::optional<siginfo_t> exit_of(pid_t child) noexcept {
  siginfo_t info{};
  if (child < 0 || ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0)
    return std::nullopt;
  return info;
}

bool write_all(int file, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(0, written)));
  }
  return true;
}

std::string content_of(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) throw SystemError("fstat(reports)", errno);
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t read = ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (read == 0) break;
    if (read < 0 && errno != EINTR) throw SystemError("pread(reports)", errno);
    done += static_cast<std::size_t>(std::max<ssize_t>(0, read));
  }
  return bytes;
}

}  // namespace

ProcessRunner::~ProcessRunner() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  (void)wait_for_child();
}

void ProcessRunner::start() {
  file_.reset(::memfd_create("pipebench-reports", MFD_CLOEXEC));
  if (!file_) throw SystemError("memfd_create(reports)", errno);
  const pid_t parent = ::getpid();
  child_ = fork_child();
  if (child_ == 0) run_child(parent);
}

// The parent decides when a run ends: Ctrl-C and timeout(1) signal the whole process group.
void ProcessRunner::run_child(pid_t parent) noexcept {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_IGN);
  if (!die_with(parent)) ::_exit(EXIT_FAILURE);
  stage_.runners_here = 1;
  routine_->run();
  const bool is_saved = write_all(file_.get(), pack_reports(routine_->take_reports()));
  if (is_saved) stage_.note_done();
  ::_exit(is_saved ? EXIT_SUCCESS : EXIT_FAILURE);  // what the parent has buffered is the parent's to write
}

bool ProcessRunner::done() const noexcept {
  return stage_.share().all_done.load(std::memory_order_acquire) != 0 || exit_of(child_).has_value();
}

bool ProcessRunner::is_lost() const noexcept {
  const auto ended = exit_of(child_);
  return ended && (ended->si_code != CLD_EXITED || ended->si_status != EXIT_SUCCESS);
}

// It stays so for whoever asks next.
bool ProcessRunner::is_stopped() const noexcept {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(child_), &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

void ProcessRunner::kick() noexcept {
  if (done()) return;
  const std::uint64_t now = monotonic_ns();
  constexpr std::uint64_t break_ns = 1'000'000'000;
  // As long as it does not do what it was woken for, kicks follow one another.
  if (now - last_kick_ns_ > break_ns) first_kick_ns_ = now;
  last_kick_ns_ = now;
  // Others may wait for one that is stopped, and are not to be killed with it.
  const std::uint64_t patience_ns = is_stopped() ? patience_ns_ / 10 : patience_ns_;
  killed_ = killed_ || now - first_kick_ns_ > patience_ns;
  ::kill(child_, killed_ ? SIGKILL : kick_signal);
}

std::vector<EndReport> ProcessRunner::take_reports() {
  const int status = wait_for_child();
  if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) return unpack_reports(content_of(file_.get()));
  std::vector<EndReport> reports = routine_->take_reports();  // as they were when the child began
  reports.front().failure = describe_loss(reports.front().role, status);
  return reports;
}

int ProcessRunner::wait_for_child() noexcept {
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  return status;
}

std::string ProcessRunner::describe_loss(Role role, int status) const {
  if (killed_)
    return fmt::format("The {}'s process could not be woken, and was killed; was it stopped?", name_of(role));
  if (WIFSIGNALED(status)) return fmt::format("The {}'s process {}.", name_of(role), describe_signal(WTERMSIG(status)));
  return fmt::format("The {}'s process could not hand over what it found, and exited with {}.", name_of(role),
                     WEXITSTATUS(status));
}

}  // namespace pipebench
