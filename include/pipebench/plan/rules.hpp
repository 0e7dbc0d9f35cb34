// Which strategies and options go together, where a case runs, and what its traits are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipebench/model/results.hpp"
#include "pipebench/model/strategy.hpp"
#include "pipebench/plan/pairs.hpp"

namespace pipebench {

/// Why a case cannot be measured: the kind of reason, and a sentence.
struct Obstacle {
  ObstacleKind kind;
  std::string detail;
};
using MaybeObstacle = std::optional<Obstacle>;

/// Marks a case as skipped. Every case that is skipped has the kind of the obstacle, and a sentence.
void skip(CaseResult& result, Obstacle obstacle);

/// A case that may or may not be able to run, with spec.pipe_bytes resolved.
struct Candidate {
  const StrategyInfo& writer;
  const StrategyInfo& reader;
  const CaseSpec& spec;
  const Sampling& sampling;
  const Machine& machine;
  std::string_view no_gift = {};  ///< as in Catalog
};

/// Can this writer and reader be a pair here?
[[nodiscard]] MaybeObstacle why_not_paired(const StrategyInfo& writer, const StrategyInfo& reader);

/// Can they wait so?
[[nodiscard]] MaybeObstacle why_not_waiting(const StrategyInfo& writer, Wait wait);

/// Do the sizes suit the strategies?
[[nodiscard]] MaybeObstacle why_sizes_do_not_fit(const Candidate& candidate);

/// Both of these, and all else that this machine must have for the case, but for the place where it runs.
[[nodiscard]] MaybeObstacle first_obstacle(const Candidate& candidate);

/// Why what arrives cannot be checked, as a sentence; empty when it can.
[[nodiscard]] std::string why_not_verified(const StrategyInfo& writer, const StrategyInfo& reader,
                                           const CaseSpec& spec);

/// Places all streams of the case, and the threads of each, on disjoint pairs of the first one's relation; with
/// `oversubscribe` on those again, once they are used up, as threads of one stream do in any case. Returns why the
/// streams do not fit.
[[nodiscard]] MaybeObstacle place_streams(CaseSpec& spec, const DisjointPairs& pairs, bool oversubscribe);

/// Finds the node that --membind means for each stream. Returns why there is none.
[[nodiscard]] MaybeObstacle place_memory(CaseSpec& spec, const Machine& machine);

/// The traits of the case, with spec.pipe_bytes resolved.
[[nodiscard]] Traits traits_of(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                               const PageSizes& sizes);

/// How many different CPUs work for a case: for the writers, for the readers of all streams, and for both together.
struct CpusInUse {
  unsigned writers = 1, readers = 1, all = 2;
};
/// Ends that are not pinned, and workers of the kernel, may be on any of the `allowed` CPUs; 0: not known how many.
[[nodiscard]] CpusInUse cpus_in_use(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                                    unsigned allowed);

/// What keeps copies from being made at the same time: all streams together make no more than `at_once` / `serial`
/// times what one core copies.
struct CopyLimit {
  unsigned serial = 0;   ///< copies per byte, one after the other; 0: nothing is copied
  unsigned at_once = 1;  ///< how many such chains at a time
};
/// The tightest of: streams, each of which makes the copies of both ends under the lock of the one pipe
/// between them, which pipe_write() and pipe_read() in fs/pipe.c hold while they copy; CPUs of the writers, CPUs of the
/// readers, and CPUs of all ends, on each of which one copy is made at a time. `cpus`: those of all ends.
[[nodiscard]] CopyLimit copy_limit(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                                   const CpusInUse& cpus);

}  // namespace pipebench
