// When a figure should not be taken at face value.
#pragma once

#include <span>
#include <vector>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// What speaks against a set of samples, besides their spread.
struct Disturbance {
  double switches_per_second = 0;  ///< involuntary, of a thread on the worse side, over all samples
  double switches_per_sample = 0;  ///< likewise
  bool share_cpus = false;         ///< ends share a CPU with each other: switches are the point, not noise
  double overrun = 1;              ///< how long samples took (median), relative to their --time
};

/// `speeds` are those of a case's samples. Doubts are: two groups; an interval that reaches more than 5 % from the
/// median; fewer than 6 samples (no 95 % interval); more than 100 involuntary switches a second, if they are also more
/// than 10 a sample (starting and ending one takes some); samples that took more than twice their time. Throws
/// std::invalid_argument when there are no speeds.
[[nodiscard]] std::vector<Doubt> doubts_about(std::span<const double> speeds, const Disturbance& disturbance);

}  // namespace pipebench
