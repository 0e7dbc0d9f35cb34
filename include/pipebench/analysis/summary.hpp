// What samples come to: pure functions of a results document, whether it was just measured or read from a file.
#pragma once

#include "pipebench/model/results.hpp"

namespace pipebench {

/// The samples that count: without those that were set aside.
[[nodiscard]] std::vector<Sample> counted_samples(const CaseResult& result);

/// For how much of the time a thread of the ends was ready to run and had no CPU, on average over threads and samples:
/// 0 to 1. Empty where it is not known.
[[nodiscard]] std::optional<double> share_of_waiting(const CaseResult& result);

/// CPU time of both ends and of the kernel threads that worked for them; empty where a part is not known.
[[nodiscard]] std::optional<double> cpu_seconds_of(const Sample& sample);

/// Statistics over the samples of one case that count; there must be some. With a ratio where it is_relative_to() the
/// baseline, whose interval goes by `independent_share` (see independent_share_of_ratios()). `met_others`: another
/// pipebench measured on the same CPUs.
[[nodiscard]] Summary summarize(const CaseResult& result, const CaseResult* baseline = nullptr, bool met_others = false,
                                double independent_share = 1);
/// Fills in the summary of every case that has such samples, with Doubt::cut_short where an interrupt left some out:
/// the cases have been settled.
void summarize(Document& document);

}  // namespace pipebench
