// Which cases go on when it is not the number of rounds alone that decides.
#pragma once

#include <functional>

#include "pipebench/analysis/precision.hpp"
#include "pipebench/engine/rounds.hpp"

namespace pipebench {

/// Without a budget, a run ends after so many times the rounds that were asked for.
inline constexpr unsigned rounds_limit_factor = 10;

/// What there is of each case, and what another sample of it takes, by what they all took so far.
[[nodiscard]] std::vector<CaseSoFar> expected_cases(std::span<const CaseResult> cases, double elapsed_seconds);

/// For Operations::next. Each case takes its Sampling::rounds, and more where it is not precise enough or some were set
/// aside, until the budget or, without one, the limit above is reached.
/// `plan` has the goals and the baseline; `seconds` tells how long the run has taken so far. `counts`: the budget has
/// to hold the samples that Operations::count takes after the rounds, too.
[[nodiscard]] NextCases cases_until(const PlanRecord& plan, std::function<double()> seconds, bool counts = false);

}  // namespace pipebench
