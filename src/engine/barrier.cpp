#include "engine/barrier.hpp"

#include "pipebench/base/clock.hpp"
#include "pipebench/strategies/waiting.hpp"

namespace pipebench {
namespace {

// False: the condition did not become true in time.
template <class Condition>
bool spin_for(const Condition& condition) noexcept {
  const std::uint64_t since = monotonic_ns();
  while (!condition()) {
    if (monotonic_ns() - since > longest_spin_ns) return false;
    relax();
  }
  return true;
}

}  // namespace

bool Barrier::gather(std::uint32_t count) noexcept {
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == count) wake();
  const auto settled = [&] { return settled_.load(std::memory_order_acquire) != 0; };
  if (!spin_for(settled)) {
    while (!settled()) futex_wait(settled_, 0);
  }
  return !given_up();
}

bool Barrier::meet(std::uint32_t count) noexcept {
  if (!gather(count)) return false;
  ready_.fetch_add(1, std::memory_order_acq_rel);
  const auto settled = [&] { return ready_.load(std::memory_order_acquire) >= count || given_up(); };
  // Where CPUs are shared, others may need this one. The more threads there are, the longer each sleeps: thousands that
  // keep waking up would keep the last one from arriving.
  if (!spin_for(settled)) {
    while (!settled()) pause_briefly(count / 2);
  }
  return !given_up();
}

void Barrier::give_up() noexcept {
  given_up_.store(true, std::memory_order_release);
  wake();
}

// The condition holds before the word changes, so no thread goes to sleep afterwards.
void Barrier::wake() noexcept {
  settled_.store(1, std::memory_order_release);
  futex_wake_all(settled_);
}

}  // namespace pipebench
