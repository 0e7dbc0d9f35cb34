#include "pipebench/stats/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

namespace pipebench {
namespace {

constexpr std::size_t resamples = 4000;

void check(std::span<const double> values) {
  const bool sound = std::ranges::all_of(values, [](double x) { return std::isfinite(x) && x > 0; });
  if (values.empty() || !sound) throw std::invalid_argument("a ratio of figures that are not positive and finite");
}

// Not std::uniform_int_distribution, whose numbers differ between libraries.
double median_of_drawn(std::span<const double> values, std::mt19937_64& random, std::vector<double>& drawn) {
  drawn.resize(values.size());
  for (double& value : drawn) value = values[random() % values.size()];
  return median(drawn);
}

}  // namespace

Interval bootstrap_ratio_interval(std::span<const double> values, std::span<const double> references,
                                  std::uint64_t seed, double confidence) {
  check(values);
  check(references);
  std::mt19937_64 random(seed);
  std::vector<double> drawn;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < resamples; ++i) {
    const double value = median_of_drawn(values, random, drawn);
    ratios.push_back(value / median_of_drawn(references, random, drawn));
  }
  std::ranges::sort(ratios);
  const auto tail = static_cast<std::size_t>(std::floor((1 - confidence) / 2 * resamples));
  return {.low = ratios[tail], .high = ratios[resamples - 1 - tail], .coverage = confidence};
}

}  // namespace pipebench
