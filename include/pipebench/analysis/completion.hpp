// Has a case had its rounds? Status and reason say so, and whatever shows results goes by these.
#pragma once

#include <span>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// After a run: a case that was to be measured is `ok` when it has its rounds, without samples that were set aside.
/// Else it stays `planned`, and its reason says how many rounds it has, of how many, and what ended them.
void settle(std::span<CaseResult> cases, const PlanRecord& plan);

/// Has it some of its rounds, but not all?
[[nodiscard]] bool is_cut_short(const CaseResult& result);

}  // namespace pipebench
