// What an end does when a transfer would have blocked, or must not be tried yet.
#pragma once

#include <cerrno>

#include "pipebench/model/case.hpp"
#include "pipebench/strategies/end.hpp"

namespace pipebench {

/// Tells the core that this is a spin loop.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Where nothing is measured, threads that have spun for so long go to sleep.
inline constexpr std::uint64_t longest_spin_ns = 200'000;

/// Sleeps for some 50 microseconds, `times` over. Not sched_yield(): on Linux 6.18 ends that had yielded in a loop were
/// seen without any CPU for ten seconds once another thread wanted it; yielding seems to be charged to their virtual
/// run time.
void pause_briefly(std::uint32_t times = 1) noexcept;

/// The part of recover() that is not a busy wait.
[[nodiscard]] bool recover_slowly(long result, Wait wait, int fd, short events, const Link& link,
                                  Tally& tally) noexcept;

/// After a transfer on `fd` that returned `result` <= 0: looks at errno, and waits for `events` (POLLIN, POLLOUT) as
/// `wait` says. True: try again. False: the phase is over, because it was aborted, or because of an end of file or an
/// error that is now in `tally`.
[[nodiscard]] inline bool recover(long result, Wait wait, int fd, short events, const Link& link,
                                  Tally& tally) noexcept {
  // Inlined: with a pipe of one slot, the time until the next try is part of the figure.
  if (wait == Wait::busy && result < 0 && errno == EAGAIN && !link.aborted()) [[likely]] {
    ++tally.would_block;
    ++tally.waits;
    return true;
  }
  return recover_slowly(result, wait, fd, events, link, tally);
}

/// How a turn ends whose transfer returned `result` <= 0. Does not wait.
[[nodiscard]] Turn turn_after_failure(long result, const Link& link, Tally& tally) noexcept;

/// Spins until `enough(bytes)` holds for the other end's counter, or the phase is aborted: false then.
template <class Enough>
[[nodiscard]] bool spin_until(const std::atomic<std::uint64_t>& other, const Link& link, Tally& tally,
                              const Enough& enough) noexcept {
  while (!enough(other.load(std::memory_order_acquire))) {
    if (link.aborted()) return false;
    ++tally.waits;
    relax();
  }
  return true;
}

/// With credit, after a transfer that would have blocked: spins until `enough(bytes)` holds for the other end's
/// counter, but not for long. The counter moves only when the other's call has returned, while a call that already
/// waits for the pipe's mutex gets in earlier; so trying again soon is faster than waiting for the counter (measured: 5
/// % with a pipe of one buffer of 128 KiB).
template <class Enough>
void spin_briefly(const std::atomic<std::uint64_t>& other, Tally& tally, const Enough& enough) noexcept {
  constexpr int longest = 32;  // anything from 8 to 100 is as good
  for (int turn = 0; turn < longest && !enough(other.load(std::memory_order_acquire)); ++turn) {
    ++tally.waits;
    relax();
  }
}

}  // namespace pipebench
