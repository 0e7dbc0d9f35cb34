// What a command is. Each is one file in src/app/commands/ and one line of the list in its meson.build.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/options.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

struct Command;

/// A command line, taken apart.
struct Invocation {
  const Command* command;
  Layer options;
  std::vector<std::string> operands;  ///< arguments without a name: files
  std::vector<std::string> typed;     ///< the whole of it, for the record
};

/// How much of the machine a command wants to know before it runs.
enum class Loads : std::uint8_t {
  nothing,
  topology,    ///< of this machine, or what --topology names
  strategies,  ///< that, and which strategies run here: each is tried
};

/// What was loaded; the rest is empty.
struct Loaded {
  std::optional<Topology> topology;
  Machine machine;
  Catalog catalog;
};
/// Throws UsageError (--topology) and SystemError.
[[nodiscard]] Loaded load(Loads what, const Layer& options);

/// The arguments without a name that a command takes.
struct Operands {
  std::string_view name = {};  ///< in help: "FILE"
  std::size_t least = 0;
  std::size_t most = 0;
};

struct Command {
  std::string_view name;
  std::string_view summary;
  const std::vector<Option>& (*options)();
  Operands operands = {};
  Loads loads = Loads::nothing;
  /// Returns the exit code.
  int (*run)(const Invocation& invocation, Loaded loaded);
};

/// THE list, in the order that people see; the first is the default command.
[[nodiscard]] std::span<const Command* const> all_commands();

}  // namespace pipebench
