// Every option of every command: THE table behind the parser, config keys, help, man page and completion.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/plan/plan.hpp"

namespace pipebench {

enum class When : std::uint8_t { automatic, always, never };

/// Choices that hold for a whole run.
struct RunSettings {
  std::vector<std::string> configs;
  std::vector<std::string> sections;
  bool dry_run = false;
  std::optional<std::uint64_t> seed;
  bool shuffled = true;
  bool reserve_huge = false;
  std::optional<std::uint64_t> sample;  ///< pairs of CPUs drawn of each relation
  bool oversubscribe = false;           ///< streams may share CPUs
  std::string topology;                 ///< another machine's, "synthetic:..." or "xml:..."; empty: this one's
  std::string format = "table";
  std::vector<std::string> outputs;
  When progress = When::automatic;
  When color = When::automatic;
  bool quiet = false;
  bool verbose = false;
};

/// Where an option may be given.
enum class Scope : std::uint8_t {
  axis,    ///< varies cases: anywhere
  sample,  ///< how a case is sampled: anywhere
  run,     ///< the whole run: command line or [defaults]
  cli,     ///< the command line only
};

struct Option {
  std::string name;
  char letter;  ///< '\0': none
  std::string value_name;
  std::string fallback;  ///< shown in help; empty: none worth showing
  std::string help;
  std::string group;
  Scope scope;
  bool flag;
  bool repeatable;
  std::vector<std::string_view> choices;  ///< for completion; empty when not finite
};

/// Options of `run`, in the order of help.
[[nodiscard]] const std::vector<Option>& run_options();
/// Those of them with these names, for other commands.
[[nodiscard]] std::vector<Option> some_options(std::initializer_list<std::string_view> names);

/// The texts of options by name, from one place or several laid over each other.
using Layer = std::map<std::string, std::vector<Setting>, std::less<>>;

/// `upper` over `lower`: an option given above replaces the one below, and the one that it excludes (--time and
/// --bytes, --quiet and --verbose), unless it is switched off.
[[nodiscard]] Layer lay_over(const Layer& lower, const Layer& upper);

/// What the layer says of sampling. Throws UsageError, also when one layer gives both --time and --bytes.
[[nodiscard]] Sampling sampling_of(const Layer& layer);
/// What the layer says of the run. Throws UsageError.
[[nodiscard]] RunSettings settings_of(const Layer& layer);
/// The part of the layer that the plan expands.
[[nodiscard]] Layer axes_of(const Layer& layer);

}  // namespace pipebench
