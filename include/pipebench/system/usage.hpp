// What the kernel counted for one thread.
#pragma once

#include <cstdint>
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

/// getrusage(RUSAGE_THREAD). User and system time are split by sampling on most kernels; their sum is exact.
[[nodiscard]] ThreadUsage read_thread_usage() noexcept;

/// Counts how often the thread that constructs it moves from one CPU to another (PERF_COUNT_SW_CPU_MIGRATIONS).
class MigrationCounter {
 public:
  /// With `wanted` false it opens nothing and read() is empty.
  explicit MigrationCounter(bool wanted) noexcept;
  /// Migrations so far; empty where perf_event_open(2) is refused (perf_event_paranoid, seccomp).
  [[nodiscard]] std::optional<std::uint64_t> read() const noexcept;

 private:
  UniqueFd event_;
};

}  // namespace pipebench
