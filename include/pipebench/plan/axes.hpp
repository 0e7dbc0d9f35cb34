// Everything that a case can vary: THE table of the starred options of `run`. Command line, config keys, help,
// completion, case names and the cross product all read it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/base/named.hpp"
#include "pipebench/model/case.hpp"
#include "pipebench/model/strategy.hpp"

namespace pipebench {

/// Far more than can be measured; what is kept of a case takes a kilobyte.
inline constexpr std::size_t most_cases = 4'000'000;

/// What values are checked and expanded against.
struct PlanContext {
  const Catalog& catalog;
  const Machine& machine;
  std::optional<std::uint64_t> pairs_per_relation = {};  ///< how many --cpus pairs draws (--sample); empty: all
  std::uint64_t seed = 0;                                ///< of the draw
  bool oversubscribe = false;                            ///< streams may share CPUs
  Placement nearest = {};                                ///< what --cpus auto means; Plan fills it in
};

/// Values of --cpus that are no pair.
enum class CpusWord : std::uint8_t { automatic, any, classes, pairs };
template <>
inline constexpr std::array<Named<CpusWord>, 4> names<CpusWord>{{
    {CpusWord::automatic, "auto"},
    {CpusWord::any, "any"},
    {CpusWord::classes, "classes"},
    {CpusWord::pairs, "pairs"},
}};

struct Choice {
  std::string_view name;
  std::string_view summary;
  bool part_of_all = true;  ///< false: has to be named
};

/// What becomes of an axis's values where both ends take turns in one thread.
struct InTurns {
  std::vector<std::string> values;
  std::string_view note = {};  ///< what has no effect then, a sentence for those who asked for it; empty: nothing
};

struct Axis {
  std::string_view name;             ///< without the dashes, of axis_names.hpp
  std::string_view value_name = {};  ///< for help: "SIZE"; empty for a flag
  std::string_view fallback;         ///< the default, as it is typed
  std::string_view help;
  bool flag = false;        ///< `--name` alone means `on`
  bool repeatable = false;  ///< commas belong to one value; give the option again for another
  bool command = false;     ///< a command of sh: in a config, `#` is part of it
  /// The canonical values that `text` stands for, in order. Throws UsageError that begins with `origin`.
  std::vector<std::string> (*expand)(std::string_view text, std::string_view origin, const PlanContext& context);
  /// Puts one canonical value into the spec.
  void (*apply)(CaseSpec& spec, const std::string& value, const PlanContext& context);
  /// The finite set of values; nullptr when there is none.
  std::vector<Choice> (*choices)(const Catalog& catalog) = nullptr;
  /// Where strategies say whether it makes a difference to them; nullptr: it does to all.
  bool OptionsUsed::*used = nullptr;
  /// What is recorded where it makes none; empty: nothing, and nobody need be told.
  std::string_view unused_value = {};
  /// With Isolation::none; nullptr: they stay.
  InTurns (*in_turns)(const std::vector<std::string>& values, const PlanContext& context) = nullptr;
};

/// In the order of the contract's table, which is the order in case names.
[[nodiscard]] std::span<const Axis> axes();

}  // namespace pipebench
