#include "app/request.hpp"

#include <algorithm>
#include <random>
#include <unordered_set>
#include <utility>

#include "app/config_file.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/model/axis_names.hpp"

namespace pipebench {
namespace {

std::vector<Config> load_configs(const OptionTexts& arguments, const RunSettings& settings,
                                 const std::string& by_default) {
  std::vector<Config> configs;
  for (const std::string& name : settings.configs) configs.push_back(load_config(name));
  const bool nothing_chosen = configs.empty() && axes_of(arguments).empty();
  if (nothing_chosen && !by_default.empty()) configs.push_back(load_config(by_default));
  return configs;
}

// Takes one option out; did it ask for something?
bool drop(OptionTexts& options, std::string_view name) {
  const auto given = options.find(name);
  if (given == options.end()) return false;
  const bool asks = !is_off(given->second[0]);
  options.erase(given);
  return asks;
}

// Takes those of `ignored` out of the command line and the configs; gives those that asked for something.
std::vector<std::string> drop(OptionTexts& arguments, std::vector<Config>& configs,
                              std::span<const std::string_view> ignored) {
  std::vector<std::string> asked;
  for (const std::string_view name : ignored) {
    bool asks = drop(arguments, name);
    for (Config& config : configs) asks = drop(config.defaults, name) || asks;
    if (asks) asked.emplace_back(name);
  }
  return asked;
}

OptionTexts defaults_of(const std::vector<Config>& configs) {
  OptionTexts defaults;
  for (const Config& config : configs) defaults = with_overrides(defaults, config.defaults);
  return defaults;
}

void check_sections(const std::vector<Config>& configs, const std::vector<std::string>& wanted) {
  std::vector<std::string_view> known;
  for (const Config& config : configs) {
    for (const ConfigSection& section : config.sections) known.push_back(section.name);
  }
  if (!wanted.empty() && configs.empty()) throw UsageError("--section picks from a config; give one with --config.");
  const std::unordered_set<std::string_view> there(known.begin(), known.end());
  for (const std::string& name : wanted) {
    if (!there.contains(name)) throw UsageError(unknown_name("--section", "section", name, known));
  }
}

std::vector<Group> make_groups(const std::vector<Config>& configs, const OptionTexts& arguments,
                               const std::vector<std::string>& wanted, const OptionTexts& defaults) {
  if (configs.empty()) {
    const OptionTexts options = with_overrides(defaults, arguments);
    return {{.name = "", .axes = axes_of(options), .sampling = sampling_of(options), .chosen = arguments}};
  }
  const std::unordered_set<std::string_view> picked(wanted.begin(), wanted.end());
  std::vector<Group> groups;
  for (const Config& config : configs) {
    (void)sampling_of(config.defaults);  // refuses contradictions in it
    for (const ConfigSection& section : config.sections) {
      if (!picked.empty() && !picked.contains(section.name)) continue;
      (void)sampling_of(section.options);
      const OptionTexts of_config = with_overrides(config.defaults, section.options);
      const OptionTexts chosen = with_overrides(of_config, arguments);
      const OptionTexts options = with_overrides(defaults, chosen);
      groups.push_back(
          {.name = section.name, .axes = axes_of(options), .sampling = sampling_of(options), .chosen = chosen});
    }
  }
  return groups;
}

// A config's `sample` has no use when the command line asks for other CPUs, which is no mistake.
void check_pairs_per_relation(const std::vector<Group>& groups, const OptionTexts& arguments,
                              const RunSettings& settings) {
  const bool overruled = arguments.contains(axis_names::cpus) && !arguments.contains(sample_option);
  if (settings.pairs_per_relation && !overruled && std::ranges::none_of(groups, takes_pairs))
    throw UsageError("--sample draws from --cpus pairs, and nothing here asks for pairs.");
}

void check_steady(const std::vector<Group>& groups, const RunSettings& settings) {
  if (settings.goals.steady &&
      std::ranges::any_of(groups, [](const Group& group) { return !group.sampling.conditions; }))
    throw UsageError("--steady goes by the conditions of each sample; it cannot be combined with --conditions off.");
}

std::uint64_t random_seed() {
  std::random_device device;
  return device();  // 32 bits: short enough to type again
}

}  // namespace

bool takes_pairs(const Group& group) { return asks_for_cpus(group, CpusWord::pairs); }

RunRequest read_request(const OptionTexts& arguments, const RequestDefaults& defaults) {
  OptionTexts options = arguments;
  std::vector<Config> configs = load_configs(options, settings_of(options), defaults.config);
  std::vector<std::string> ignored = drop(options, configs, defaults.ignored);
  RunRequest request{.settings = settings_of(with_overrides(defaults_of(configs), options)),
                     .groups = {},
                     .ignored = std::move(ignored)};
  check_sections(configs, request.settings.sections);
  request.groups = make_groups(configs, options, request.settings.sections, defaults.options);
  check_pairs_per_relation(request.groups, options, request.settings);
  check_steady(request.groups, request.settings);
  if (!request.settings.seed) request.settings.seed = random_seed();
  return request;
}

}  // namespace pipebench
