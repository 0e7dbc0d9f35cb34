#include "pipebench/analysis/figures.hpp"

#include <algorithm>
#include <cmath>

#include "pipebench/analysis/summary.hpp"

namespace pipebench {

std::optional<double> figure_of(const Sample& sample) {
  const bool takes_turns = sample.writer_turns.count.has_value();
  const std::optional<double> figure = takes_turns ? sample.turns_ns_per_page() : sample.gib_per_second();
  return figure && std::isfinite(*figure) && *figure > 0 ? figure : std::nullopt;
}

std::vector<RoundSpeed> figures_of(const CaseResult& result) {
  std::vector<RoundSpeed> figures;
  for (const Sample& sample : counted_samples(result)) {
    if (const std::optional<double> figure = figure_of(sample))
      figures.push_back({.round = sample.round, .speed = *figure});
  }
  std::ranges::stable_sort(figures, {}, &RoundSpeed::round);
  return figures;
}

std::optional<Ratio> ratio_to(const CaseResult& baseline, const CaseResult& result, double independent_share) {
  const std::vector<RoundPair> pairs = pairs_of_rounds(figures_of(result), figures_of(baseline));
  if (pairs.empty()) return std::nullopt;
  return median_ratio(pairs, 0.95, independent_share);
}

}  // namespace pipebench
