// What runs ends: a thread for one, or for both of a stream.
#pragma once

#include <span>

#include "engine/end_work.hpp"

namespace pipebench {

/// Runs one end, or several, from its construction on. Abort the stage before destroying one that is not done.
class EndRunner {
 public:
  virtual ~EndRunner() = default;
  [[nodiscard]] virtual bool done() const noexcept = 0;
  /// Interrupts the system call that it sleeps in. May come too early to catch it: repeat until done().
  virtual void kick() noexcept = 0;
  /// One for each end that it ran. After done().
  [[nodiscard]] virtual std::span<const EndReport> reports() const noexcept = 0;
};

}  // namespace pipebench
