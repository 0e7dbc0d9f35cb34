// The condition that goes with the figures of samples, in words.
#pragma once

#include <string>

#include "pipebench/model/conditions.hpp"

namespace pipebench {

/// "6 samples with the CPUs 40 ns apart: 65.0 GiB/s; 4 with 185 ns: 40.5." With several streams, whose conditions were
/// measured of the first alone: "stream 0's CPUs".
[[nodiscard]] std::string explanation_text(const Explanation& explanation, bool several_streams);

/// "the CPUs 40 ns apart"
[[nodiscard]] std::string condition_text(Condition condition, double value);

/// What the condition comes from, and what to do.
[[nodiscard]] std::string advice_on(Condition condition);

}  // namespace pipebench
