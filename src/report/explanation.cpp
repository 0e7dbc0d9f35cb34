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
    "The clock of a CPU changed meanwhile; compare ratios, or fix it (`cpupower frequency-set -g performance`).";

struct Words {
  Condition condition;
  std::string_view first;   ///< with the value in place of {}
  std::string_view second;  ///< the same, shorter
  double scale;             ///< from the condition's unit to the one shown
  int digits;               ///< behind the point
  std::string_view advice;
};

constexpr std::array<Words, names<Condition>.size()> words{{
    {Condition::handover, "the CPUs {} ns apart", "{} ns", 1, 0,
     "How far apart the two CPUs are changed meanwhile, as it does when a hypervisor moves them; compare ratios."},
    {Condition::writer_speed, "the writer's CPU at {} ns an add", "{} ns", 1, 2, change_of_clock},
    {Condition::reader_speed, "the reader's CPU at {} ns an add", "{} ns", 1, 2, change_of_clock},
    {Condition::steal, "{} s taken by the hypervisor", "{} s", 1, 2,
     "The hypervisor ran something else on the CPUs meanwhile; compare ratios, or quieten the host."},
    {Condition::switches, "{} involuntary switches", "{}", 1, 0,
     "Other work had the CPUs meanwhile; stop it, or choose other CPUs (--cpus)."},
    {Condition::writer_frequency, "the writer's CPU at {} GHz", "{} GHz", 1e-9, 2, change_of_clock},
    {Condition::reader_frequency, "the reader's CPU at {} GHz", "{} GHz", 1e-9, 2, change_of_clock},
}};

const Words& words_of(Condition condition) { return *std::ranges::find(words, condition, &Words::condition); }

std::string with_value(std::string_view pattern, double value, const Words& of) {
  return fmt::format(fmt::runtime(pattern), fmt::format("{:.{}f}", value * of.scale, of.digits));
}

}  // namespace

std::string explanation_text(const Explanation& explanation) {
  const Words& of = words_of(explanation.condition);
  const bool low_first = explanation.low.count >= explanation.high.count;
  const ConditionGroup& first = low_first ? explanation.low : explanation.high;
  const ConditionGroup& second = low_first ? explanation.high : explanation.low;
  const std::string rest = explanation.undecided == 0 ? "" : fmt::format("; {} undecided", explanation.undecided);
  return fmt::format("{} with {}: {} GiB/s; {} with {}: {}{}.", counted(first.count, "sample"),
                     with_value(of.first, first.condition, of), three_digits(first.speed), second.count,
                     with_value(of.second, second.condition, of), three_digits(second.speed), rest);
}

std::string advice_on(Condition condition) { return std::string(words_of(condition).advice); }

}  // namespace pipebench
