// Ordered pairs of allowed CPUs, by how near they are: what --cpus and --streams choose from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "pipebench/model/case.hpp"
#include "pipebench/model/machine.hpp"

namespace pipebench {

/// How often a relation exists, and where.
struct RelationCount {
  Relation relation = Relation::same_cpu;
  std::uint64_t pairs = 0;  ///< ordered; a CPU with itself counts one
  Placement example;        ///< the first in the order of OS numbers
};

/// The relations that exist between allowed CPUs, nearest first.
[[nodiscard]] std::vector<RelationCount> count_relations(const Machine& machine);

/// Every ordered pair of allowed CPUs, a CPU with itself included, in the order of OS numbers.
[[nodiscard]] std::vector<Placement> every_pair(const Machine& machine);

/// One pair for each relation that exists, nearest first; where core kinds differ, one for each ordered pair of kinds.
[[nodiscard]] std::vector<Placement> class_pairs(const Machine& machine);

/// Up to `per_relation` pairs of each relation, nearest first, drawn by `seed`, the same on every machine.
[[nodiscard]] std::vector<Placement> drawn_pairs(const Machine& machine, std::uint64_t per_relation,
                                                 std::uint64_t seed);

/// The nearest two allowed CPUs that are not SMT siblings; siblings, or one CPU for both, where there is nothing
/// better.
[[nodiscard]] Placement nearest_pair(const Machine& machine);

/// Finds pairs that share no CPU. It looks at every pair once, so one serves all cases of a plan.
class DisjointPairs {
 public:
  /// `machine` outlives it.
  explicit DisjointPairs(const Machine& machine);

  /// No more pairs than this share no CPU; of some relations fewer.
  [[nodiscard]] std::size_t most(std::optional<Relation> relation) const noexcept {
    return relation == Relation::same_cpu ? cpus_.size() : cpus_.size() / 2;
  }
  /// `first` and further pairs of its relation that share no CPU with it or each other, up to `count` in all; fewer
  /// when no more fit. `first` must be pinned.
  [[nodiscard]] std::vector<Placement> find(const Placement& first, std::size_t count) const;

 private:
  class Matching;
  std::vector<const Cpu*> cpus_;
  /// For each relation: how many CPUs stand in it to each of cpus_.
  std::array<std::vector<std::uint32_t>, relation_texts.size()> partners_;
};

}  // namespace pipebench
