#include "app/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>

#include "app/tuning.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/report/report.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/system/perf/sampler.hpp"

namespace pipebench {
namespace {

// JSON readers of some languages round larger numbers.
constexpr std::uint64_t largest_seed = (std::uint64_t{1} << 53U) - 1;

struct Target {
  RunSettings& run;
  Sampling& sampling;
};

// An option that is not an axis: what people see, and where its text goes.
struct PlainOption {
  Option option;
  void (*apply)(Target target, const Setting& setting);
};

std::size_t choose(const Setting& setting, const std::vector<std::string_view>& known) {
  const auto at = std::ranges::find(known, trim(setting.text));
  if (at == known.end()) throw UsageError(unknown_name(setting.origin, "value", setting.text, known));
  return static_cast<std::size_t>(at - known.begin());
}

std::vector<std::string_view> names_of_formats() {
  std::vector<std::string_view> names;
  for (const Format& format : formats) names.push_back(format.name);
  return names;
}

std::vector<std::string_view> endings_of_formats() {
  std::vector<std::string_view> endings;
  for (const Format& format : formats) {
    if (!format.ending.empty()) endings.push_back(format.ending);
  }
  return endings;
}

const std::vector<std::string_view> switch_names{"off", "on"};
const std::vector<std::string_view> when_names{"auto", "always", "never"};
const std::vector<std::string_view> order_names = all_names<Order>();
const std::vector<std::string_view> arrangement_names = all_names<Arrangement>();
const std::vector<std::string_view> counter_names{"auto", "off"};
const std::vector<std::string_view> format_names = names_of_formats();

constexpr std::string_view format_option = "format";
const std::string format_help = "format of what goes to stdout: ";

// "auto (rows, and a grid below), grid (a grid instead of rows)"
std::string described(const auto& table) {
  std::string text;
  for (const auto& entry : table) text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", entry.name, entry.summary);
  return text;
}

bool is_on(const Setting& setting) { return choose(setting, switch_names) == 1; }
When when_of(const Setting& setting) { return static_cast<When>(choose(setting, when_names)); }

// Groups of the help.
constexpr auto how_to_measure = "How to measure";
constexpr auto profiling = "Profile";
constexpr auto tuning = "What to look for";
constexpr auto which_cases = "Which cases";
constexpr auto output = "Output";
constexpr auto help = "Help";

// THE table of options that are not axes, in the order of the help.
const std::vector<PlainOption> plain_options{
    {.option = {.name = "strict",
                .help = "fail a case that did not get the pages or the place it asked for (otherwise that is reported "
                        "beside the number)",
                .group = how_to_measure,
                .scope = Scope::sample,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.sampling.strict = is_on(from); }},
    {.option = {.name = "time",
                .value_name = "DURATION",
                .fallback = "500ms",
                .help = "length of one sample",
                .group = how_to_measure,
                .scope = Scope::sample},
     .apply = [](Target to,
                 const Setting& from) { to.sampling.time_seconds = parse_duration(from.text, from.origin); }},
    {.option = {.name = "bytes",
                .value_name = "SIZE",
                .help = "length of one sample in bytes of each stream, instead of --time",
                .group = how_to_measure,
                .scope = Scope::sample},
     .apply = [](Target to, const Setting& from) { to.sampling.bytes = parse_size(from.text, from.origin); }},
    {.option = {.name = "rounds",
                .value_name = "N",
                .fallback = "10",
                .help = "samples of each case",
                .group = how_to_measure,
                .scope = Scope::sample},
     .apply =
         [](Target to, const Setting& from) {
           to.sampling.rounds = static_cast<unsigned>(parse_count(from.text, from.origin, 1, 1'000'000));
         }},
    {.option = {.name = "precision",
                .value_name = "PERCENT",
                .help = "go on with rounds until the interval of each case (of its ratio, when it has one) is this "
                        "narrow (2%), for at most --budget, or ten times --rounds",
                .group = how_to_measure,
                .scope = Scope::run},
     .apply = [](Target to, const Setting& from) { to.run.goals.precision = parse_percent(from.text, from.origin); }},
    {.option = {.name = "budget",
                .value_name = "DURATION",
                .help = "the most that the run takes: no round begins that would not be over by then, but the first",
                .group = how_to_measure,
                .scope = Scope::run},
     .apply = [](Target to,
                 const Setting& from) { to.run.goals.budget_seconds = parse_duration(from.text, from.origin); }},
    {.option = {.name = "steady",
                .help = "set samples aside that were taken under other conditions than most, and take them again, for "
                        "at most --budget, or ten times --rounds",
                .group = how_to_measure,
                .scope = Scope::run,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.run.goals.steady = is_on(from); }},
    {.option = {.name = "warmup",
                .value_name = "DURATION",
                .fallback = "100ms",
                .help = "unmeasured time before each sample; 0 for none",
                .group = how_to_measure,
                .scope = Scope::sample},
     .apply = [](Target to,
                 const Setting& from) { to.sampling.warmup_seconds = parse_duration(from.text, from.origin, true); }},
    {.option = {.name = "seed",
                .value_name = "N",
                .fallback = "random",
                .help = "seed of the shuffling; recorded in the results",
                .group = how_to_measure,
                .scope = Scope::run},
     .apply = [](Target to,
                 const Setting& from) { to.run.seed = parse_count(from.text, from.origin, 0, largest_seed); }},
    {.option = {.name = "order",
                .value_name = "ORDER",
                .fallback = std::string(name_of(Order::shuffled)),
                .help = "order of the cases within a round: " + joined(order_names),
                .group = how_to_measure,
                .scope = Scope::run,
                .choices = order_names},
     .apply = [](Target to, const Setting& from) { to.run.order = names<Order>[choose(from, order_names)].value; }},
    {.option = {.name = "timeout",
                .value_name = "DURATION",
                .fallback = "10s",
                .help = "end and report a sample in which nothing moves for this long",
                .group = how_to_measure,
                .scope = Scope::sample},
     .apply = [](Target to,
                 const Setting& from) { to.sampling.timeout_seconds = parse_duration(from.text, from.origin); }},
    {.option = {.name = "verify",
                .help = "before timing, prove that every byte arrives once, in order and intact",
                .group = how_to_measure,
                .scope = Scope::sample,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.sampling.verify = is_on(from); }},
    {.option = {.name = "reserve-huge",
                .help = "reserve the huge pages that cases need (as root), and give them back afterwards",
                .group = how_to_measure,
                .scope = Scope::run,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.run.reserve_huge = is_on(from); }},
    {.option = {.name = "wait-for-others",
                .help = "if another pipebench is measuring on the same CPUs, wait until it has ended (otherwise it is "
                        "named in a warning and in the results)",
                .group = how_to_measure,
                .scope = Scope::run,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.run.wait_for_others = is_on(from); }},
    {.option = {.name = "counters",
                .value_name = "WHICH",
                .fallback = "auto",
                .help = "counters of each thread: " + joined(counter_names),
                .group = how_to_measure,
                .scope = Scope::sample,
                .choices = counter_names},
     .apply = [](Target to, const Setting& from) { to.sampling.counters = choose(from, counter_names) == 0; }},
    {.option = {.name = "conditions",
                .value_name = "WHETHER",
                .fallback = "on",
                .help = "measure beside each sample how far apart its CPUs are and how fast, outside the clock: " +
                        joined(switch_names),
                .group = how_to_measure,
                .scope = Scope::sample,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.sampling.conditions = is_on(from); }},
    {.option = {.name = "ceilings",
                .help = "also measure what limits each case (memory speed of one core, a bare system call, its two "
                        "calls alone, its loops without a pipe) and show how much of that it reaches",
                .group = how_to_measure,
                .scope = Scope::run,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.run.ceilings = is_on(from); }},
    {.option = {.name = "config",
                .value_name = "FILE",
                .help = "a config file, or the name of a bundled one (see `pipebench list`)",
                .group = which_cases,
                .scope = Scope::cli,
                .repeatable = true},
     .apply = [](Target to, const Setting& from) { to.run.configs.push_back(from.text); }},
    {.option = {.name = "section",
                .value_name = "NAME",
                .fallback = "all",
                .help = "only this section of the configs",
                .group = which_cases,
                .scope = Scope::cli,
                .repeatable = true},
     .apply = [](Target to, const Setting& from) { to.run.sections.push_back(from.text); }},
    {.option = {.name = std::string(sample_option),
                .value_name = "N",
                .fallback = "all",
                .help = "with --cpus pairs, take N pairs of each relation, drawn by the seed",
                .group = which_cases,
                .scope = Scope::run},
     .apply =
         [](Target to, const Setting& from) {
           to.run.pairs_per_relation = parse_count(from.text, from.origin, 1, 1'000'000);
         }},
    {.option = {.name = "oversubscribe",
                .help = "let --streams share CPUs when there are more streams than pairs",
                .group = which_cases,
                .scope = Scope::run,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.run.oversubscribe = is_on(from); }},
    {.option = {.name = "baseline",
                .value_name = "NAME",
                .fallback = "the first that moves bytes",
                .help = "the case that the others are compared with",
                .group = which_cases,
                .scope = Scope::run},
     .apply = [](Target to, const Setting& from) { to.run.baseline = from; }},
    {.option = {.name = "against",
                .value_name = "FILE",
                .help = "also compare with these results of an earlier run, as `pipebench compare` does",
                .group = which_cases,
                .scope = Scope::cli},
     .apply = [](Target to, const Setting& from) { to.run.against = from.text; }},
    {.option = {.name = "fail-above",
                .value_name = "SHARE",
                .help = "exit with 1 when a case is slower by more than this (5%), and not by chance, or fails only "
                        "now",
                .group = which_cases,
                .scope = Scope::cli},
     .apply = [](Target to, const Setting& from) { to.run.fail_above = parse_percent(from.text, from.origin); }},
    {.option = {.name = "topology",
                .value_name = "SOURCE",
                .help = "plan for another machine, with --dry-run: synthetic:'pack:2 l3:4 core:8 pu:2', or xml:FILE as "
                        "`lstopo` writes it",
                .group = which_cases,
                .scope = Scope::cli},
     .apply = [](Target to, const Setting& from) { to.run.topology = from.text; }},
    {.option = {.name = "dry-run",
                .help = "print the plan, case by case, and measure nothing",
                .group = which_cases,
                .scope = Scope::cli,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.run.dry_run = is_on(from); }},
    {.option = {.name = std::string(format_option),
                .value_name = "FORMAT",
                .fallback = "table",
                .help = format_help + joined(format_names),
                .group = output,
                .scope = Scope::run,
                .choices = format_names},
     .apply = [](Target to, const Setting& from) { to.run.format = format_names[choose(from, format_names)]; }},
    {.option = {.name = "view",
                .value_name = "VIEW",
                .fallback = std::string(name_of(Arrangement::automatic)),
                .help = "how tables and Markdown show cases that vary two options, or pairs of CPUs: " +
                        described(names<Arrangement>),
                .group = output,
                .scope = Scope::run,
                .choices = arrangement_names},
     .apply =
         [](Target to, const Setting& from) {
           to.run.arrangement = names<Arrangement>[choose(from, arrangement_names)].value;
         }},
    {.option = {.name = "output",
                .value_name = "FILE",
                .help = fmt::format("also write the results to this file; its ending picks the format ({})",
                                    joined(endings_of_formats(), " ")),
                .group = output,
                .scope = Scope::run,
                .repeatable = true},
     .apply = [](Target to, const Setting& from) { to.run.outputs.push_back(from.text); }},
    {.option = {.name = "progress",
                .value_name = "WHEN",
                .fallback = "auto",
                .help = "the progress line on stderr: auto (on a terminal), always, never",
                .group = output,
                .scope = Scope::run,
                .choices = when_names},
     .apply = [](Target to, const Setting& from) { to.run.progress = when_of(from); }},
    {.option = {.name = "color",
                .value_name = "WHEN",
                .fallback = "auto",
                .help = "colours: auto (on a terminal, without NO_COLOR), always, never",
                .group = output,
                .scope = Scope::run,
                .choices = when_names},
     .apply = [](Target to, const Setting& from) { to.run.color = when_of(from); }},
    {.option = {.name = "quiet",
                .letter = 'q',
                .help = "print only errors on stderr",
                .group = output,
                .scope = Scope::run,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.run.quiet = is_on(from); }},
    {.option = {.name = "verbose",
                .letter = 'v',
                .help = "say on stderr what is being done, and show in the results what each call took",
                .group = output,
                .scope = Scope::run,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.run.verbose = is_on(from); }},
    {.option = {.name = "help",
                .letter = 'h',
                .help = "print this text",
                .group = help,
                .scope = Scope::cli,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target, const Setting&) {}},
    {.option = {.name = "version",
                .letter = 'V',
                .help = "print version, commit and compiler",
                .group = help,
                .scope = Scope::cli,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target, const Setting&) {}},
};

// As texts, which is what options are put together as.
constexpr std::string_view profile_rounds = "3";
const std::string profile_rate = std::to_string(SamplerOptions().frequency_hz);

// The same of `profile` alone.
const std::vector<PlainOption> profiling_options{
    {.option = {.name = "rate",
                .value_name = "HZ",
                .fallback = profile_rate,
                .help = "samples of each thread a second of its CPU time; the kernel may allow less",
                .group = profiling,
                .scope = Scope::cli},
     .apply = [](Target to,
                 const Setting& from) { to.sampling.profile_hz = parse_count(from.text, from.origin, 1, 100'000); }},
    {.option = {.name = "tree",
                .help = "also show which function called which",
                .group = profiling,
                .scope = Scope::cli,
                .flag = true,
                .choices = switch_names},
     .apply = [](Target to, const Setting& from) { to.run.call_trees = is_on(from); }},
    {.option = {.name = "folded",
                .value_name = "FILE",
                .help = "also write the samples to this file, as lines that flamegraph.pl and speedscope read",
                .group = profiling,
                .scope = Scope::cli},
     .apply =
         [](Target to, const Setting& from) {
           if (from.text.empty()) throw UsageError(from.origin + " needs the name of a file.");
           to.run.folded = from.text;
         }},
};

// The search of `tune`, without what is asked of it.
TuningRecord& tuning_of(RunSettings& settings) {
  return settings.tuning ? *settings.tuning : settings.tuning.emplace();
}

std::string described_needs() {
  std::string text;
  for (const Named<Need>& need : names<Need>)
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", need.name, need.summary);
  return text;
}

// The same of `tune` alone.
const std::vector<PlainOption> tuning_options{
    {.option = {.name = "need",
                .value_name = "WHAT",
                .help = "only what a program can use that needs this (a comma list): " + described_needs(),
                .group = tuning,
                .scope = Scope::cli,
                .choices = all_names<Need>(),
                .list = true},
     .apply =
         [](Target to, const Setting& from) {
           for (const std::string& name : split(from.text, ',')) {
             const std::optional<Need> need = value_named<Need>(name);
             if (!need) throw UsageError(unknown_name(from.origin, "need", name, all_names<Need>()));
             std::vector<Need>& needs = tuning_of(to.run).needs;
             if (std::ranges::find(needs, *need) == needs.end()) needs.push_back(*need);
           }
         }},
    {.option = {.name = "max-memory",
                .value_name = "SIZE",
                .fallback = "what is available",
                .help = "only cases whose buffers and pipe take no more than this",
                .group = tuning,
                .scope = Scope::cli},
     .apply = [](Target to,
                 const Setting& from) { tuning_of(to.run).max_memory_bytes = parse_size(from.text, from.origin); }},
};

// What other commands than `run` print are no results.
void leave_listing_formats(Option& option) {
  option.choices.clear();
  for (const Format& format : formats) {
    if (format.render_listing != nullptr) option.choices.push_back(format.name);
  }
  option.help = format_help + joined(option.choices);
}

Option option_of(const Axis& axis) {
  Option option{.name = std::string(axis.name),
                .value_name = std::string(axis.value_name),
                .fallback = std::string(axis.flag ? "" : axis.fallback),
                .help = std::string(axis.help),
                .group = "What to measure (comma lists multiply out; `all` where the set is finite)",
                .scope = Scope::axis,
                .flag = axis.flag,
                .repeatable = axis.repeatable,
                .command = axis.command};
  if (axis.choices != nullptr) {
    for (const Choice& choice : axis.choices(whole_catalog())) option.choices.push_back(choice.name);
  }
  return option;
}

// Applies the plain options whose scope is `wanted`, in the order of the tables.
void apply_plain(const OptionTexts& options, Target target, const std::function<bool(Scope)>& wanted) {
  for (const auto* table : {&plain_options, &profiling_options, &tuning_options}) {
    for (const PlainOption& plain : *table) {
      const auto given = options.find(plain.option.name);
      if (given == options.end() || !wanted(plain.option.scope)) continue;
      for (const Setting& setting : given->second) plain.apply(target, setting);
    }
  }
}

}  // namespace

const std::vector<Option>& run_options() {
  static const std::vector<Option> options = [] {
    std::vector<Option> all;
    for (const Axis& axis : axes()) all.push_back(option_of(axis));
    for (const PlainOption& plain : plain_options) all.push_back(plain.option);
    return all;
  }();
  return options;
}

const std::vector<Option>& profile_options() {
  static const std::vector<Option> options = [] {
    for (const std::string_view name : not_of_profiles) (void)option_named(name);
    std::vector<Option> all;
    for (const PlainOption& plain : profiling_options) all.push_back(plain.option);
    for (const Option& option : run_options()) {
      if (option.name == "version") continue;
      all.push_back(option);
      if (option.name == "rounds") all.back().fallback = profile_rounds;
      if (std::ranges::find(not_of_profiles, option.name) == not_of_profiles.end()) continue;
      all.back().help = "no part of a profile: ignored, with a warning";
      all.back().fallback = {};
    }
    return all;
  }();
  return options;
}

const std::vector<Option>& tune_options() {
  static const std::vector<Option> options = [] {
    std::vector<Option> all;
    const auto lists = lists_to_search(whole_catalog());
    for (const PlainOption& plain : tuning_options) all.push_back(plain.option);
    for (const Option& option : run_options()) {
      const bool is_part =
          option.scope == Scope::axis || std::ranges::find(also_of_tune, option.name) != also_of_tune.end();
      if (!is_part) continue;
      all.push_back(option);
      for (const auto& [name, text] : tune_sampling) {
        if (option.name == name) all.back().fallback = text;
      }
      for (const auto& [name, list] : lists) {
        if (option.name == name) all.back().fallback = list;
      }
    }
    return all;
  }();
  return options;
}

const std::vector<Option>& compare_options() {
  static const std::vector<Option> options = [] {
    std::vector<Option> some = some_options({"baseline", "fail-above", "format", "help"});
    some.front().help = "compare the cases of one file with this one of them";
    some.front().fallback = "";
    return some;
  }();
  return options;
}

const OptionTexts& profile_defaults() {
  static const OptionTexts defaults{
      {"rounds", {{.text = std::string(profile_rounds), .origin = "rounds"}}},
      {"rate", {{.text = profile_rate, .origin = "rate"}}},
  };
  return defaults;
}

bool is_off(const Setting& setting) { return trim(setting.text) == switch_names[0]; }

const Option& option_named(std::string_view name) {
  const auto at = std::ranges::find(run_options(), name, &Option::name);
  if (at == run_options().end()) throw std::logic_error(fmt::format("there is no option --{}", name));
  return *at;
}

std::vector<Option> some_options(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) (void)option_named(name);
  std::vector<Option> some;
  for (const Option& option : run_options()) {
    if (std::ranges::find(names, option.name) == names.end()) continue;
    some.push_back(option);
    if (option.name == format_option) leave_listing_formats(some.back());
  }
  return some;
}

const std::vector<Option>& listing_options() {
  static const std::vector<Option> options = some_options({"format", "help"});
  return options;
}

OptionTexts with_overrides(const OptionTexts& options, const OptionTexts& overrides) {
  OptionTexts result = options;
  for (const auto& [one, other] :
       {std::pair{"time", "bytes"}, {"bytes", "time"}, {"quiet", "verbose"}, {"verbose", "quiet"}}) {
    const auto given = overrides.find(one);
    if (given != overrides.end() && !is_off(given->second[0])) result.erase(other);
  }
  for (const auto& [name, settings] : overrides) result[name] = settings;
  return result;
}

Sampling sampling_of(const OptionTexts& options) {
  if (const auto time = options.find("time"), bytes = options.find("bytes");
      time != options.end() && bytes != options.end()) {
    throw UsageError(fmt::format("{} and {} cannot be combined: a sample ends after a time or after a number of bytes.",
                                 time->second[0].origin, bytes->second[0].origin));
  }
  RunSettings unused;
  Sampling sampling;
  apply_plain(options, {unused, sampling}, [](Scope scope) { return scope == Scope::sample || scope == Scope::cli; });
  return sampling;
}

RunSettings settings_of(const OptionTexts& options) {
  RunSettings settings;
  Sampling unused;
  apply_plain(options, {settings, unused}, [](Scope scope) { return scope == Scope::run || scope == Scope::cli; });
  if (settings.quiet && settings.verbose) throw UsageError("--quiet and --verbose cannot be combined.");
  return settings;
}

OptionTexts axes_of(const OptionTexts& options) {
  OptionTexts result;
  for (const Axis& axis : axes()) {
    if (const auto given = options.find(axis.name); given != options.end()) result.insert(*given);
  }
  return result;
}

}  // namespace pipebench
