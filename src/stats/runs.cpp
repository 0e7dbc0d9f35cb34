#include "pipebench/stats/runs.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

using Values = std::span<const double>;

std::vector<double> logarithms(Values values) {
  std::vector<double> logs;
  for (const double value : values) {
    if (!std::isfinite(value) || value <= 0)
      throw std::invalid_argument("a spread of figures that are not positive and finite");
    logs.push_back(std::log(value));
  }
  return logs;
}

// A standard deviation that single samples do not decide.
double spread_of_samples(const std::vector<double>& logs) { return 1.4826 * median_absolute_deviation(logs); }

// Of the median's logarithm, from run to run. The variance of the median of n normal values is pi/2 that of their mean.
double variance(Values values) {
  const double samples = spread_of_samples(logarithms(values));
  const double run = run_spread(values);
  return run * run + std::numbers::pi / 2 * samples * samples / static_cast<double>(values.size());
}

}  // namespace

double run_spread(Values values) { return std::max(least_run_spread, spread_of_samples(logarithms(values))); }

double between_runs_p(Values values, Values references) {
  const double distance = std::abs(median(logarithms(values)) - median(logarithms(references)));
  const double deviation = std::sqrt(variance(values) + variance(references));
  return 2 * boost::math::cdf(boost::math::normal(), -distance / deviation);
}

}  // namespace pipebench
