// What each end needed for what it moved: pure functions over recorded samples.
#pragma once

#include "pipebench/model/results.hpp"
#include "pipebench/model/strategy.hpp"

namespace pipebench {

/// Medians over the samples of the summary; what hardware events tell comes from CaseResult::counting where those
/// samples did without.
[[nodiscard]] EndFigures end_figures(const CaseResult& result, Role role);

}  // namespace pipebench
