// What the kernel accounted to a thread, and to the kernel threads that work for it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>

#include "pipebench/base/unique_fd.hpp"

namespace pipebench {

/// Totals of the calling thread since its start.
struct ThreadUsage {
  double user_seconds = 0;
  double system_seconds = 0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
  std::uint64_t minor_faults = 0;
};

[[nodiscard]] inline ThreadUsage operator-(const ThreadUsage& after, const ThreadUsage& before) noexcept {
  return {.user_seconds = after.user_seconds - before.user_seconds,
          .system_seconds = after.system_seconds - before.system_seconds,
          .voluntary_switches = after.voluntary_switches - before.voluntary_switches,
          .involuntary_switches = after.involuntary_switches - before.involuntary_switches,
          .minor_faults = after.minor_faults - before.minor_faults};
}

/// getrusage(RUSAGE_THREAD); empty where a seccomp filter refuses it. User and system time are split by sampling on
/// most kernels; their sum is exact.
[[nodiscard]] std::optional<ThreadUsage> read_thread_usage() noexcept;

/// What was used between two readings of one thread; empty where one of them is.
[[nodiscard]] inline std::optional<ThreadUsage> used_between(const std::optional<ThreadUsage>& before,
                                                             const std::optional<ThreadUsage>& after) noexcept {
  return before && after ? std::optional(*after - *before) : std::nullopt;
}

/// How long the calling thread was ready to run and waited for a CPU: the second figure of /proc/thread-self/schedstat
/// (Documentation/scheduler/sched-stats.rst). The file stays open, so that reading it takes a microsecond.
class RunQueueClock {
 public:
  RunQueueClock();
  /// In all, in ns; empty where the kernel does not tell (CONFIG_SCHED_INFO, or without /proc). For the thread that
  /// made this.
  [[nodiscard]] std::optional<std::uint64_t> read_ns() const noexcept;

 private:
  UniqueFd file_;
};

/// How often the calling thread has moved from one CPU to another, from /proc/thread-self/sched; empty where the kernel
/// does not show it (CONFIG_SCHED_DEBUG). Not a perf event: an open one slows every switch of the thread, which is what
/// blocking cases are made of.
[[nodiscard]] std::optional<std::uint64_t> read_migrations();

/// CPU seconds of this process, and of each of its threads by thread ID, except the workers of io_uring.
struct ProcessUsage {
  double seconds = 0;  ///< threads that have ended included
  std::map<int, double> own_threads;
};

/// Empty where `tasks` does not show this process's threads. Takes some microseconds a thread.
///
/// Workers of io_uring (io_wq_worker() in io_uring/io-wq.c) are threads of this process that the kernel starts, names
/// "iou-...", and ends after five idle seconds or with the thread that they work for. What a worker used can then no
/// longer be read from it, but the clock of the process includes it.
[[nodiscard]] std::optional<ProcessUsage> read_process_usage(const std::filesystem::path& tasks = "/proc/self/task");

/// CPU seconds that workers of io_uring used between the two: those of the process, less those of its own threads.
[[nodiscard]] double worker_seconds(const ProcessUsage& before, const ProcessUsage& after);

}  // namespace pipebench
