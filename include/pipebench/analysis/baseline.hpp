// THE rule of what a case is relative to: its ratio, how precise that is, and what reports say of it go by it.
#pragma once

#include <span>
#include <string_view>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// The case that others are compared with: the one of this name (PlanRecord::baseline) or, without a name, the first
/// that moves bytes and has a speed; of those that `may_be` it alone. nullptr when there is none.
[[nodiscard]] const CaseResult* find_baseline(std::span<const CaseResult> cases, std::string_view name,
                                              bool (*may_be)(const CaseResult&));

/// The same of what was measured: the baseline has samples.
[[nodiscard]] const CaseResult* baseline_of(const Document& document);

/// Has the case a ratio to `baseline`, an element of the same list or nullptr? Not the baseline itself, nor cases that
/// are measured for the ceilings alone; and a price and a speed have none.
[[nodiscard]] bool is_relative_to(const CaseResult& result, const CaseResult* baseline);

}  // namespace pipebench
