// Where ends of a sample wait for each other.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "pipebench/strategies/link.hpp"
#include "pipebench/system/futex.hpp"

namespace pipebench {

/// Used once by each of its ends, which may be threads of several processes.
class alignas(no_sharing) Barrier {
 public:
  /// Arrives, and returns when there were `count` in all. Spins for a moment and then sleeps, however many wait: those
  /// who are still on their way may need this very CPU. The last to arrive runs `when_all_here` (which must not throw)
  /// before anybody returns. False: given up.
  [[nodiscard]] bool gather(std::uint32_t count, const std::function<void()>& when_all_here = {}) noexcept;

  /// gather(), and then once more: all are awake by then and spin, so they leave within a fraction of a microsecond
  /// where each has a CPU of its own; where they do not, who spins for long takes naps. False: given up.
  [[nodiscard]] bool meet(std::uint32_t count, const std::function<void()>& when_all_here = {}) noexcept;

  /// Sends away all who wait and who will come.
  void give_up() noexcept;

 private:
  [[nodiscard]] bool given_up() const noexcept { return given_up_.load(std::memory_order_acquire); }
  void wake() noexcept;

  std::atomic<std::uint32_t> arrived_{0};
  std::atomic<std::uint32_t> ready_{0};
  std::atomic<bool> given_up_{false};
  FutexWord settled_{0};  // who sleeps, sleeps on this
};

}  // namespace pipebench
