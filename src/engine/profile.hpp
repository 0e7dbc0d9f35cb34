// From the call chains that threads were sampled in to a profile by names.
#pragma once

#include "engine/runner.hpp"
#include "pipebench/system/perf/kernel_symbols.hpp"

namespace pipebench {

/// Stacks of both ends, of all streams together.
[[nodiscard]] Profile profile_of(const Run& run, const KernelSymbols& symbols);

/// Adds what a further sample of the case found.
void add_profile(Profile& sum, const Profile& more);

}  // namespace pipebench
