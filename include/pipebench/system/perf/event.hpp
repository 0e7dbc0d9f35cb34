// Counting what the calling thread does, with perf_event_open(2): one event, a group of counters, and why there is
// none.
#pragma once

#include <linux/perf_event.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/base/unique_fd.hpp"
#include "pipebench/model/finding.hpp"

namespace pipebench {

enum class PerfObstacle : std::uint8_t {
  no_such_event,  ///< no PMU, as in most virtual machines, or one that does not count this
  not_allowed,    ///< kernel.perf_event_paranoid, a security module or a seccomp filter
  no_perf,        ///< the kernel is built without perf events, or a filter says so
  no_descriptor,  ///< too many files are open
  other,
};

/// Why an event cannot be had. A caller that knows which results are null because of it sets `finding.figures`.
struct PerfRefusal {
  PerfObstacle obstacle = PerfObstacle::other;
  int code = 0;  ///< errno value
  Finding finding = {};
};

/// Has this process CAP_PERFMON or CAP_SYS_ADMIN in the first user namespace, as perfmon_capable() in
/// include/linux/capability.h asks for them? False where that cannot be read below `root`/proc.
[[nodiscard]] bool may_sample_kernel(const std::filesystem::path& root = "/");

/// What `code`, an errno value of perf_event_open(2), means for `event` ("cycles"). Reads kernel.perf_event_paranoid,
/// the capabilities of this process and its seccomp mode below `root`/proc, to name what may have refused it (both the
/// setting and a filter where both may) and the command that mends it. Never throws for what is missing there.
[[nodiscard]] PerfRefusal explain_refusal(std::string_view event, int code, const std::filesystem::path& root = "/");

/// One event; closed on destruction. A refusal is a value: error().
class PerfEvent {
 public:
  PerfEvent() noexcept = default;  ///< none
  /// Of the calling thread, on whichever CPU it runs. attr.size is set here. With `group`, the event is counted
  /// whenever that one is.
  [[nodiscard]] static PerfEvent of_this_thread(const perf_event_attr& attr, const PerfEvent* group = nullptr) noexcept;
  /// Of whatever runs on `cpu`. Needs kernel.perf_event_paranoid to be 0 or less, or may_sample_kernel().
  [[nodiscard]] static PerfEvent of_cpu(const perf_event_attr& attr, int cpu) noexcept;

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(fd_); }
  [[nodiscard]] int error() const noexcept { return error_; }  ///< errno of the refusal; 0: it is open
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// Of this event and of those that joined its group. Throw SystemError. reset() sets counts to 0, not the times.
  void enable() const;
  void disable() const;
  void reset() const;
  /// Up to values.size() numbers, as the event's read_format lays them out; returns how many there were. Throws
  /// SystemError, with ENOSPC if there are more.
  [[nodiscard]] std::size_t read(std::span<std::uint64_t> values) const;

 private:
  PerfEvent(perf_event_attr attr, int thread, int cpu, int group) noexcept;

  UniqueFd fd_;
  int error_ = 0;
};

/// An event that can be counted: type and config of perf_event_attr.
struct CountedEvent {
  std::string_view name;
  std::uint32_t type;
  std::uint64_t config;
};

inline constexpr std::array<CountedEvent, 4> hardware_events{{
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {"cache misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {"dTLB load misses", PERF_TYPE_HW_CACHE,
     PERF_COUNT_HW_CACHE_DTLB | PERF_COUNT_HW_CACHE_OP_READ << 8U | PERF_COUNT_HW_CACHE_RESULT_MISS << 16U},
}};

/// Counters of the calling thread, user space and kernel, that are counted together or not at all. Threads and
/// processes that it starts are not counted. An open counter slows every switch of the thread.
class CounterGroup {
 public:
  struct Count {
    std::uint64_t value = 0;
    double enabled_seconds = 0;  ///< between start() and stop(), while the thread ran
    double running_seconds = 0;  ///< of those, while it was counted: less when groups share the PMU (multiplexing)

    [[nodiscard]] bool is_scaled() const { return running_seconds < enabled_seconds; }
    /// What a count over the whole time would be like; empty if it was never counted.
    [[nodiscard]] std::optional<double> scaled() const {
      if (!is_scaled()) return static_cast<double>(value);
      if (running_seconds <= 0) return std::nullopt;
      return static_cast<double>(value) * enabled_seconds / running_seconds;
    }
  };
  /// An event that is left out. The others are counted all the same.
  struct Missing {
    std::size_t event;  ///< its place in `events`
    PerfRefusal refusal;
  };

  /// Opens what can be had of `events`, stopped. Never throws for what cannot. Where the kernel's part may not be
  /// counted, nothing is: counts of user space alone would say nothing of a pipe.
  explicit CounterGroup(std::span<const CountedEvent> events = hardware_events,
                        const std::filesystem::path& root = "/");

  /// By the thread that made it. Counts begin at 0. Throw SystemError.
  void start();
  void stop();
  /// Of the last interval, after stop(): one for each of `events`, in their order; empty for those that are missing.
  /// Throws SystemError.
  [[nodiscard]] std::vector<std::optional<Count>> counts() const;
  [[nodiscard]] const std::vector<Missing>& missing() const { return missing_; }

 private:
  [[nodiscard]] std::vector<std::uint64_t> read() const;

  std::vector<PerfEvent> events_;  ///< one for each that was asked for
  const PerfEvent* leader_ = nullptr;
  std::vector<std::uint64_t> start_;  ///< as read() told then
  std::vector<Missing> missing_;
};

}  // namespace pipebench
