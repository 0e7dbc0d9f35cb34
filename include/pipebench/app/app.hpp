// The program behind main().
#pragma once

#include <string>
#include <vector>

namespace pipebench {

/// Runs the command that `arguments` (without the program's name) ask for, and returns the exit code: 0 fine, 1 a case
/// failed or output was lost, 130, 143 or 129 interrupted. Throws UsageError (exit 2) and std::exception.
[[nodiscard]] int run_app(const std::vector<std::string>& arguments);

}  // namespace pipebench
