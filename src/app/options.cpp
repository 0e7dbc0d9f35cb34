#include "app/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/report/report.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {
namespace {

// Larger numbers are rounded by the JSON readers of some languages.
constexpr std::uint64_t largest_seed = (std::uint64_t{1} << 53U) - 1;

struct Target {
  RunSettings& run;
  Sampling& sampling;
};

// An option that is not an axis: what people see, and where its text goes.
struct Plain {
  Option option;
  void (*apply)(Target target, const Setting& setting);
};

std::size_t choose(const Setting& setting, const std::vector<std::string_view>& known) {
  const auto at = std::ranges::find(known, trim(setting.text));
  if (at == known.end()) throw UsageError(unknown_name(setting.origin, "value", setting.text, known));
  return static_cast<std::size_t>(at - known.begin());
}

const std::vector<std::string_view> switch_names{"off", "on"};
const std::vector<std::string_view> when_names{"auto", "always", "never"};
const std::vector<std::string_view> order_names{"shuffled", "sequential"};
const std::vector<std::string_view> counter_names{"auto", "off"};

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const Format& format : formats) names.push_back(format.name);
  return names;
}

std::string format_endings() {
  std::string endings;
  for (const Format& format : formats) {
    if (!format.ending.empty()) endings += (endings.empty() ? "" : " ") + std::string(format.ending);
  }
  return endings;
}

bool is_on(const Setting& setting) { return choose(setting, switch_names) == 1; }
When when_of(const Setting& setting) { return static_cast<When>(choose(setting, when_names)); }

// A plain option with one value.
Plain valued(std::string group, Scope scope, std::string name, std::string value_name, std::string fallback,
             std::string help, void (*apply)(Target, const Setting&), std::vector<std::string_view> choices = {}) {
  return {{.name = std::move(name),
           .letter = '\0',
           .value_name = std::move(value_name),
           .fallback = std::move(fallback),
           .help = std::move(help),
           .group = std::move(group),
           .scope = scope,
           .flag = false,
           .repeatable = false,
           .choices = std::move(choices)},
          apply};
}

Plain repeated(Plain plain) {
  plain.option.repeatable = true;
  return plain;
}

Plain flag(std::string group, Scope scope, std::string name, char letter, std::string help,
           void (*apply)(Target, const Setting&)) {
  return {{.name = std::move(name),
           .letter = letter,
           .value_name = "",
           .fallback = "",
           .help = std::move(help),
           .group = std::move(group),
           .scope = scope,
           .flag = true,
           .repeatable = false,
           .choices = switch_names},
          apply};
}

std::vector<Plain> make_sample_options() {
  const std::string group = "How to measure";
  return {
      flag(group, Scope::sample, "strict", '\0',
           "fail a case that did not get the pages or the place that it asked for (otherwise that is reported beside "
           "the "
           "number)",
           [](Target to, const Setting& from) { to.sampling.strict = is_on(from); }),
      valued(group, Scope::sample, "time", "DURATION", "500ms", "length of one sample",
             [](Target to, const Setting& from) { to.sampling.time_seconds = parse_duration(from.text, from.origin); }),
      valued(group, Scope::sample, "bytes", "SIZE", "",
             "length of one sample in bytes of each stream, instead of --time",
             [](Target to, const Setting& from) { to.sampling.bytes = parse_size(from.text, from.origin); }),
      valued(group, Scope::sample, "rounds", "N", "10", "samples of each case",
             [](Target to, const Setting& from) {
               to.sampling.rounds = static_cast<unsigned>(parse_count(from.text, from.origin, 1, 1000000));
             }),
      valued(group, Scope::sample, "warmup", "DURATION", "100ms", "unmeasured time before each sample; 0 for none",
             [](Target to, const Setting& from) {
               to.sampling.warmup_seconds = parse_duration(from.text, from.origin, true);
             }),
      valued(
          group, Scope::run, "seed", "N", "random", "of the shuffling; recorded in the results",
          [](Target to, const Setting& from) { to.run.seed = parse_count(from.text, from.origin, 0, largest_seed); }),
      valued(
          group, Scope::run, "order", "ORDER", "shuffled", "of the cases within a round: shuffled or sequential",
          [](Target to, const Setting& from) { to.run.shuffled = choose(from, order_names) == 0; }, order_names),
      valued(
          group, Scope::sample, "timeout", "DURATION", "10s",
          "end and report a sample that moves nothing for this long",
          [](Target to, const Setting& from) { to.sampling.timeout_seconds = parse_duration(from.text, from.origin); }),
      flag(group, Scope::sample, "verify", '\0', "before timing, prove that every byte arrives once, in order, whole",
           [](Target to, const Setting& from) { to.sampling.verify = is_on(from); }),
      flag(group, Scope::run, "reserve-huge", '\0',
           "reserve the huge pages that cases need (as root), and give them back afterwards",
           [](Target to, const Setting& from) { to.run.reserve_huge = is_on(from); }),
      valued(
          group, Scope::sample, "counters", "WHICH", "auto", "per-thread counters: auto or off",
          [](Target to, const Setting& from) { to.sampling.counters = choose(from, counter_names) == 0; },
          counter_names),
  };
}

std::vector<Plain> make_run_options() {
  const std::string plan = "Which cases";
  const std::string output = "Output";
  return {
      repeated(valued(plan, Scope::cli, "config", "FILE", "",
                      "a config file, or the name of a bundled one (see `pipebench list`)",
                      [](Target to, const Setting& from) { to.run.configs.push_back(from.text); })),
      repeated(valued(plan, Scope::cli, "section", "NAME", "all", "only this section of the configs",
                      [](Target to, const Setting& from) { to.run.sections.push_back(from.text); })),
      valued(plan, Scope::run, "sample", "N", "all",
             "of --cpus pairs, take so many of each relation, drawn by the seed",
             [](Target to, const Setting& from) { to.run.sample = parse_count(from.text, from.origin, 1, 1'000'000); }),
      flag(plan, Scope::run, "oversubscribe", '\0', "let --streams share CPUs when there are more streams than pairs",
           [](Target to, const Setting& from) { to.run.oversubscribe = is_on(from); }),
      valued(plan, Scope::cli, "topology", "SOURCE", "",
             "plan for another machine, with --dry-run: synthetic:'pack:2 l3:4 core:8 pu:2', or xml:FILE as `lstopo` "
             "writes it",
             [](Target to, const Setting& from) { to.run.topology = from.text; }),
      flag(plan, Scope::cli, "dry-run", '\0', "print the plan, case by case, and measure nothing",
           [](Target to, const Setting& from) { to.run.dry_run = is_on(from); }),
      valued(
          output, Scope::run, "format", "FORMAT", "table",
          "of what goes to stdout: " + fmt::format("{}", fmt::join(format_names(), ", ")),
          [](Target to, const Setting& from) { to.run.format = format_names()[choose(from, format_names())]; },
          format_names()),
      repeated(valued(output, Scope::run, "output", "FILE", "",
                      "also write the results here; the ending picks the format (" + format_endings() + ")",
                      [](Target to, const Setting& from) { to.run.outputs.push_back(from.text); })),
      valued(
          output, Scope::run, "progress", "WHEN", "auto",
          "the progress line on stderr: auto (on a terminal), always, never",
          [](Target to, const Setting& from) { to.run.progress = when_of(from); }, when_names),
      valued(
          output, Scope::run, "color", "WHEN", "auto", "colours: auto (on a terminal, without NO_COLOR), always, never",
          [](Target to, const Setting& from) { to.run.color = when_of(from); }, when_names),
      flag(output, Scope::run, "quiet", 'q', "errors only on stderr",
           [](Target to, const Setting& from) { to.run.quiet = is_on(from); }),
      flag(output, Scope::run, "verbose", 'v', "say on stderr what is done",
           [](Target to, const Setting& from) { to.run.verbose = is_on(from); }),
      flag("Help", Scope::cli, "help", 'h', "this text", [](Target, const Setting&) {}),
      flag("Help", Scope::cli, "version", 'V', "version, commit, compiler", [](Target, const Setting&) {}),
  };
}

const std::vector<Plain>& plain_options() {
  static const std::vector<Plain> options = [] {
    std::vector<Plain> all = make_sample_options();
    for (Plain& plain : make_run_options()) all.push_back(std::move(plain));
    return all;
  }();
  return options;
}

Option option_of(const Axis& axis) {
  Option option{.name = std::string(axis.name),
                .letter = '\0',
                .value_name = std::string(axis.value_name),
                .fallback = std::string(axis.flag ? "" : axis.fallback),
                .help = std::string(axis.help),
                .group = "What to measure (comma lists multiply out; `all` where the set is finite)",
                .scope = Scope::axis,
                .flag = axis.flag,
                .repeatable = axis.repeatable,
                .choices = {}};
  if (axis.choices != nullptr) {
    for (const Choice& choice : axis.choices(whole_catalog())) option.choices.push_back(choice.name);
  }
  return option;
}

// Applies the settings of the plain options that `wanted` picks, in table order.
void apply_plain(const Layer& layer, Target target, const std::function<bool(Scope)>& wanted) {
  for (const Plain& plain : plain_options()) {
    const auto given = layer.find(plain.option.name);
    if (given == layer.end() || !wanted(plain.option.scope)) continue;
    for (const Setting& setting : given->second) plain.apply(target, setting);
  }
}

}  // namespace

const std::vector<Option>& run_options() {
  static const std::vector<Option> options = [] {
    std::vector<Option> all;
    for (const Axis& axis : axes()) all.push_back(option_of(axis));
    for (const Plain& plain : plain_options()) all.push_back(plain.option);
    return all;
  }();
  return options;
}

std::vector<Option> some_options(std::initializer_list<std::string_view> names) {
  std::vector<Option> some;
  for (const Option& option : run_options()) {
    if (std::ranges::find(names, option.name) != names.end()) some.push_back(option);
  }
  return some;
}

Layer lay_over(const Layer& lower, const Layer& upper) {
  Layer result = lower;
  for (const auto& [one, other] :
       {std::pair{"time", "bytes"}, {"bytes", "time"}, {"quiet", "verbose"}, {"verbose", "quiet"}}) {
    const auto given = upper.find(one);
    if (given != upper.end() && trim(given->second[0].text) != "off") result.erase(other);
  }
  for (const auto& [name, settings] : upper) result[name] = settings;
  return result;
}

Sampling sampling_of(const Layer& layer) {
  if (const auto time = layer.find("time"), bytes = layer.find("bytes"); time != layer.end() && bytes != layer.end()) {
    throw UsageError(fmt::format("{} and {} exclude each other: a sample ends after a time or after a number of bytes.",
                                 time->second[0].origin, bytes->second[0].origin));
  }
  RunSettings unused;
  Sampling sampling;
  apply_plain(layer, {unused, sampling}, [](Scope scope) { return scope == Scope::sample; });
  return sampling;
}

RunSettings settings_of(const Layer& layer) {
  RunSettings settings;
  Sampling unused;
  apply_plain(layer, {settings, unused}, [](Scope scope) { return scope == Scope::run || scope == Scope::cli; });
  if (settings.quiet && settings.verbose) throw UsageError("--quiet and --verbose exclude each other.");
  return settings;
}

Layer axes_of(const Layer& layer) {
  Layer result;
  for (const Axis& axis : axes()) {
    if (const auto given = layer.find(axis.name); given != layer.end()) result.insert(*given);
  }
  return result;
}

}  // namespace pipebench
