// Ordered pairs of allowed CPUs, by how near they are: --cpus and --streams choose from them.
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

/// Likewise, of pairs of two different CPUs, whichever writes: the smaller OS number comes first.
[[nodiscard]] std::vector<Placement> drawn_unordered_pairs(const Machine& machine, std::uint64_t per_relation,
                                                           std::uint64_t seed);

/// The nearest two allowed CPUs that are not SMT siblings; siblings, or one CPU for both, where there is nothing
/// better.
[[nodiscard]] Placement nearest_pair(const Machine& machine);

/// Finds pairs that share no CPU. It caches what it finds for each relation, so that one object serves all cases of a
/// plan. Not thread-safe.
class DisjointPairs {
 public:
  /// `machine` outlives it.
  explicit DisjointPairs(const Machine& machine);

  /// An upper bound on the number of pairs that share no CPU; for some relations fewer exist.
  [[nodiscard]] std::size_t most(std::optional<Relation> relation) const noexcept {
    return relation == Relation::same_cpu ? cpus_.size() : std::max<std::size_t>(cpus_.size() / 2, 1);
  }
  /// `first` and further pairs of its relation that share no CPU with it or each other, up to `count` in all; fewer
  /// when no more fit. `first` must be pinned.
  [[nodiscard]] std::vector<Placement> find(const Placement& first, std::size_t count) const;

 private:
  class Matching;
  struct Known {
    std::vector<std::uint32_t> partners;  ///< for each of cpus_, how many CPUs have the relation to it
    std::vector<Placement> matching;      ///< as many pairs as can be
  };
  [[nodiscard]] const Known& known(Relation relation) const;

  std::vector<const Cpu*> cpus_;
  mutable std::array<std::optional<Known>, names<Relation>.size()> known_;
};

}  // namespace pipebench
