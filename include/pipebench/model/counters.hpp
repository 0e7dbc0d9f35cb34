// What is counted of each end of a sample: one line in the table for each counter.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pipebench {

enum class Counter : std::uint8_t {
  calls,
  short_calls,
  would_block,
  waits,
  user_seconds,
  system_seconds,
  voluntary_switches,
  involuntary_switches,
  minor_faults,
  migrations,
  cycles,
  instructions,
  cache_misses,
  dtlb_misses,
  hardware_enabled_seconds,
  hardware_counting_seconds,
};

enum class Unit : std::uint8_t { count, seconds, nanoseconds, hertz };

struct CounterInfo {
  Counter value;
  std::string_view name;            ///< the key in the results
  Unit unit;                        ///< counts are whole numbers
  std::string_view meaning;         ///< for docs/output.md
  std::string_view null_when = {};  ///< likewise; empty: always there
};

inline constexpr std::string_view not_of_one_end =
    "`--counters off`, unless it is a profile; `--isolation none`, where they are of both ends together; or "
    "getrusage(2) is refused";
inline constexpr std::string_view cpu_time = "CPU time, getrusage(2)";
inline constexpr std::string_view no_hardware =
    "`--counters off`; there is no PMU, or no right to it; the case was counted in a sample of its own (`counting`); "
    "or `--isolation none`, where they are of both ends together";

/// In the order of the enumerators.
inline constexpr std::array<CounterInfo, 16> counter_table{{
    {.value = Counter::calls, .name = "calls", .unit = Unit::count, .meaning = "transfers that moved something"},
    {.value = Counter::short_calls,
     .name = "short_calls",
     .unit = Unit::count,
     .meaning = "of those, the ones that moved less than the call asked for"},
    {.value = Counter::would_block,
     .name = "would_block",
     .unit = Unit::count,
     .meaning = "transfers that failed with EAGAIN; 0 with `--wait block`"},
    {.value = Counter::waits,
     .name = "waits",
     .unit = Unit::count,
     .meaning = "times it slept in poll() or went round a busy wait; with `--wait credit`, turns of spinning on the "
                "other end's counter"},
    {.value = Counter::user_seconds,
     .name = "user_seconds",
     .unit = Unit::seconds,
     .meaning = cpu_time,
     .null_when = not_of_one_end},
    {.value = Counter::system_seconds,
     .name = "system_seconds",
     .unit = Unit::seconds,
     .meaning = cpu_time,
     .null_when = not_of_one_end},
    {.value = Counter::voluntary_switches,
     .name = "voluntary_switches",
     .unit = Unit::count,
     .meaning = "times it gave up the CPU to wait",
     .null_when = not_of_one_end},
    {.value = Counter::involuntary_switches,
     .name = "involuntary_switches",
     .unit = Unit::count,
     .meaning = "times the CPU was taken from it",
     .null_when = not_of_one_end},
    {.value = Counter::minor_faults,
     .name = "minor_faults",
     .unit = Unit::count,
     .meaning = "pages faulted in without I/O",
     .null_when = not_of_one_end},
    {.value = Counter::migrations,
     .name = "migrations",
     .unit = Unit::count,
     .meaning = "moves to another CPU",
     .null_when = "`--counters off` or `--isolation none`, or the kernel does not tell"},
    {.value = Counter::cycles,
     .name = "cycles",
     .unit = Unit::count,
     .meaning = "of its CPU, user space and kernel",
     .null_when = no_hardware},
    {.value = Counter::instructions,
     .name = "instructions",
     .unit = Unit::count,
     .meaning = "retired, user space and kernel",
     .null_when = no_hardware},
    {.value = Counter::cache_misses,
     .name = "cache_misses",
     .unit = Unit::count,
     .meaning = "loads and stores that missed the last level of cache",
     .null_when = no_hardware},
    {.value = Counter::dtlb_misses,
     .name = "dtlb_misses",
     .unit = Unit::count,
     .meaning = "loads whose page was not in the TLB",
     .null_when = no_hardware},
    {.value = Counter::hardware_enabled_seconds,
     .name = "hardware_enabled_seconds",
     .unit = Unit::seconds,
     .meaning = "CPU time for which the four counters above were wanted",
     .null_when = no_hardware},
    {.value = Counter::hardware_counting_seconds,
     .name = "hardware_counting_seconds",
     .unit = Unit::seconds,
     .meaning = "of that, the time in which they counted; when it is less, others used the PMU too, and the four were "
                "scaled up",
     .null_when = no_hardware},
}};

/// What hardware counts, in the order in which it is asked for.
inline constexpr std::array hardware_counters{Counter::cycles, Counter::instructions, Counter::cache_misses,
                                              Counter::dtlb_misses};

[[nodiscard]] constexpr const CounterInfo& info_of(Counter counter) {
  return counter_table[static_cast<std::size_t>(counter)];
}

/// What one end did during one sample. An empty value could not be had; a finding of the host names it and says why.
class EndCounters {
 public:
  using Value = std::optional<double>;  ///< exact for counts up to 2^53

  [[nodiscard]] Value& operator[](Counter counter) { return values_[static_cast<std::size_t>(counter)]; }
  [[nodiscard]] const Value& operator[](Counter counter) const { return values_[static_cast<std::size_t>(counter)]; }

  /// Adds those of another end; the sum is unknown where either is.
  void add(const EndCounters& more) {
    for (std::size_t i = 0; i < values_.size(); ++i)
      values_[i] = values_[i] && more.values_[i] ? Value(*values_[i] + *more.values_[i]) : Value();
  }

 private:
  std::array<Value, counter_table.size()> values_{};
};

/// User and system time; empty unless both are known.
[[nodiscard]] inline EndCounters::Value cpu_seconds(const EndCounters& end) {
  const auto& user = end[Counter::user_seconds];
  const auto& system = end[Counter::system_seconds];
  return user && system ? EndCounters::Value(*user + *system) : EndCounters::Value();
}

/// Did other users of the PMU keep the hardware events from counting all the time, so that they were scaled?
[[nodiscard]] inline bool is_scaled(const EndCounters& end) {
  const auto& enabled = end[Counter::hardware_enabled_seconds];
  const auto& counting = end[Counter::hardware_counting_seconds];
  return enabled && counting && *counting < *enabled;
}

}  // namespace pipebench
