#include "pipebench/stats/autocorrelation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace pipebench {
namespace {

constexpr std::size_t least_in_series = 8;
constexpr std::size_t least_in_all = 60;
constexpr double most_alike = 0.9;

// Each value's place among the others; equal values share the mean of their places.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<double> ordered = values;
  std::ranges::sort(ordered);
  std::vector<double> ranks;
  ranks.reserve(values.size());
  for (const double value : values) {
    const auto [first, last] = std::equal_range(ordered.begin(), ordered.end(), value);
    ranks.push_back(static_cast<double>((first - ordered.begin()) + (last - ordered.begin()) - 1) / 2);
  }
  return ranks;
}

// -1 to 1; 0 where all are equal. Without its bias it may lie outside.
double autocorrelation(const std::vector<double>& values) {
  const std::vector<double> ranks = ranks_of(values);
  const auto n = static_cast<double>(ranks.size());
  const double mean = std::accumulate(ranks.begin(), ranks.end(), 0.0) / n;
  double together = 0;
  double alone = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    alone += (ranks[i] - mean) * (ranks[i] - mean);
    if (i > 0) together += (ranks[i] - mean) * (ranks[i - 1] - mean);
  }
  return alone > 0 ? (n * together / alone + 1) / (n - 3) : 0;
}

}  // namespace

double independent_share(std::span<const std::vector<double>> series) {
  double sum = 0;
  std::size_t figures = 0;
  for (const std::vector<double>& values : series) {
    if (values.size() < least_in_series) continue;
    sum += static_cast<double>(values.size()) * autocorrelation(values);
    figures += values.size();
  }
  if (figures < least_in_all) return 1;
  const double alike = std::clamp(sum / static_cast<double>(figures), 0.0, most_alike);

  double inflation = 1;
  for (double power = alike; power > 0.001; power *= alike) inflation += 4 / std::numbers::pi * std::asin(power);
  return 1 / inflation;
}

}  // namespace pipebench
