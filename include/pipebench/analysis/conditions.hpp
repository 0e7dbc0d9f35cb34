// Which conditions go with how fast samples were: pure functions over recorded numbers.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// One sample of a case.
struct Observation {
  double speed = 0;  ///< GiB/s, or any other figure, such as a price: only compared
  Conditions conditions;
  double seconds = 1;  ///< that it took: totals over it are compared per second
};

/// Do any two threads of the case run on one CPU?
[[nodiscard]] bool share_cpus(const CaseSpec& spec);

/// What the sample of such a case can be compared by; its speed is left to the caller. Ends that take turns have one
/// CPU, so the reader's readings would be the writer's again. Threads that share a CPU wait for each other and take it
/// from each other: that is how they work, and says nothing about others.
[[nodiscard]] Observation observation_of(const CaseSpec& spec, const Sample& sample);

/// The condition that goes with two groups of samples, or with the one that falls out; empty where the samples do not
/// show it. Of each condition the samples are split wherever its values, in order, leave a gap of at least a quarter of
/// the value below it (and of the table's least difference; of a total, also of what one sample of median length may
/// have by chance). A split explains the speeds when their medians differ by
/// more than 5 %, and
/// - with at least 2 samples on each side: chance would separate the speeds so well with a probability below 5 %,
///   divided by the number of all such splits that differ (mann_whitney_p(); Bonferroni, since the more is tried, the
///   more fits by chance). 8 samples against 2 are told apart, and 4 against 4, but not 3 against 3;
/// - else, with a single sample on one side: that is the only outlier in speed (outliers()), and there are at least 5
///   samples for each such split.
/// Of several, the one that is least likely by chance; then, the one whose speeds differ most; then, in the table's
/// order.
[[nodiscard]] std::optional<Explanation> explain(std::span<const Observation> samples);

/// Indices, ascending, of samples that were taken under other conditions than most: of one of their readings, the
/// median of all samples' readings differs by a quarter of the smaller of the two or more (and by the least difference,
/// as above; a count also by 3 times the square root of the median count, which is what chance makes). A condition of
/// which that holds for half of the samples or more tells of no "most", and is left out; where it holds for half of
/// them of all conditions together, there are none. Speeds are not looked at: who chose samples by them would choose
/// the result.
[[nodiscard]] std::vector<std::size_t> under_other_conditions(std::span<const Observation> samples);

/// Did the slower half of the samples lose their CPUs more often than the faster half, or wait for them longer? On
/// average, per second, by a quarter or more (and by the least difference, as above). The one in the middle is in
/// neither. `high_is_slow`: figures are prices.
[[nodiscard]] bool slow_lack_cpus(std::span<const Observation> samples, bool high_is_slow);

/// For each sample a number that it shares with those whose CPUs were as far apart, and as fast: neighbours in order
/// that are less than a quarter apart (and the table's least difference) are alike. Empty where that changed during the
/// sample, and where a reading is missing that tells others apart. Steal time and switches are not looked at.
[[nodiscard]] std::vector<std::optional<std::size_t>> groups_of_alike(std::span<const Conditions> samples);

/// A condition of which two sets of samples have other medians.
struct ConditionDifference {
  Condition condition = Condition::handover;
  double base = 0, other = 0;  ///< in the unit of condition_table
};
/// The first in the table, of those that groups_of_alike() looks at.
[[nodiscard]] std::optional<ConditionDifference> condition_difference(std::span<const Conditions> base,
                                                                      std::span<const Conditions> other);

}  // namespace pipebench
