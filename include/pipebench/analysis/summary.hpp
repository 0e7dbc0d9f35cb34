// What samples come to: pure functions of a results document, whether it was just measured or read from a file.
#pragma once

#include "pipebench/model/results.hpp"

namespace pipebench {

/// The samples that count: without those that were set aside.
[[nodiscard]] std::vector<Sample> counted_samples(const CaseResult& result);

/// Statistics over the samples of one case that count; there must be some. Ratios are those to `baseline`, unless that
/// is the case itself or nullptr.
[[nodiscard]] Summary summarize(const CaseResult& result, const CaseResult* baseline = nullptr);
/// Fills in the summary of every case that has such samples, with Doubt::cut_short where an interrupt left some out:
/// the cases have been settled.
void summarize(Document& document);

/// What the others are compared with: the case that the plan names as the baseline; else the first that has samples and
/// moves bytes. nullptr when there is none, or it has no samples.
[[nodiscard]] const CaseResult* baseline_of(const Document& document);

}  // namespace pipebench
