// A child process that runs ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/end_routine.hpp"
#include "engine/end_runner.hpp"
#include "pipebench/base/unique_fd.hpp"

namespace pipebench {

/// Forked, so that it begins with all that this process has: pipes, stage and tasks. What the ends find out comes back
/// in a file in memory. Nothing is left of the child when this object is gone, nor when this process is killed.
class ProcessRunner final : public EndRunner {
 public:
  /// A process that has not come to its end so long after it was first told to is killed; one that is stopped
  /// (SIGSTOP), after a tenth of that.
  static constexpr std::uint64_t longest_patience_ns = 10'000'000'000;

  /// `stage`: that of the routine; outlives it.
  ProcessRunner(Stage& stage, std::unique_ptr<EndRoutine> routine, std::uint64_t patience_ns = longest_patience_ns)
      : stage_(stage), routine_(std::move(routine)), patience_ns_(patience_ns) {}
  ~ProcessRunner() override;

  /// To be called while this process has one thread: what others hold locked, stays locked in the child. It lives as
  /// long as the calling thread does.
  void start() override;
  [[nodiscard]] bool done() const noexcept override;
  [[nodiscard]] bool is_lost() const noexcept override;
  [[nodiscard]] bool is_stopped() const noexcept override;
  void kick() noexcept override;
  /// A child that did not come to its end has failed, and the sentence says why.
  [[nodiscard]] std::vector<EndReport> take_reports() override;

 private:
  [[noreturn]] void run_child(pid_t parent) noexcept;
  [[nodiscard]] int wait_for_child() noexcept;
  [[nodiscard]] std::string describe_loss(Role role, int status) const;

  Stage& stage_;
  std::unique_ptr<EndRoutine> routine_;
  std::uint64_t patience_ns_;
  UniqueFd file_;     // the child's reports
  pid_t child_ = -1;  // -1: none, or waited for
  std::uint64_t first_kick_ns_ = 0, last_kick_ns_ = 0;
  bool killed_ = false;
};

}  // namespace pipebench
