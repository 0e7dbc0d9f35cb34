// From argv to a command and its options. With config_file, the only user of Boost.Program_options.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "app/options.hpp"

namespace pipebench {

/// One word after the program's name. THE list of commands.
struct Verb {
  std::string_view name;
  std::string_view summary;
  const std::vector<Option>& (*options)();
  int (*run)(const Layer& arguments, const std::vector<std::string>& raw);
};
[[nodiscard]] std::span<const Verb> verbs();

/// What was asked for.
struct Request {
  const Verb* command;
  Layer arguments;
};

/// Throws UsageError: unknown command or option (with the nearest), a missing value, a stray argument, an option given
/// twice that is not repeatable.
[[nodiscard]] Request parse_command_line(const std::vector<std::string>& arguments);

}  // namespace pipebench
