#include "pipebench/stats/stats.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <stdexcept>

namespace pipebench {
namespace {

using Values = std::span<const double>;

constexpr double outlier_score = 3.5;
constexpr double normal_scale = 0.6745;  // the MAD of a standard normal distribution

[[nodiscard]] std::vector<double> sorted(Values values) {
  if (values.empty()) throw std::invalid_argument("statistics of no values");
  // NaN cannot be ordered: with it, std::sort has undefined behaviour.
  if (std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); })) {
    throw std::invalid_argument("statistics of a value that is not a number");
  }
  std::vector<double> copy(values.begin(), values.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

[[nodiscard]] double middle(Values ordered) {
  const std::size_t half = ordered.size() / 2;
  return ordered.size() % 2 == 1 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2;
}

/// Probability that the median lies between the rank-th smallest and the rank-th largest of n values: it does not if
/// fewer than `rank` of them fall on one side of it, and each independent value falls on either side like a tossed
/// coin. The binomial distribution is defined for fractions, too (by the incomplete beta function).
[[nodiscard]] double coverage(std::size_t n, std::size_t rank, double share) {
  const boost::math::binomial_distribution<double> coin(static_cast<double>(n) * share, 0.5);
  return 1 - 2 * boost::math::cdf(coin, static_cast<double>(rank - 1) * share);
}

[[nodiscard]] double range(Values ordered) { return ordered.back() - ordered.front(); }

/// Where the values above the largest gap begin.
[[nodiscard]] std::size_t after_largest_gap(Values ordered) {
  std::size_t best = 1;
  for (std::size_t i = 2; i < ordered.size(); ++i) {
    if (ordered[i] - ordered[i - 1] > ordered[best] - ordered[best - 1]) best = i;
  }
  return best;
}

}  // namespace

double median(Values values) { return middle(sorted(values)); }

double median_absolute_deviation(Values values) {
  const double centre = median(values);
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double value : values) deviations.push_back(std::abs(value - centre));
  return median(deviations);
}

Interval median_interval(Values values, double confidence, double independent_share) {
  const std::vector<double> ordered = sorted(values);
  const std::size_t n = ordered.size();
  std::size_t rank = 1;
  while (rank < (n + 1) / 2 && coverage(n, rank + 1, independent_share) >= confidence) ++rank;
  return {ordered[rank - 1], ordered[n - rank], coverage(n, rank, independent_share)};
}

double fairness(Values shares) {
  if (shares.empty()) throw std::invalid_argument("statistics of no values");
  double sum = 0;
  double squares = 0;
  for (const double share : shares) {
    sum += share;
    squares += share * share;
  }
  return squares == 0 ? 1 : sum * sum / (static_cast<double>(shares.size()) * squares);
}

std::vector<std::size_t> outliers(Values values) {
  const double centre = median(values);
  const double mad = median_absolute_deviation(values);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < values.size() && mad > 0; ++i) {
    if (normal_scale * std::abs(values[i] - centre) / mad > outlier_score) found.push_back(i);
  }
  return found;
}

bool is_bimodal(Values values) {
  const std::vector<double> ordered = sorted(values);
  if (ordered.size() < 4) return false;
  const std::size_t split = after_largest_gap(ordered);
  const Values low = Values(ordered).first(split);
  const Values high = Values(ordered).subspan(split);

  const std::size_t smaller = std::min(low.size(), high.size());
  const bool both_count = smaller >= 2 && smaller * 5 >= ordered.size();
  const bool far_apart = middle(high) > 1.15 * middle(low);
  const bool both_tight = high.front() - low.back() >= 3 * std::max(range(low), range(high));
  return both_count && far_apart && both_tight;
}

}  // namespace pipebench
