// Results that were measured before, for commands that look at them.
#pragma once

#include <string>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// Reads a file of results; "-" is standard input. Keys that this version does not know are left out, and named in a
/// warning. Throws UsageError: it cannot be read, or is none (read_json()).
[[nodiscard]] Document read_results(const std::string& path);

}  // namespace pipebench
