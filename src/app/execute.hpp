// What commands that measure a plan do with a request: plan, measure, deliver.
#pragma once

#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/request.hpp"

namespace pipebench {

/// Returns the exit code. `typed`: the command line, for the record. Throws UsageError, and SystemError when stdout
/// cannot be written.
[[nodiscard]] int execute(RunRequest request, Loaded loaded, const std::vector<std::string>& typed);

}  // namespace pipebench
