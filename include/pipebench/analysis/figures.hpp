// The figures that cases are compared by: pure functions over recorded samples.
#pragma once

#include <optional>
#include <vector>

#include "pipebench/analysis/precision.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/stats/ratio.hpp"

namespace pipebench {

/// What ratios and doubts are about: the sample's GiB/s, or, where the ends take turns, its price: nanoseconds per 4
/// KiB of both together. Empty where it is not above 0 and finite: nothing moved, turns took no time that the clock can
/// tell, or a file says so.
[[nodiscard]] std::optional<double> figure_of(const Sample& sample);

/// The figures of a case, by round; without samples that have none.
[[nodiscard]] std::vector<RoundSpeed> figures_of(const CaseResult& result);

/// From the rounds that both have; empty when there is none. The interval has its true coverage, as median_ratio()
/// says it.
[[nodiscard]] std::optional<Ratio> ratio_to(const CaseResult& baseline, const CaseResult& result,
                                            double independent_share = 1);

}  // namespace pipebench
