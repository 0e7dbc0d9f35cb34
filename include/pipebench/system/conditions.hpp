// Under which conditions a sample is taken: how far apart its CPUs are, how fast each is, and what the host takes away.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "pipebench/base/cache_line.hpp"

namespace pipebench {

/// What two threads share while they measure how long a cache line takes between their CPUs. Used once by each of the
/// two. Flat, without pointers, so that it can lie in memory that two processes map.
class HandoverShare {
 public:
  /// Aborts the measurement for both threads, also for one that has not begun it.
  void give_up() noexcept { given_up_.store(true, std::memory_order_relaxed); }

 private:
  friend class HandoverTurns;
  alignas(no_sharing) std::atomic<std::uint32_t> turn_{0};
  alignas(no_sharing) std::atomic<bool> given_up_{false};
  std::atomic<int> leader_cpu_{-1}, follower_cpu_{-1};
};

/// After this long, each of the two threads goes on without the other.
inline constexpr std::uint64_t longest_handover_ns = 450'000;

/// How long a cache line takes from one CPU to the other, one way, in ns: half a round trip in which each of two
/// threads stores a number and waits for the other's; the smallest of up to 16 batches of 100 ways. One thread leads,
/// another follows at about the same time. Takes 0.1 to 0.3 ms, and either returns after `limit_ns` at the latest, or a
/// moment after give_up().
///
/// Empty: both run on one CPU (unpinned threads may; those that are pinned to one CPU should not ask, as each would
/// wait until its time is over), or not one batch was complete when time was over. A thread that loses its CPU makes
/// one batch long, and the smallest is of another.
[[nodiscard]] std::optional<double> lead_handover(HandoverShare& share,
                                                  std::uint64_t limit_ns = longest_handover_ns) noexcept;
void follow_handover(HandoverShare& share, std::uint64_t limit_ns = longest_handover_ns) noexcept;

/// How long an add takes that needs the result of the one before, on the CPU that this thread runs on, in ns: one cycle
/// on every CPU of today (uops.info; Arm's optimisation guides), so that it tells the real clock rate, and more where
/// a sibling takes turns away. The smallest of several batches; takes about 0.2 ms.
[[nodiscard]] double measure_ns_per_add() noexcept;

/// Seconds since boot that these CPUs (OS numbers, each once) were ready to run and the hypervisor ran something else:
/// "steal" of `root`/proc/stat, proc_stat(5), in ticks of 1/sysconf(_SC_CLK_TCK), mostly 10 ms. Empty: none are given,
/// or the file does not have them all (an offline CPU). 0 on bare metal, and where the hypervisor does not tell.
[[nodiscard]] std::optional<double> read_steal_seconds(std::span<const int> cpus,
                                                       const std::filesystem::path& root = "/");

/// The clock rate that the driver believes a CPU (OS number) to have now, in Hz: scaling_cur_freq below
/// `root`/sys/devices/system/cpu (Documentation/admin-guide/pm/cpufreq.rst). Empty where there is none, as in most
/// virtual machines.
[[nodiscard]] std::optional<double> read_frequency_hz(int cpu, const std::filesystem::path& root = "/");

}  // namespace pipebench
