// Ordered pairs of allowed CPUs, by how near they are: what --cpus and --streams choose from.
#pragma once

#include <algorithm>
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

/// Finds pairs that share no CPU. What it has found of a relation it keeps, so one serves all cases of a plan; not for
/// several threads at once.
class DisjointPairs {
 public:
  /// `machine` outlives it.
  explicit DisjointPairs(const Machine& machine);

  /// No more pairs than this can share no CPU; of some relations fewer do.
  [[nodiscard]] std::size_t most(std::optional<Relation> relation) const noexcept {
    return relation == Relation::same_cpu ? cpus_.size() : std::max<std::size_t>(cpus_.size() / 2, 1);
  }
  /// `first` and further pairs of its relation that share no CPU with it or each other, up to `count` in all; fewer
  /// when no more fit. `first` must be pinned.
  [[nodiscard]] std::vector<Placement> find(const Placement& first, std::size_t count) const;

 private:
  class Matching;
  struct Known {
    std::vector<std::uint32_t> partners;  ///< how many CPUs stand in the relation to each of cpus_
    std::vector<Placement> matching;      ///< as many pairs as can be
  };
  [[nodiscard]] const Known& known(Relation relation) const;

  std::vector<const Cpu*> cpus_;
  mutable std::array<std::optional<Known>, names<Relation>.size()> known_;
};

}  // namespace pipebench
