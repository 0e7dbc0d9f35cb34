// What one core can do with memory and system calls at best, measured for cases (--ceilings), outside their samples.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/system/bandwidth.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

/// The buffers of a case, as they are read and copied for its ceilings: at most 64 MiB, which is more than a core has
/// of cache, on transparent huge pages where the case has huge ones.
[[nodiscard]] WorkingSet working_set_of(const CaseSpec& spec);

/// Reads and copies memory and makes system calls on the CPUs of each case's first stream, for the cases that have
/// `ceilings` and are not skipped. What two cases share is measured once. The best of both CPUs and of all calls of
/// this function is kept: a ceiling is what is possible. Stops when `interrupt` becomes non-zero. Returns what could
/// not be had, and why.
[[nodiscard]] std::vector<Finding> measure_core_ceilings(std::span<CaseResult> cases, const Topology& topology,
                                                         const std::atomic<int>& interrupt);

/// Roughly how long one call of that takes.
[[nodiscard]] double estimated_core_ceilings_seconds(std::span<const CaseResult> cases);

}  // namespace pipebench
