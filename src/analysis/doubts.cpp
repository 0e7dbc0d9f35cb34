#include "pipebench/analysis/doubts.hpp"

#include <optional>

#include "pipebench/stats/ratio.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

constexpr std::size_t least_for_interval = 6;
constexpr double widest_interval = 0.05;  // half of it, of the median
constexpr double many_sleeps_per_second = 1000;
constexpr double most_switches_per_second = 100;
constexpr double most_switches = 10;  // however short the samples are
constexpr double most_overrun = 2;

bool is_interrupted(std::size_t samples, const Evidence& evidence) {
  const double switches = evidence.switches - static_cast<double>(samples);  // beginning or ending one may take one
  return !evidence.share_cpus && switches > most_switches && switches > most_switches_per_second * evidence.seconds;
}

std::optional<Doubt> doubt_about_spread(std::span<const double> figures, const Evidence& evidence) {
  const bool has_interval = figures.size() >= least_for_interval;
  const bool is_wide = has_interval && precision_of(figures) > widest_interval;
  const bool has_groups = is_bimodal(figures);
  if (evidence.is_explained && (is_wide || has_groups)) return Doubt::conditions;
  if (has_groups) return Doubt::two_groups;
  if (is_wide && evidence.sleeps_per_second >= many_sleeps_per_second) return Doubt::sleeping;
  const bool has_reason = is_interrupted(figures.size(), evidence);
  if (is_wide && evidence.ratio_precision > widest_interval && !has_reason) return Doubt::wide_interval;
  return std::nullopt;
}

}  // namespace

std::vector<Doubt> doubts_about(std::span<const double> figures, const Evidence& evidence) {
  std::vector<Doubt> doubts;
  if (const auto doubt = doubt_about_spread(figures, evidence)) doubts.push_back(*doubt);
  if (figures.size() < least_for_interval) doubts.push_back(Doubt::few_samples);
  if (is_interrupted(figures.size(), evidence)) doubts.push_back(Doubt::interrupted);
  if (evidence.overrun > most_overrun) doubts.push_back(evidence.drains_long ? Doubt::draining : Doubt::overrun);
  return doubts;
}

}  // namespace pipebench
