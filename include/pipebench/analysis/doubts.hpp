// When a figure should not be taken at face value.
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// What is known of a case besides the spread of its samples.
struct Evidence {
  double switches = 0;           ///< involuntary, of a thread on the worse side, over all samples
  double seconds = 0;            ///< in which they happened
  bool share_cpus = false;       ///< ends share a CPU with each other: switches are the point, not noise
  double overrun = 1;            ///< how long samples took (median), relative to their --time
  bool drains_long = false;      ///< buffers and pipe hold as much as --time moves: sending that out takes long
  bool is_explained = false;     ///< a condition goes with the figures of the samples
  double sleeps_per_second = 0;  ///< voluntary switches of a thread on the worse side; 0 where ends do not wait so
  /// Half the width of the ratio's interval, relative to the ratio; infinite without one.
  double ratio_precision = std::numeric_limits<double>::infinity();
};

/// `figures` are those of a case's samples: speeds, or prices. At most one doubt is about their spread, the first of
/// these that holds:
/// - conditions: two groups or a wide interval, and a condition goes with the figures;
/// - two groups, as is_bimodal() tells them;
/// - sleeping: a wide interval, and 1000 sleeps a second or more;
/// - a wide interval, no ratio that is known better, and no switches, below, that would be the reason.
/// An interval is wide when half its width is more than 5 % of the median; with fewer than 6 samples there is none. So
/// a speed that varies is in no doubt where the ratio, by which cases are compared, does not.
///
/// The others: fewer than 6 samples; more than 100 involuntary switches a second, and more than 10 over all samples,
/// where one for each sample, which its beginning or end may take, is not counted; samples that took more than twice
/// their time, as draining takes long or for a reason that is not known. Throws std::invalid_argument when there are no
/// figures.
[[nodiscard]] std::vector<Doubt> doubts_about(std::span<const double> figures, const Evidence& evidence);

}  // namespace pipebench
