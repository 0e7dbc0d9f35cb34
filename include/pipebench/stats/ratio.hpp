// Ratios of figures that were measured in pairs, and how precise a set of figures is: pure functions over numbers.
#pragma once

#include <span>

#include "pipebench/stats/stats.hpp"

namespace pipebench {

/// Two figures of one round, in the same unit.
struct RoundPair {
  double value = 0;
  double reference = 0;
};

struct Ratio {
  double median = 0;  ///< of value / reference, pair by pair: not the ratio of the two medians
  Interval interval;  ///< of that median, without a unit
};

/// What disturbs a round disturbs both of its figures, so ratios of pairs spread less than either figure. The interval
/// is that of median_interval(): order statistics of the ratios, with its true coverage. Throws std::invalid_argument
/// for no pairs, and for figures that are not positive and finite.
[[nodiscard]] Ratio median_ratio(std::span<const RoundPair> pairs, double confidence = 0.95,
                                 double independent_share = 1);

/// Half the width of the interval of the median, relative to the median: 0.02 is +-2 %. Infinite when there are too few
/// values for such an interval (fewer than 6 for 0.95), and when the median is 0. Throws std::invalid_argument for
/// values that are not numbers.
[[nodiscard]] double precision_of(std::span<const double> values, double confidence = 0.95,
                                  double independent_share = 1);

}  // namespace pipebench
