// Samples that were taken under other conditions than most.
#pragma once

#include <span>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// Marks in each case the samples that were taken under other conditions than most, and no others. What belongs to the
/// CPUs is compared over all cases on the same ones, so that cases agree on which of two modes is theirs; totals, such
/// as switches, are compared within each case, among the samples that are left. Of what is compared, more than half is
/// left. Where a case keeps fewer than a quarter of its samples, its CPUs were not as those of the others, and it is
/// compared with itself alone.
void set_aside_others(std::span<CaseResult> cases);

}  // namespace pipebench
