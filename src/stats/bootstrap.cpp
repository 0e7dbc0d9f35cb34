#include "pipebench/stats/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
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

// Not the distributions of <random>, whose numbers differ between libraries.
double median_of_drawn(std::span<const double> values, std::mt19937_64& random, std::vector<double>& drawn) {
  drawn.resize(values.size());
  for (double& value : drawn) value = values[random() % values.size()];
  // As median() does, of which thousands would take too long.
  const auto middle = drawn.begin() + static_cast<std::ptrdiff_t>(drawn.size() / 2);
  std::nth_element(drawn.begin(), middle, drawn.end());
  return drawn.size() % 2 == 1 ? *middle : (*middle + *std::max_element(drawn.begin(), middle)) / 2;
}

// Standard normal (Box and Muller, 1958).
double normal(std::mt19937_64& random) {
  const auto uniform = [&] { return (static_cast<double>(random() >> 11U) + 0.5) * 0x1p-53; };
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

}  // namespace

Interval bootstrap_ratio_interval(std::span<const double> values, std::span<const double> references,
                                  std::uint64_t seed, RunSpreads runs, double confidence) {
  check(values);
  check(references);
  std::mt19937_64 random(seed);
  const double spread = std::hypot(runs.values, runs.references);
  std::vector<double> drawn;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < resamples; ++i) {
    const double value = median_of_drawn(values, random, drawn);
    const double ratio = value / median_of_drawn(references, random, drawn);
    ratios.push_back(spread > 0 ? ratio * std::exp(spread * normal(random)) : ratio);
  }
  std::ranges::sort(ratios);
  const auto tail = static_cast<std::size_t>(std::floor((1 - confidence) / 2 * resamples));
  return {.low = ratios[tail], .high = ratios[resamples - 1 - tail], .coverage = confidence};
}

}  // namespace pipebench
