// What runs ends: a thread or a process for one, or a thread for both of a stream.
#pragma once

#include <vector>

#include "engine/end_work.hpp"

namespace pipebench {

/// Runs one end, or several. Abort the stage before destroying one that was started and is not done.
class EndRunner {
 public:
  virtual ~EndRunner() = default;
  /// Once. Throws SystemError.
  virtual void start() = 0;
  [[nodiscard]] virtual bool done() const noexcept = 0;
  /// Has it ended without having come to an end? Others may wait for it in vain: abandon the stage.
  [[nodiscard]] virtual bool is_lost() const noexcept { return false; }
  /// Has somebody stopped it (SIGSTOP), so that it does nothing, in whatever phase?
  [[nodiscard]] virtual bool is_stopped() const noexcept { return false; }
  /// Interrupts the system call that it sleeps in. May come too early to catch it: repeat until done(). After start().
  virtual void kick() noexcept = 0;
  /// One for each end that it ran. Once, after done().
  [[nodiscard]] virtual std::vector<EndReport> take_reports() = 0;
};

}  // namespace pipebench
