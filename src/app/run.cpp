// The command `run`: options -> plan -> samples -> reports.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>
#include <unordered_set>

#include "app/commands.hpp"
#include "app/config_file.hpp"
#include "app/interrupt.hpp"
#include "app/log.hpp"
#include "app/machine.hpp"
#include "app/output.hpp"
#include "app/progress.hpp"
#include "app/version.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/engine/rounds.hpp"
#include "pipebench/plan/rules.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/system/huge_pages.hpp"

namespace pipebench {
namespace {

const Format& format_named(const std::string& name) { return *std::ranges::find(formats, name, &Format::name); }

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

std::vector<Config> load_configs(const Layer& arguments, const RunSettings& settings) {
  std::vector<Config> configs;
  for (const std::string& name : settings.configs) configs.push_back(load_config(name));
  // Nothing said about what to measure: the ladder of the article.
  if (configs.empty() && axes_of(arguments).empty()) configs.push_back(load_config("article"));
  return configs;
}

Layer defaults_of(const std::vector<Config>& configs) {
  Layer defaults;
  for (const Config& config : configs) defaults = lay_over(defaults, config.defaults);
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

std::vector<Group> make_groups(const std::vector<Config>& configs, const Layer& arguments,
                               const std::vector<std::string>& wanted) {
  if (configs.empty()) return {{.name = "", .axes = axes_of(arguments), .sampling = sampling_of(arguments)}};
  const std::unordered_set<std::string_view> picked(wanted.begin(), wanted.end());
  std::vector<Group> groups;
  for (const Config& config : configs) {
    (void)sampling_of(config.defaults);  // for its own contradictions
    for (const ConfigSection& section : config.sections) {
      if (!picked.empty() && !picked.contains(section.name)) continue;
      (void)sampling_of(section.layer);
      const Layer layer = lay_over(lay_over(config.defaults, section.layer), arguments);
      groups.push_back({.name = section.name, .axes = axes_of(layer), .sampling = sampling_of(layer)});
    }
  }
  return groups;
}

bool takes_pairs(const Group& group) {
  const auto cpus = group.axes.find("cpus");
  return cpus != group.axes.end() &&
         std::ranges::any_of(cpus->second, [](const Setting& setting) { return trim(setting.text) == "pairs"; });
}

// Other CPUs on the command line may leave a config's `sample` without a use.
void check_sample(const std::vector<Group>& groups, const Layer& arguments, const RunSettings& settings) {
  const bool overruled = arguments.contains("cpus") && !arguments.contains("sample");
  if (settings.sample && !overruled && std::ranges::none_of(groups, takes_pairs))
    throw UsageError("--sample draws from --cpus pairs, and nothing here asks for pairs.");
}

// A value of the plan that all cases share, or nothing.
template <class Value>
std::optional<Value> common(const std::vector<CaseResult>& cases, const auto& value_of) {
  std::optional<Value> first;
  for (const CaseResult& result : cases) {
    const std::optional<Value> value = value_of(result.sampling);
    if (!value || (first && *first != *value)) return std::nullopt;
    first = value;
  }
  return first;
}

// Of the whole plan, from those of its cases that are at hand.
std::optional<double> estimated_seconds(const std::vector<CaseResult>& cases, std::size_t all) {
  // Threads, pipes and buffers are made anew for each sample (measured on a VM with two CPUs).
  constexpr double between_samples = 0.004;
  constexpr double further_stream = 0.0015;
  constexpr double verification = 0.1;
  double seconds = 0;
  for (const CaseResult& result : cases) {
    if (result.status != Status::planned) continue;
    if (result.sampling.bytes) return std::nullopt;
    const double overhead = between_samples + further_stream * (result.spec.streams - 1);
    seconds += result.sampling.rounds * (result.sampling.time_seconds + result.sampling.warmup_seconds + overhead);
    if (result.sampling.verify) seconds += verification;
  }
  return cases.empty() ? 0 : seconds * static_cast<double>(all) / static_cast<double>(cases.size());
}

PlanRecord record_plan(const RunSettings& settings, const std::vector<CaseResult>& cases, std::size_t all,
                       const std::vector<std::string>& raw) {
  PlanRecord record;
  record.cases = all;
  record.estimated_seconds = estimated_seconds(cases, all);
  record.seed = *settings.seed;
  record.order = settings.shuffled ? "shuffled" : "sequential";
  record.arguments = raw;
  record.started = utc_now();
  for (const CaseResult& result : cases) record.rounds = std::max(record.rounds, result.sampling.rounds);
  record.time_seconds = common<double>(cases, [](const Sampling& sampling) {
    return sampling.bytes ? std::nullopt : std::optional(sampling.time_seconds);
  });
  record.bytes = common<std::uint64_t>(cases, [](const Sampling& sampling) { return sampling.bytes; });
  return record;
}

// A dry run for people lists no more than they would read: a plan of a million pairs has to stay small.
std::size_t listed(const Plan& plan, const RunSettings& settings) {
  constexpr std::size_t most = 1000;
  const bool for_people = format_named(settings.format).for_people && settings.outputs.empty();
  return settings.dry_run && for_people ? std::min(plan.size(), most) : plan.size();
}

std::vector<CaseResult> planned_cases(const Plan& plan, std::size_t count) {
  std::vector<CaseResult> cases;
  cases.reserve(count);
  for (std::size_t i = 0; i < count; ++i) cases.push_back(plan.at(i));
  return cases;
}

std::uint64_t random_seed() {
  std::random_device device;
  return device();  // 32 bits: short enough to type again
}

// The most that any one case needs: cases run one after the other.
void reserve_for(const std::vector<Group>& groups, const PlanContext& context, HugeReservation& reservation) {
  Machine generous = context.machine;
  generous.free_huge_2m = generous.free_huge_1g = std::numeric_limits<std::uint64_t>::max();
  const Plan plan(groups, {.catalog = context.catalog,
                           .machine = generous,
                           .sample = context.sample,
                           .seed = context.seed,
                           .oversubscribe = context.oversubscribe});
  std::uint64_t most_2m = 0;
  std::uint64_t most_1g = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const CaseResult result = plan.at(i);
    if (result.status != Status::planned) continue;
    std::uint64_t& most = result.spec.pages == Pages::m2 ? most_2m : most_1g;
    most = std::max(most, plan.huge_pages_needed(result.spec));
  }
  try {
    reservation.ensure(HugeSize::m2, most_2m);
    reservation.ensure(HugeSize::g1, most_1g);
  } catch (const SystemError& error) {
    spdlog::warn("--reserve-huge: {}. Cases that need huge pages are left out.", error.what());
  }
}

View stdout_view(const RunSettings& settings) {
  winsize size{};
  const bool known =
      ::isatty(STDOUT_FILENO) == 1 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40;
  return {.width = known ? size.ws_col : 80U, .color = colors_on(STDOUT_FILENO, settings.color)};
}

std::vector<OutputFile> open_outputs(const std::vector<std::string>& paths) {
  std::vector<OutputFile> files;
  for (const std::string& path : paths) {
    if (std::ranges::count(paths, path) > 1) throw UsageError(fmt::format("--output: '{}' is given twice.", path));
    files.emplace_back(path);
  }
  return files;
}

// Results that cannot be written to one place must still reach the others.
bool deliver(const Document& document, std::vector<OutputFile>& files, const RunSettings& settings) {
  bool delivered = true;
  for (OutputFile& file : files) {
    try {
      file.write(document);
    } catch (const SystemError& error) {
      spdlog::error("{}.", error.what());
      delivered = false;
    }
  }
  print(format_named(settings.format).render(document, stdout_view(settings)));
  return delivered;
}

void warn_of_left_out(const std::vector<CaseResult>& cases) {
  const auto skipped = std::ranges::count(cases, Status::skipped, &CaseResult::status);
  if (skipped == std::ssize(cases)) spdlog::warn("No case can run: {}", cases.front().reason);
  for (const CaseResult& result : cases) {
    for (const std::string& note : result.notes) spdlog::warn("{}: {}", result.name, note);
  }
}

// What takes long is said before it begins, and so is how much pairs come to, which nobody has counted.
void announce(const PlanRecord& plan, const std::vector<Group>& groups, const RunSettings& settings) {
  constexpr double long_seconds = 60;
  constexpr std::size_t many = 100;
  const bool worth_saying = plan.cases >= many || plan.estimated_seconds.value_or(0) >= long_seconds ||
                            std::ranges::any_of(groups, takes_pairs);
  if (settings.quiet || !worth_saying) return;
  const std::string text = fmt::format("pipebench: {} case{}, up to {} round{}, {}.\n", plan.cases,
                                       plan.cases == 1 ? "" : "s", plan.rounds, plan.rounds == 1 ? "" : "s",
                                       plan.estimated_seconds ? "about " + format_roughly(*plan.estimated_seconds)
                                                              : "for as long as their --bytes take");
  std::fputs(text.c_str(), stderr);  // stderr that cannot be written is no reason not to measure
}

bool measure(Document& document, const RunSettings& settings, const Topology& topology) {
  Sampler sampler(topology, interrupt_signal());
  ProgressLine line(settings.progress, settings.quiet);
  const RoundsSettings rounds{.seed = *settings.seed,
                              .shuffled = settings.shuffled,
                              .on_progress = [&](const Progress& progress) { line.show(progress); }};
  document.plan.complete =
      run_rounds(document.cases, rounds,
                 {.measure =
                      [&](const CaseSpec& spec, const Sampling& sampling, unsigned round) {
                        SampleOutcome outcome = sampler.take(spec, sampling, round);
                        if (outcome.sample)
                          spdlog::debug("round {}: {} to {}, {:.2f} GiB/s", round, spec.writer, spec.reader,
                                        outcome.sample->gib_per_second());
                        return outcome;
                      },
                  .verify = [&](const CaseSpec& spec, const Sampling& sampling,
                                const std::string& why_not) { return sampler.verify(spec, sampling, why_not); }});
  document.plan.finished = utc_now();
  return document.plan.complete;
}

int exit_code(const Document& document, bool complete, bool delivered) {
  if (!complete) return 128 + interrupt_signal().load();
  const bool failed =
      std::ranges::any_of(document.cases, [](const CaseResult& result) { return result.status == Status::failed; });
  return failed || !delivered ? 1 : 0;
}

}  // namespace

int run_command(const Layer& arguments, const std::vector<std::string>& raw) {
  RunSettings settings = settings_of(arguments);
  const std::vector<Config> configs = load_configs(arguments, settings);
  settings = settings_of(lay_over(defaults_of(configs), arguments));
  start_log(settings);
  check_sections(configs, settings.sections);
  if (!settings.seed) settings.seed = random_seed();

  const Topology topology = load_topology(settings.topology);
  if (!topology.is_this_machine() && !settings.dry_run)
    throw UsageError(
        "--topology: threads cannot be pinned to a machine that is not there; add --dry-run to plan for it.");
  Machine machine = machine_for_planning(topology);
  const Catalog catalog = probe_catalog();
  const std::vector<Group> groups = make_groups(configs, arguments, settings.sections);
  check_sample(groups, arguments, settings);
  const PlanContext context{.catalog = catalog,
                            .machine = machine,
                            .sample = settings.sample,
                            .seed = *settings.seed,
                            .oversubscribe = settings.oversubscribe};
  HugeReservation reservation;
  if (settings.reserve_huge && !settings.dry_run) {
    watch_for_interrupts();  // from here on there is something to give back
    reserve_for(groups, context, reservation);
  }
  if (machine.is_this_machine) count_free_huge_pages(machine);
  const Plan plan(groups, context);

  Document document{.tool = this_tool(),
                    .host = host_record(machine),
                    .plan = {},
                    .cases = planned_cases(plan, listed(plan, settings))};
  document.plan = record_plan(settings, document.cases, plan.size(), raw);
  check_stdout();
  if (!settings.dry_run || !settings.outputs.empty())
    watch_for_interrupts();  // from here on there is something to lose
  std::vector<OutputFile> files = open_outputs(settings.outputs);
  if (settings.dry_run) return deliver(document, files, settings) ? 0 : 1;
  warn_of_left_out(document.cases);
  announce(document.plan, groups, settings);
  const bool complete = measure(document, settings, topology);
  return exit_code(document, complete, deliver(document, files, settings));
}

}  // namespace pipebench
