// When a figure should not be taken as it is.
#pragma once

#include <span>
#include <vector>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// What speaks against a set of samples besides their spread.
struct Disturbance {
  double switches_per_second = 0;  ///< times the CPU was taken from a thread, on the worse side, over all samples
  double switches_per_sample = 0;  ///< likewise
  bool share_cpus = false;         ///< ends share a CPU with each other: switches are the point, not noise
  double overrun = 1;              ///< how long samples took (median), relative to how long they were to take
};

/// Of the speeds of a case's samples: two groups, an interval wider than +-5 % of the median, fewer than 6 samples (no
/// 95 % interval), more than 100 involuntary switches a second that are more than 10 a sample, too (to start and to end
/// a sample takes some), samples that took more than twice their time. Throws std::invalid_argument for no values.
[[nodiscard]] std::vector<Doubt> doubts_about(std::span<const double> speeds, const Disturbance& disturbance);

}  // namespace pipebench
