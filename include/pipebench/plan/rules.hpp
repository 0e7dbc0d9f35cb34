// What goes together, how deep a pipe may be, and what a case may claim.
#pragma once

#include <string>

#include "pipebench/model/results.hpp"
#include "pipebench/model/strategy.hpp"
#include "pipebench/plan/pairs.hpp"

namespace pipebench {

/// Why this writer and reader cannot be a pair here, as a sentence; empty when they can.
[[nodiscard]] std::string why_not_paired(const StrategyInfo& writer, const StrategyInfo& reader);

/// Why the sizes of the case do not suit its strategies, as a sentence; empty when they do.
[[nodiscard]] std::string why_sizes_do_not_fit(const StrategyInfo& writer, const CaseSpec& spec,
                                               const Sampling& sampling, const Machine& machine);

/// Why the pages, payload or consumer of the case do not go with its strategies, as a sentence; empty when they do.
[[nodiscard]] std::string why_unsuitable(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                                         const Sampling& sampling, const Machine& machine);

/// Why there are too few reserved huge pages for the case, as a sentence; empty when there are enough.
[[nodiscard]] std::string why_no_huge_pages(const StrategyInfo& writer, const StrategyInfo& reader,
                                            const CaseSpec& spec, const Machine& machine);

/// Why what arrives cannot be checked, as a sentence; empty when it can.
[[nodiscard]] std::string why_not_verified(const StrategyInfo& writer, const CaseSpec& spec);

/// Places all streams of the case on disjoint pairs of the first one's relation; with `oversubscribe` on those again,
/// once they are used up. Returns why they do not fit, as a sentence; empty when they do.
[[nodiscard]] std::string place_streams(CaseSpec& spec, const DisjointPairs& pairs, bool oversubscribe);

/// Finds the node that --membind means for each stream. Returns why there is none, as a sentence; empty when there is.
[[nodiscard]] std::string place_memory(CaseSpec& spec, const Machine& machine);

/// What the case may say of itself, with spec.pipe_bytes resolved.
[[nodiscard]] Traits traits_of(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec,
                               const PageSizes& sizes);

}  // namespace pipebench
