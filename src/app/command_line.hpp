// From argv to a command, its options and operands. With config_file, the only user of Boost.Program_options.
#pragma once

#include <string>
#include <vector>

#include "app/command.hpp"

namespace pipebench {

/// What `arguments` (without the program's name) ask for; without a command, or when an option comes first, the default
/// one. Throws UsageError: unknown command or option (with the nearest), a missing value, an option given twice that is
/// not repeatable, too few or too many operands.
[[nodiscard]] Invocation parse_command_line(const std::vector<std::string>& arguments);

/// The same for the arguments of a command, without its name. After `--` all are operands.
[[nodiscard]] Invocation parse_arguments(const Command& command, const std::vector<std::string>& arguments);

}  // namespace pipebench
