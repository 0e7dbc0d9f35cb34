// Every option of every command: THE table behind the parser, config keys, help, man page and completion.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/plan/plan.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

enum class When : std::uint8_t { automatic, always, never };

/// Settings of a whole run.
struct RunSettings {
  std::vector<std::string> configs;
  std::vector<std::string> sections;
  bool dry_run = false;
  std::optional<std::uint64_t> seed;
  Order order = Order::shuffled;
  RunGoals goals = {};
  bool ceilings = false;  ///< measure what limits the cases
  bool reserve_huge = false;
  std::optional<std::uint64_t> pairs_per_relation;  ///< how many --cpus pairs draws (--sample); empty: all
  bool wait_for_others = false;                     ///< pipebenches that measure on the same CPUs
  bool oversubscribe = false;                       ///< streams may share CPUs
  std::optional<Setting> baseline;                  ///< name of a case
  std::string against;                              ///< a file of results to compare with; empty: none
  std::optional<double> fail_above;                 ///< a slowdown that is a failure: 0.05 is 5 %
  std::string topology;  ///< another machine's, "synthetic:..." or "xml:..."; empty: this one's
  std::string format = "table";
  Arrangement arrangement = Arrangement::automatic;
  std::vector<std::string> outputs;
  std::string folded;                       ///< a file for samples in lines, of profiles; empty: none
  bool call_trees = false;                  ///< in tables of profiles
  std::optional<TuningRecord> tuning = {};  ///< what `tune` is to look for
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
  char letter = '\0';           ///< '\0': none
  std::string value_name = {};  ///< empty for a flag
  std::string fallback = {};    ///< shown in help; empty: none worth showing
  std::string help;
  std::string group;  ///< of the help
  Scope scope;
  bool flag = false;
  bool repeatable = false;
  bool command = false;                        ///< a command of sh: in a config, `#` is part of it
  std::vector<std::string_view> choices = {};  ///< for completion; empty when not finite
  bool list = false;                           ///< takes several, with commas, and is no axis, which all do
  [[nodiscard]] bool takes_list() const { return scope == Scope::axis || list; }
};

/// How many of the pairs that --cpus pairs means.
inline constexpr std::string_view sample_option = "sample";

/// Options of `run`, in the order of help.
[[nodiscard]] const std::vector<Option>& run_options();
/// Options of `run` without a meaning in profiles, which compare nothing and have no grid: `profile` takes and ignores
/// them.
inline constexpr std::array<std::string_view, 5> not_of_profiles{"ceilings", "baseline", "against", "fail-above",
                                                                 "view"};
/// Options of `profile`: those of `run`, and its own.
[[nodiscard]] const std::vector<Option>& profile_options();
/// Options of `run`, besides those that vary cases, that `tune` has, too.
inline constexpr std::array also_of_tune = std::to_array<std::string_view>(
    {"strict",          "time",     "budget",     "warmup",        "seed",    "order",  "timeout", "reserve-huge",
     "wait-for-others", "counters", "conditions", "oversubscribe", "dry-run", "format", "output",  "progress",
     "color",           "quiet",    "verbose",    "help"});
/// What these are there, unless it is told otherwise.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 5> tune_sampling{
    {{"budget", "30s"}, {"time", "20ms"}, {"warmup", "5ms"}, {"rounds", "1"}, {"conditions", "off"}}};
/// Options of `tune`: these, and its own.
[[nodiscard]] const std::vector<Option>& tune_options();
/// Options of `compare`.
[[nodiscard]] const std::vector<Option>& compare_options();
/// The one of this name. Throws std::logic_error when there is none: it was renamed.
[[nodiscard]] const Option& option_named(std::string_view name);
/// Options of `run` by their names, for other commands. Throws std::logic_error when there is none of a name.
[[nodiscard]] std::vector<Option> some_options(std::initializer_list<std::string_view> names);
/// Options of commands that only list something: --format and --help.
[[nodiscard]] const std::vector<Option>& listing_options();

/// The texts that were given for options, by name: on the command line, in a section of a config, or both put together.
using OptionTexts = std::map<std::string, std::vector<Setting>, std::less<>>;

/// Does it switch its option off?
[[nodiscard]] bool is_off(const Setting& setting);

/// What `profile` does unless it is told otherwise.
[[nodiscard]] const OptionTexts& profile_defaults();

/// `options`, but for those that `overrides` gives too. An option of `overrides` that is not "off" also removes the one
/// it cannot be combined with: --time and --bytes, --quiet and --verbose.
[[nodiscard]] OptionTexts with_overrides(const OptionTexts& options, const OptionTexts& overrides);

/// What the options say about sampling. Throws UsageError, also when they give both --time and --bytes.
[[nodiscard]] Sampling sampling_of(const OptionTexts& options);
/// What the options say about the whole run. Throws UsageError.
[[nodiscard]] RunSettings settings_of(const OptionTexts& options);
/// The options that the plan expands.
[[nodiscard]] OptionTexts axes_of(const OptionTexts& options);

}  // namespace pipebench
