// How far apart CPUs are, by what a cache line takes from one to the other, and where that contradicts what the kernel
// says of them: pure functions over readings.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "pipebench/model/finding.hpp"
#include "pipebench/model/handover.hpp"

namespace pipebench {

/// Of two CPUs (OS numbers).
struct PairHandover {
  int first = 0, second = 0;
  Relation relation = Relation::unknown;
  std::size_t readings = 0;
  double median_ns = 0, least_ns = 0, most_ns = 0;
};

/// Of all pairs that are equally near by what the kernel says.
struct RelationHandover {
  Relation relation = Relation::unknown;
  std::size_t pairs = 0;
  double median_ns = 0;                      ///< of the pairs' medians
  PairHandover nearest = {}, farthest = {};  ///< by their medians
};

/// In the order of `pairs`; those without readings are left out.
[[nodiscard]] std::vector<PairHandover> handovers_of_pairs(std::span<const HandoverReadings> pairs);

/// Nearest relation first.
[[nodiscard]] std::vector<RelationHandover> handovers_of_relations(std::span<const PairHandover> pairs);

/// Where the figures contradict the relations:
/// - a pair had two distances: of at least 4 readings, the second largest is at least twice the second smallest (a
///   single reading may be disturbed);
/// - of pairs of one relation, the farthest is at least twice as far as the nearest, those with two distances left out;
/// - a relation is farther than one that should be farther still, by at least a quarter.
/// Differences below the least one of condition_table count for nothing. One finding for each relation and kind, which
/// names the worst example.
[[nodiscard]] std::vector<Finding> handover_contradictions(std::span<const HandoverReadings> pairs);

}  // namespace pipebench
