#include "pipebench/analysis/doubts.hpp"

#include <optional>

#include "pipebench/stats/ratio.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

constexpr std::size_t least_for_interval = 6;
constexpr double widest_interval = 0.05;  // half of it, of the median
constexpr double many_sleeps_per_second = 1000;
constexpr double most_waiting = 0.1;
constexpr double most_switches_per_second = 100;
constexpr double most_switches = 10;  // however short the samples are
constexpr double most_overrun = 2;

/// How far apart the figures lie.
struct Spread {
  bool has_interval, is_wide, has_groups;
  [[nodiscard]] bool is_uncertain() const { return is_wide || has_groups; }
};

Spread spread_of(std::span<const double> figures) {
  const bool has_interval = figures.size() >= least_for_interval;
  return {.has_interval = has_interval,
          .is_wide = has_interval && precision_of(figures) > widest_interval,
          .has_groups = is_bimodal(figures)};
}

bool is_switched_often(std::size_t samples, const Evidence& evidence) {
  const double switches = evidence.switches - static_cast<double>(samples);  // beginning or ending one may take one
  return !evidence.share_cpus && switches > most_switches && switches > most_switches_per_second * evidence.seconds;
}

// A sleeper is rarely switched away: it waits for a CPU when it wakes.
std::optional<Doubt> doubt_about_spread(std::size_t samples, const Spread& spread, const Evidence& evidence) {
  const auto unexplained = [&](Doubt doubt) { return evidence.has_conditions ? doubt : Doubt::no_conditions; };
  const bool sleeps = evidence.sleeps_per_second >= many_sleeps_per_second;
  if (!spread.is_uncertain()) return std::nullopt;
  if (evidence.met_others) return Doubt::others;
  if (evidence.is_explained) return Doubt::conditions;
  if (spread.has_groups) return unexplained(Doubt::two_groups);
  if (sleeps && evidence.waiting > most_waiting) return Doubt::interrupted;
  if (evidence.slow_lack_cpus && (sleeps || is_switched_often(samples, evidence))) return Doubt::interrupted;
  if (sleeps) return Doubt::sleeping;
  return evidence.ratio_precision > widest_interval ? std::optional(unexplained(Doubt::wide_interval)) : std::nullopt;
}

// A price is the median of many turns, which single switches do not change.
bool is_interrupted(std::size_t samples, const Spread& spread, const Evidence& evidence) {
  const bool is_certain = evidence.takes_turns && spread.has_interval && !spread.is_uncertain();
  return !is_certain && is_switched_often(samples, evidence);
}

}  // namespace

std::vector<Doubt> doubts_about(std::span<const double> figures, const Evidence& evidence) {
  const Spread spread = spread_of(figures);
  std::vector<Doubt> doubts;
  if (const auto doubt = doubt_about_spread(figures.size(), spread, evidence)) doubts.push_back(*doubt);
  if (!spread.has_interval) doubts.push_back(evidence.once ? Doubt::once : Doubt::few_samples);
  const bool is_said = doubts == std::vector{Doubt::interrupted} || doubts == std::vector{Doubt::others};
  if (!is_said && is_interrupted(figures.size(), spread, evidence)) doubts.push_back(Doubt::interrupted);
  if (evidence.overrun > most_overrun) doubts.push_back(evidence.drains_long ? Doubt::draining : Doubt::overrun);
  return doubts;
}

}  // namespace pipebench
