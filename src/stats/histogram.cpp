#include "pipebench/stats/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace pipebench {

double Histogram::quantile(double share) const noexcept {
  // Which of the values, in order, from 1 on.
  const auto rank =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size() && total_ > 0; ++i) {
    seen += counts_[i];
    if (seen >= rank) return middle_of(i);
  }
  return 0;
}

void Histogram::add(const Histogram& more) noexcept {
  std::ranges::transform(counts_, more.counts_, counts_.begin(), std::plus<>());
  total_ += more.total_;
}

void Histogram::clear() noexcept {
  std::ranges::fill(counts_, 0);
  total_ = 0;
}

// index_of() the other way round: the first two powers share a scale.
double Histogram::middle_of(std::size_t index) noexcept {
  const std::size_t shift = index < 2 * per_power ? 0 : index / per_power - 1;
  const auto low = static_cast<double>(index - shift * per_power);
  return shift == 0 ? low : std::ldexp(low + 0.5, static_cast<int>(shift)) - 0.5;
}

}  // namespace pipebench
