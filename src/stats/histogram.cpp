#include "pipebench/stats/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace pipebench {

double Histogram::quantile(double share) const noexcept {
  // Which of the values, in order, from 1 on.
  const auto rank =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_))));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const std::uint64_t here = counts_[i];
    if (below + here >= rank) return value_in(i, (static_cast<double>(rank - below) - 0.5) / static_cast<double>(here));
    below += here;
  }
  return 0;
}

void Histogram::add(const Histogram& more) noexcept { add_counts(more.counts_); }

void Histogram::add_counts(const std::vector<std::uint64_t>& counts) noexcept {
  std::ranges::transform(counts_, counts, counts_.begin(), std::plus<>());
  total_ += std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void Histogram::clear() noexcept {
  std::ranges::fill(counts_, 0);
  total_ = 0;
}

// The inverse of index_of(): the first two powers share a scale.
double Histogram::value_in(std::size_t index, double share) noexcept {
  const std::size_t shift = index < 2 * per_power ? 0 : index / per_power - 1;
  const double width = std::ldexp(1, static_cast<int>(shift));
  return static_cast<double>(index - shift * per_power) * width + share * (width - 1);
}

}  // namespace pipebench
