// Intervals of figures that have no formula of their own: a pure function over numbers.
#pragma once

#include <cstdint>
#include <span>

#include "pipebench/stats/stats.hpp"

namespace pipebench {

/// By how much medians differ from run to run of the same thing, as run_spread() says it; 0: not at all.
struct RunSpreads {
  double values = 0, references = 0;
};

/// Percentile interval of median(values) / median(references), for two sets that were not measured in pairs (Efron and
/// Tibshirani, 1993, chapter 13): both are drawn anew 4000 times, each from its own values, and moved by what whole
/// runs differ by (normal, of the logarithm). The same numbers and seed give the same interval on every machine.
/// `coverage` is `confidence`, which is what it comes to for many values; with ten on each side it is a little less.
/// Throws std::invalid_argument when a set is empty or has a value that is not positive and finite.
[[nodiscard]] Interval bootstrap_ratio_interval(std::span<const double> values, std::span<const double> references,
                                                std::uint64_t seed, RunSpreads runs = {}, double confidence = 0.95);

}  // namespace pipebench
