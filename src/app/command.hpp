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

/// A parsed command line.
struct Invocation {
  const Command* command;
  OptionTexts options;
  std::vector<std::string> operands;  ///< arguments that are no options: files
  std::vector<std::string> typed;     ///< all of it, for the record
};

/// What a command needs to know about the machine before it runs.
enum class Loads : std::uint8_t {
  nothing,
  topology,    ///< of this machine, or of the one that --topology names
  strategies,  ///< the topology, and which strategies run here: each is tried
};

/// What was loaded; the rest stays empty.
struct Loaded {
  std::optional<Topology> topology;
  Machine machine;
  Catalog catalog;
};
/// Throws UsageError (--topology) and SystemError.
[[nodiscard]] Loaded load(Loads what, const OptionTexts& options);

/// The arguments besides options that a command takes.
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
