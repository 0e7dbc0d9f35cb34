#include "report/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "pipebench/base/plural.hpp"
#include "report/figures.hpp"

namespace pipebench {
namespace {

constexpr std::string_view change_of_clock =
    "The clock of a CPU changed during the run; fix it (`cpupower frequency-set -g performance`).";
constexpr std::string_view other_work = "Other work had the CPUs meanwhile; stop it, or choose other CPUs (--cpus).";
constexpr std::string_view writers = "the writer's CPU", first_writers = "the writer's CPU in stream 0";
constexpr std::string_view readers = "the reader's CPU", first_readers = "the reader's CPU in stream 0";

struct Words {
  Condition condition;
  std::string_view whose;  ///< before `first`; of several streams, those that are conditions of the first say so
  std::string_view whose_of_streams;
  std::string_view first;   ///< with the value in place of {}
  std::string_view second;  ///< the same, shorter
  double scale;             ///< from the condition's unit to the one shown
  int digits;               ///< behind the point
  std::string_view advice;
};

constexpr std::array<Words, names<Condition>.size()> words{{
    {.condition = Condition::handover,
     .whose = "the CPUs",
     .whose_of_streams = "stream 0's CPUs",
     .first = " {} ns apart",
     .second = "{} ns",
     .scale = 1,
     .digits = 0,
     .advice = "The distance between the two CPUs changed during the run, as it does when a hypervisor moves them; "
               "take such samples anew (--steady)."},
    {.condition = Condition::writer_speed,
     .whose = writers,
     .whose_of_streams = first_writers,
     .first = " at {} ns an add",
     .second = "{} ns",
     .scale = 1,
     .digits = 2,
     .advice = change_of_clock},
    {.condition = Condition::reader_speed,
     .whose = readers,
     .whose_of_streams = first_readers,
     .first = " at {} ns an add",
     .second = "{} ns",
     .scale = 1,
     .digits = 2,
     .advice = change_of_clock},
    {.condition = Condition::steal,
     .whose = "",
     .whose_of_streams = "",
     .first = "{} % of a CPU taken by the hypervisor",
     .second = "{} %",
     .scale = 100,
     .digits = 0,
     .advice = "The hypervisor ran something else on the CPUs meanwhile; quieten the host."},
    {.condition = Condition::switches,
     .whose = "",
     .whose_of_streams = "",
     .first = "{} involuntary switches a second",
     .second = "{}",
     .scale = 1,
     .digits = 0,
     .advice = other_work},
    {.condition = Condition::run_queue,
     .whose = "",
     .whose_of_streams = "",
     .first = "{} ms a second of waiting for a CPU",
     .second = "{} ms",
     .scale = 1e3,
     .digits = 0,
     .advice = other_work},
    {.condition = Condition::writer_frequency,
     .whose = writers,
     .whose_of_streams = first_writers,
     .first = " at {} GHz",
     .second = "{} GHz",
     .scale = 1e-9,
     .digits = 2,
     .advice = change_of_clock},
    {.condition = Condition::reader_frequency,
     .whose = readers,
     .whose_of_streams = first_readers,
     .first = " at {} GHz",
     .second = "{} GHz",
     .scale = 1e-9,
     .digits = 2,
     .advice = change_of_clock},
}};

const Words& words_of(Condition condition) { return *std::ranges::find(words, condition, &Words::condition); }

std::string with_value(std::string_view pattern, double value, const Words& of) {
  return fmt::format(fmt::runtime(pattern), fmt::format("{:.{}f}", value * of.scale, of.digits));
}

}  // namespace

std::string explanation_text(const Explanation& explanation, bool several_streams) {
  const Words& of = words_of(explanation.condition);
  const bool low_first = explanation.low.count >= explanation.high.count;
  const ConditionGroup& first = low_first ? explanation.low : explanation.high;
  const ConditionGroup& second = low_first ? explanation.high : explanation.low;
  const std::string rest = explanation.undecided == 0 ? "" : fmt::format("; {} undecided", explanation.undecided);
  return fmt::format("{} with {}{}: {} {}; {} with {}: {}{}.", counted(first.count, "sample"),
                     several_streams ? of.whose_of_streams : of.whose, with_value(of.first, first.condition, of),
                     three_digits(first.figure), first.is_price ? "ns per 4 KiB" : "GiB/s", second.count,
                     with_value(of.second, second.condition, of), three_digits(second.figure), rest);
}

std::string condition_text(Condition condition, double value) {
  const Words& of = words_of(condition);
  return std::string(of.whose) + with_value(of.first, value, of);
}

std::string advice_on(Condition condition) { return std::string(words_of(condition).advice); }

}  // namespace pipebench
