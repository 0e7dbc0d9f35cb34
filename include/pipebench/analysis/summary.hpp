// What samples come to: pure functions of a results document, whether it was just measured or read from a file.
#pragma once

#include "pipebench/model/results.hpp"

namespace pipebench {

/// Statistics over the samples of one case, which has some.
[[nodiscard]] Summary summarize(const CaseResult& result);
/// Fills in the summary of every case that has samples.
void summarize(Document& document);

}  // namespace pipebench
