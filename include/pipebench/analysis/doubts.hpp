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
  bool takes_turns = false;      ///< figures are prices, medians over turns that single switches do not change
  bool slow_lack_cpus = false;   ///< slow samples lost their CPUs more often, or waited longer for them
  double waiting = 0;            ///< share of the time in which a thread was ready and had no CPU
  bool once = false;             ///< another program's bytes come once: there will be no more samples
  bool has_conditions = true;    ///< they were recorded
  bool met_others = false;       ///< another pipebench measured on the same CPUs
  double overrun = 1;            ///< how long samples took (median), relative to their --time
  bool drains_long = false;      ///< buffers and pipe hold as much as --time moves: sending that out takes long
  bool is_explained = false;     ///< a condition goes with the figures of the samples
  double sleeps_per_second = 0;  ///< voluntary switches of a thread on the worse side; 0 where ends do not wait so
  /// Half the width of the ratio's interval, relative to the ratio; infinite without one.
  double ratio_precision = std::numeric_limits<double>::infinity();
};

/// `figures` are those of a case's samples: speeds, or prices. At most one doubt is about their spread, and only with
/// two groups, as is_bimodal() tells them, or a wide interval: half its width is more than 5 % of the median (with
/// fewer than 6 samples there is none). The first of these that holds:
/// - others: another pipebench measured on the same CPUs;
/// - conditions: a condition goes with the figures;
/// - two groups: there are;
/// - interrupted: slow samples lacked their CPUs, and there are as many switches as below, or 1000 sleeps a second; or,
///   with so many sleeps, threads waited for a CPU for more than a tenth of the time (a VM with 2 CPUs to itself: 1 %);
/// - sleeping: 1000 sleeps a second or more;
/// - a wide interval, and no ratio that is known within 5 %: so a speed that varies is in no doubt where the ratio, by
///   which cases are compared, does not.
/// Where no conditions were recorded, that is said in place of two groups and of a wide interval.
///
/// The others: fewer than 6 samples, or a single one of what comes once; interrupted, with more than 100 involuntary
/// switches a second, and more than 10 over all samples, where one for each sample, which its beginning or end may
/// take, is not counted (not where ends share a CPU, nor for prices in no doubt by the above); samples that took more
/// than twice their time, as draining takes long or for a reason that is not known. Throws std::invalid_argument when
/// there are no figures.
[[nodiscard]] std::vector<Doubt> doubts_about(std::span<const double> figures, const Evidence& evidence);

}  // namespace pipebench
