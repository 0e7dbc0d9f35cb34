// A barrier for the ends of a sample.
#pragma once

#include <atomic>
#include <cstdint>

#include "pipebench/strategies/link.hpp"
#include "pipebench/system/futex.hpp"

namespace pipebench {

/// Each participant, which may be a thread of another process, uses it once.
class alignas(no_sharing) Barrier {
 public:
  /// Arrives, and returns when `count` have arrived. Spins for a moment and then sleeps, as a thread that is still to
  /// come may need this CPU. False: given up.
  [[nodiscard]] bool gather(std::uint32_t count) noexcept;

  /// gather(), and then a second round, in which all are awake and spin: where each has a CPU of its own, they leave
  /// within a fraction of a microsecond. Where CPUs are shared, those that spin for long sleep in short intervals.
  /// False: given up.
  [[nodiscard]] bool meet(std::uint32_t count) noexcept;

  /// Releases all who wait and all who come later.
  void give_up() noexcept;

 private:
  [[nodiscard]] bool given_up() const noexcept { return given_up_.load(std::memory_order_acquire); }
  void wake() noexcept;

  std::atomic<std::uint32_t> arrived_{0};
  std::atomic<std::uint32_t> ready_{0};
  std::atomic<bool> given_up_{false};
  FutexWord settled_{0};  // what gather() sleeps on
};

}  // namespace pipebench
