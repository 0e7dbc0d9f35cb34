// Comparing results as options ask for it, for `compare` and `run --against`.
#pragma once

#include <optional>
#include <span>

#include "app/options.hpp"
#include "pipebench/report/comparison.hpp"

namespace pipebench {

[[nodiscard]] NamedComparison compare_files(const ComparedDocument& base, const ComparedDocument& other,
                                            const RunSettings& settings);
/// The cases of one file with the one that --baseline names. Throws UsageError when there is none of that name.
[[nodiscard]] NamedComparison compare_cases(const ComparedDocument& file, const RunSettings& settings);

/// 1 when --fail-above is given and something is that much slower, or fails where it did not; else 0. Throws UsageError
/// when --fail-above is given and there was nothing to compare.
[[nodiscard]] int exit_code_of(std::span<const NamedComparison> comparisons);

/// The file that --against names; empty without it. Throws UsageError.
[[nodiscard]] std::optional<Document> read_against(const RunSettings& settings);
/// Throws UsageError when --fail-above is given and no case of the plan is in that file.
void check_against(const Document& against, const Document& planned, const RunSettings& settings);

}  // namespace pipebench
