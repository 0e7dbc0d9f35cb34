// What the kernel counted for one thread.
#pragma once

#include <cstdint>
#include <optional>

namespace pipebench {

/// Totals of the calling thread since its start.
struct ThreadUsage {
  double user_seconds = 0;
  double system_seconds = 0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
  std::uint64_t minor_faults = 0;
};

/// getrusage(RUSAGE_THREAD). User and system time are split by sampling on most kernels; their sum is exact.
[[nodiscard]] ThreadUsage read_thread_usage() noexcept;

/// How often the calling thread has moved from one CPU to another, from /proc/thread-self/sched; empty where the kernel
/// does not show it (CONFIG_SCHED_DEBUG). Not a perf event: an open one slows every switch of the thread, which is what
/// blocking cases are made of.
[[nodiscard]] std::optional<std::uint64_t> read_migrations();

}  // namespace pipebench
