// By how much whole runs of the same thing differ: pure functions over the samples of one run, or of two.
#pragma once

#include <span>

namespace pipebench {

/// The least that run_spread() says, however alike the samples are. Eight runs of the prices of calls, whose samples
/// spread by 1 %, differed by up to 1.6 %.
inline constexpr double least_run_spread = 0.01;

/// How far the median of a run may be from that of the next run of the same thing, however many samples it has: a
/// standard deviation of its logarithm, 0.03 is about 3 %. As far as one sample from the others of the run (1.4826
/// times the median absolute deviation of their logarithms), and least_run_spread at least. One run cannot tell; that
/// this is enough was seen in runs that were recorded (docs/measuring.md, "Two runs"). Throws std::invalid_argument for
/// no values, and for values that are not positive and finite.
[[nodiscard]] double run_spread(std::span<const double> values);

/// The probability that the medians of two runs of the same thing lie at least so far apart, two-sided: normal, of the
/// logarithm of their ratio, with run_spread() of each and what chance adds to a median of so many samples. Throws as
/// above.
[[nodiscard]] double between_runs_p(std::span<const double> values, std::span<const double> references);

}  // namespace pipebench
