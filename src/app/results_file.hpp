// Results that were measured before, for commands that look at them.
#pragma once

#include <string>
#include <vector>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// Reads a file of results; "-" is standard input. Keys that this version does not know are left out, and named in a
/// warning. Throws UsageError: it cannot be read, or is none (read_json()).
[[nodiscard]] Document read_results(const std::string& path);

/// Several, in this order. Throws UsageError as well when "-" is among them twice.
[[nodiscard]] std::vector<Document> read_all_results(const std::vector<std::string>& paths);

}  // namespace pipebench
