#include "pipebench/stats/ratio.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace pipebench {
namespace {

bool is_figure(double value) { return std::isfinite(value) && value > 0; }

}  // namespace

Ratio median_ratio(std::span<const RoundPair> pairs, double confidence, double independent_share) {
  std::vector<double> ratios;
  ratios.reserve(pairs.size());
  for (const RoundPair& pair : pairs) {
    if (!is_figure(pair.value) || !is_figure(pair.reference))
      throw std::invalid_argument("a ratio of figures that are not positive and finite");
    ratios.push_back(pair.value / pair.reference);
  }
  return {.median = median(ratios), .interval = median_interval(ratios, confidence, independent_share)};
}

double precision_of(std::span<const double> values, double confidence, double independent_share) {
  constexpr double unknown = std::numeric_limits<double>::infinity();
  if (values.empty()) return unknown;
  const Interval interval = median_interval(values, confidence, independent_share);
  const double centre = std::abs(median(values));
  if (interval.coverage < confidence || centre == 0) return unknown;
  return (interval.high - interval.low) / 2 / centre;
}

}  // namespace pipebench
