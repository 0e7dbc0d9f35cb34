// Under which conditions a sample was taken: one line in the table for each figure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pipebench/base/named.hpp"
#include "pipebench/model/counters.hpp"

namespace pipebench {

/// Of one sample. An empty value could not be had. Of several streams: of the first, but totals over the sample, which
/// are of all.
struct Conditions {
  std::optional<double> handover_ns_before = {}, handover_ns_after = {};
  std::optional<double> writer_ns_per_add = {}, reader_ns_per_add = {};
  std::optional<double> steal_seconds = {};
  std::optional<double> involuntary_switches = {};
  std::optional<double> run_queue_seconds = {};
  std::optional<double> writer_frequency_hz = {}, reader_frequency_hz = {};
};

/// What samples are told apart by; one of them may have been read twice, before the sample and after it.
enum class Condition : std::uint8_t {
  handover,
  writer_speed,
  reader_speed,
  steal,
  switches,
  run_queue,
  writer_frequency,
  reader_frequency,
};

template <>
inline constexpr std::array<Named<Condition>, 8> names<Condition>{{
    {Condition::handover, "handover_ns"},
    {Condition::writer_speed, "writer_ns_per_add"},
    {Condition::reader_speed, "reader_ns_per_add"},
    {Condition::steal, "steal_seconds"},
    {Condition::switches, "involuntary_switches"},
    {Condition::run_queue, "run_queue_seconds"},
    {Condition::writer_frequency, "writer_frequency_hz"},
    {Condition::reader_frequency, "reader_frequency_hz"},
}};

/// Samples that were taken under about the same condition.
struct ConditionGroup {
  std::size_t count = 0;
  double condition = 0;   ///< median, in the unit of condition_table; of a total, per second of the sample
  double figure = 0;      ///< median: GiB/s, or a price
  bool is_price = false;  ///< nanoseconds per 4 KiB of both ends together
};

/// "6 samples with the CPUs 40 ns apart: 65 GiB/s; 4 with 185 ns: 40.5". Which of the two is faster is for the
/// figures to say.
struct Explanation {
  Condition condition = Condition::handover;
  ConditionGroup low, high;   ///< by the condition's value
  std::size_t undecided = 0;  ///< samples in neither: the condition changed meanwhile, or is not known of them
};

struct ConditionInfo {
  std::string_view name;  ///< the key in the results
  std::optional<double> Conditions::*value;
  Condition condition;
  Unit unit;  ///< counts are whole numbers
  /// Differences below this are never taken for other conditions, in that unit; of a total, per second of the sample.
  double least_difference;
  /// Of a total over the sample, which is compared per second of it: what a clock tick, or chance, makes in a single
  /// sample, in that unit. 0: it is no total, but how the CPUs were.
  double least_in_sample = 0;
  std::string_view meaning;    ///< for docs/output.md
  std::string_view null_when;  ///< likewise
  [[nodiscard]] constexpr bool is_total() const { return least_in_sample > 0; }
};

inline constexpr std::string_view conditions_off = "`--conditions off`";
inline constexpr std::string_view handover_meaning =
    "how long a cache line takes from one end's CPU to the other's, one way, the smallest of several batches";
inline constexpr std::string_view no_handover =
    "`--conditions off`, both ends run on one CPU, or one of them lost its CPU for too long";
inline constexpr std::string_view add_meaning =
    "how long one add takes that needs the result of the one before, which is one cycle; the smallest of several "
    "batches, and the mean of before and after the sample";
inline constexpr std::string_view frequency_meaning = "clock rate of its CPU after the sample, as the driver tells it";
inline constexpr std::string_view no_frequency = "`--conditions off`, the CPU has no cpufreq driver, or is not pinned";

/// In the order of the results. The readings of one condition stand together.
inline constexpr std::array<ConditionInfo, 9> condition_table{{
    {.name = "handover_ns_before",
     .value = &Conditions::handover_ns_before,
     .condition = Condition::handover,
     .unit = Unit::nanoseconds,
     .least_difference = 15,
     .meaning = handover_meaning,
     .null_when = no_handover},
    {.name = "handover_ns_after",
     .value = &Conditions::handover_ns_after,
     .condition = Condition::handover,
     .unit = Unit::nanoseconds,
     .least_difference = 15,
     .meaning = handover_meaning,
     .null_when = no_handover},
    {.name = "writer_ns_per_add",
     .value = &Conditions::writer_ns_per_add,
     .condition = Condition::writer_speed,
     .unit = Unit::nanoseconds,
     .least_difference = 0,
     .meaning = add_meaning,
     .null_when = conditions_off},
    {.name = "reader_ns_per_add",
     .value = &Conditions::reader_ns_per_add,
     .condition = Condition::reader_speed,
     .unit = Unit::nanoseconds,
     .least_difference = 0,
     .meaning = add_meaning,
     .null_when = conditions_off},
    {.name = "steal_seconds",
     .value = &Conditions::steal_seconds,
     .condition = Condition::steal,
     .unit = Unit::seconds,
     .least_difference = 0.02,
     .least_in_sample = 0.015,
     .meaning = "time in which both ends' CPUs were ready and the hypervisor ran something else, in ticks of mostly 10 "
                "ms; 0 on bare metal, and where the hypervisor does not tell",
     .null_when = "`--conditions off`, or an end is not pinned"},
    {.name = "involuntary_switches",
     .value = &Conditions::involuntary_switches,
     .condition = Condition::switches,
     .unit = Unit::count,
     .least_difference = 20,
     .least_in_sample = 5,
     .meaning = "times the CPU was taken from a thread, writers and readers together",
     .null_when = conditions_off},
    {.name = "run_queue_seconds",
     .value = &Conditions::run_queue_seconds,
     .condition = Condition::run_queue,
     .unit = Unit::seconds,
     .least_difference = 0.05,
     .least_in_sample = 0.005,
     .meaning = "how long threads were ready to run and waited for a CPU, writers and readers together: the second "
                "figure of /proc/thread-self/schedstat",
     .null_when = "`--conditions off`, or the kernel does not tell (CONFIG_SCHED_INFO)"},
    {.name = "writer_frequency_hz",
     .value = &Conditions::writer_frequency_hz,
     .condition = Condition::writer_frequency,
     .unit = Unit::hertz,
     .least_difference = 0,
     .meaning = frequency_meaning,
     .null_when = no_frequency},
    {.name = "reader_frequency_hz",
     .value = &Conditions::reader_frequency_hz,
     .condition = Condition::reader_frequency,
     .unit = Unit::hertz,
     .least_difference = 0,
     .meaning = frequency_meaning,
     .null_when = no_frequency},
}};

}  // namespace pipebench
