// What each end needed for what it moved: pure functions over recorded samples.
#pragma once

#include "pipebench/model/results.hpp"
#include "pipebench/model/strategy.hpp"

namespace pipebench {

/// Medians over the samples of the summary; what hardware events tell comes from CaseResult::counting where those
/// samples did without.
[[nodiscard]] EndFigures end_figures(const CaseResult& result, Role role);

/// Did other users of the PMU keep a sample's events from counting all the time, so that they were scaled?
[[nodiscard]] bool is_scaled(const EndCounters& end);

}  // namespace pipebench
