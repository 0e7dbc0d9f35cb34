// Samples that were taken under other conditions than most.
#pragma once

#include <span>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// Marks in each case the samples that were taken under other conditions than most, and no others. What belongs to the
/// CPUs is compared over all cases on the same ones, so that cases agree on which of two modes is theirs; steal time
/// and switches are compared within each case. Where that would leave fewer than a quarter of a case's samples, its
/// conditions are not those of the others, and it is compared with itself alone; where even that would, nothing of it
/// is marked.
void set_aside_others(std::span<CaseResult> cases);

}  // namespace pipebench
