// Statistics of the harness: pure functions over numbers.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pipebench {

struct Interval {
  double low = 0;
  double high = 0;
  double coverage = 0;  ///< probability that it holds the true median, whatever the distribution
};

/// The middle value, or the mean of the two. Throws std::invalid_argument for no values (as all below do).
[[nodiscard]] double median(std::span<const double> values);

/// Median absolute deviation, unscaled.
[[nodiscard]] double median_absolute_deviation(std::span<const double> values);

/// The narrowest symmetric pair of order statistics that covers the median with at least `confidence`;
/// the whole range, with its true coverage, when n is too small for that (n < 6 for 0.95). Exact for independent
/// values: binomial(n, 1/2). With a smaller `independent_share` (above 0, at most 1; see there) as if n and ranks were
/// smaller by that much.
[[nodiscard]] Interval median_interval(std::span<const double> values, double confidence = 0.95,
                                       double independent_share = 1);

/// Jain's fairness index of shares (Jain, Chiu and Hawe, 1984): 1 when all are equal, 1/n when one has everything.
[[nodiscard]] double fairness(std::span<const double> shares);

/// Indices of the values with a modified z-score (0.6745 |x - median| / MAD) above 3.5 (Iglewicz and Hoaglin, 1993).
/// None when the MAD is 0.
[[nodiscard]] std::vector<std::size_t> outliers(std::span<const double> values);

/// Two clusters? True when the largest gap between neighbours in order leaves at least a fifth of the values (and two)
/// on each side, the cluster medians differ by more than 15 %, and the gap is at least 3 times the larger cluster's own
/// range.
[[nodiscard]] bool is_bimodal(std::span<const double> values);

}  // namespace pipebench
