#include "report/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <span>

#include "pipebench/analysis/profile.hpp"
#include "pipebench/base/distinct.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/printable.hpp"
#include "report/figures.hpp"

namespace pipebench {
namespace {

constexpr std::size_t most_functions = 10;  // of each end
constexpr std::array both_roles{Role::writer, Role::reader};

const EndProfile& end_of(const Profile& profile, Role role) {
  return role == Role::writer ? profile.writer : profile.reader;
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }
std::string percent_or_dash(const std::optional<double>& share) { return share ? percent(*share) : "-"; }

// Does a frame of either end do?
bool any_frame(const Profile& profile, auto&& does) {
  return std::ranges::any_of(both_roles, [&](Role role) {
    return std::ranges::any_of(end_of(profile, role).stacks,
                               [&](const Stack& stack) { return std::ranges::any_of(stack.frames, does); });
  });
}

// Without names of kernel functions, kinds of work and functions say nothing; user code needs none.
bool has_names(const Profile& profile) {
  const auto is_unknown = [](const std::string& frame) { return frame == unknown_frame; };
  const auto is_user = [](const std::string& frame) { return frame == user_frame; };
  const auto is_named = [&](const std::string& frame) { return !is_unknown(frame) && !is_user(frame); };
  return any_frame(profile, is_named) || (any_frame(profile, is_user) && !any_frame(profile, is_unknown));
}

// ---------------------------------------------------------------------------------------------- from the counters

const EndCounters& end_of(const Sample& sample, Role role) {
  return role == Role::writer ? sample.writer : sample.reader;
}

/// Over all samples of a case. Empty: some sample does not have it.
struct EndTimes {
  std::optional<double> user_seconds = 0, system_seconds = 0;
  double all_seconds = 0;  ///< that the threads could have run for
  [[nodiscard]] std::optional<double> cpu_seconds() const {
    if (!user_seconds || !system_seconds) return std::nullopt;
    return *user_seconds + *system_seconds;
  }
};

void add(std::optional<double>& sum, const std::optional<double>& more) {
  sum = sum && more ? std::optional(*sum + *more) : std::nullopt;
}

EndTimes times_of(const CaseResult& result, Role role) {
  const unsigned threads = role == Role::writer ? result.spec.writer_threads : result.spec.reader_threads;
  EndTimes times;
  for (const Sample& sample : result.samples) {
    add(times.user_seconds, end_of(sample, role)[Counter::user_seconds]);
    add(times.system_seconds, end_of(sample, role)[Counter::system_seconds]);
    times.all_seconds += sample.counted_seconds * result.spec.streams * threads;
  }
  return times;
}

// Of the threads that run both ends.
EndTimes times_of_both(const CaseResult& result) {
  EndTimes times;
  for (const Sample& sample : result.samples) {
    const auto& system = sample.both_ends_system_seconds;
    const auto& all = sample.both_ends_seconds;
    add(times.system_seconds, system);
    add(times.user_seconds, system && all ? std::optional(*all - *system) : std::nullopt);
  }
  return times;
}

// Of the CPU time.
std::optional<double> system_share(const EndTimes& times) {
  const double cpu_seconds = times.cpu_seconds().value_or(0);
  return cpu_seconds > 0 ? std::optional(*times.system_seconds / cpu_seconds) : std::nullopt;
}

// Of the time that was measured.
std::optional<double> running_share(const EndTimes& times) {
  const auto cpu_seconds = times.cpu_seconds();
  if (!cpu_seconds || times.all_seconds <= 0) return std::nullopt;
  return std::min(1.0, *cpu_seconds / times.all_seconds);
}

/// CPU time that the kernel splits: of an end, or of the threads that each run both.
struct NamedTimes {
  std::string name;
  EndTimes times;
};

std::vector<NamedTimes> split_times(const CaseResult& result) {
  if (result.spec.takes_turns()) return {{"both ends", times_of_both(result)}};
  return {{"writer", times_of(result, Role::writer)}, {"reader", times_of(result, Role::reader)}};
}

// Without samples, or without names of functions, that is what can be said. No rows: not even that.
Grid mode_grid(const CaseResult& result) {
  Grid grid{.columns = {{.header = "CPU time in"}}, .rows = {}};
  std::vector<std::string> kernel{"the kernel"}, user{"user code"};
  bool any = false;
  // Counted in ticks: no more digits.
  const auto shown = [](double share) { return fmt::format("{:.0f} %", 100 * share); };
  for (const auto& [name, times] : split_times(result)) {
    const auto share = system_share(times);
    any = any || share;
    grid.columns.push_back({.header = name, .right = true});
    kernel.push_back(share ? shown(*share) : "-");
    user.push_back(share ? shown(1 - *share) : "-");
  }
  if (any) grid.rows = {kernel, user};
  return grid;
}

// What to know of the table above, or why it is not there. Empty where nothing is.
std::string modes_text(const CaseResult& result) {
  constexpr double enough_seconds = 1;  // of CPU time: 100 ticks or more
  if (result.samples.empty()) return {};
  std::optional<double> least;
  for (const auto& [name, times] : split_times(result)) {
    if (const auto seconds = times.cpu_seconds()) least = std::min(*seconds, least.value_or(*seconds));
  }
  if (!least) return "How much of the CPU time went to the kernel is not known, either.";
  if (*least >= enough_seconds) return {};
  return fmt::format(
      "The kernel splits CPU time by timer ticks, up to 10 ms apart, and {} had less than a second of it; use a longer "
      "--time or more --rounds.",
      result.spec.takes_turns() ? "the ends" : "an end");
}

// Samples are taken of running threads alone. Empty where that is as good as always.
std::string sleeping_text(const CaseResult& result) {
  constexpr double as_good_as_always = 0.95;
  const auto writer = running_share(times_of(result, Role::writer));
  const auto reader = running_share(times_of(result, Role::reader));
  if (!writer || !reader || std::min(*writer, *reader) >= as_good_as_always) return {};
  return fmt::format(
      "The writer ran for {:.0f} % of the time, the reader for {:.0f} %; there are no samples of the rest.",
      100 * *writer, 100 * *reader);
}

// ---------------------------------------------------------------------------------------------- from the samples

// Empty without samples.
std::optional<double> share_of(const EndProfile& end, Work work) {
  if (end.samples == 0) return std::nullopt;
  const auto found = std::ranges::find(end.work, work, &WorkShare::work);
  return found == end.work.end() ? 0 : found->share;
}

// The kinds of work that either end did, the largest first.
Grid work_grid(const Profile& profile) {
  struct Row {
    Work work;
    std::optional<double> writer, reader;
    [[nodiscard]] double sum() const { return writer.value_or(0) + reader.value_or(0); }
  };
  std::vector<Row> rows;
  for (const auto& kind : names<Work>) {
    const Row row{kind.value, share_of(profile.writer, kind.value), share_of(profile.reader, kind.value)};
    if (row.sum() > 0) rows.push_back(row);
  }
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) { return a.sum() > b.sum(); });
  Grid grid{.columns = {{.header = "work"}, {.header = "writer", .right = true}, {.header = "reader", .right = true}},
            .rows = {}};
  for (const Row& row : rows)
    grid.rows.push_back({std::string(name_of(row.work)), percent_or_dash(row.writer), percent_or_dash(row.reader)});
  return grid;
}

Grid calls_grid(const std::string& what) {
  return {.columns = {{.header = "self", .right = true},
                      {.header = "total", .right = true},
                      {.header = what, .wrap = true}},
          .rows = {}};
}

// Those that samples were taken in, not just below.
Grid function_grid(const EndProfile& end, Role role) {
  Grid grid = calls_grid(fmt::format("function of the {}", name_of(role)));
  for (const FunctionShare& function : std::span(end.functions).first(std::min(end.functions.size(), most_functions))) {
    if (function.self_samples > 0)
      grid.rows.push_back({percent(function.self_share), percent(function.inclusive_share), function.name});
  }
  return grid;
}

void add_calls(Grid& grid, const CallNode& node, std::uint64_t all, std::size_t depth) {
  const auto share = [&](std::uint64_t samples) {
    return percent(static_cast<double>(samples) / static_cast<double>(all));
  };
  for (const CallNode& callee : node.callees) {
    grid.rows.push_back({share(callee.self_samples), share(callee.samples), std::string(depth, ' ') + callee.name});
    add_calls(grid, callee, all, depth + 1);
  }
}

Grid tree_grid(const EndProfile& end, Role role) {
  Grid grid = calls_grid(fmt::format("calls of the {}", name_of(role)));
  const CallNode tree = call_tree(end.stacks, name_of(role));
  add_calls(grid, tree, tree.samples, 0);
  return grid;
}

// The functions behind the kind "other". Empty where there are none.
std::string other_text(const EndProfile& end, Role role) {
  constexpr std::size_t most = 6;
  if (end.other.empty()) return {};
  std::vector<std::string> functions;
  for (const NamedCount& function : std::span(end.other).first(std::min(end.other.size(), most)))
    functions.push_back(fmt::format("{} ({})", function.name,
                                    percent(static_cast<double>(function.samples) / static_cast<double>(end.samples))));
  if (end.other.size() > most) functions.push_back(fmt::format("{} more", end.other.size() - most));
  return fmt::format("other of the {}: {}.", name_of(role), fmt::join(functions, ", "));
}

// How far the shares may be off. Empty where that is little, or an end could not be sampled.
std::string precision_text(const Profile& profile) {
  constexpr double little = 5;  // percentage points
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
  for (const Role role : both_roles) {
    const EndProfile& end = end_of(profile, role);
    if (end.samples > 0 || end.missing.empty()) fewest = std::min(fewest, end.samples);
  }
  if (fewest == 0) return "One end ran too briefly to be sampled; use a longer --time or more --rounds.";
  // Half the 95 % interval of a share of one half, the widest (normal approximation of the binomial distribution).
  const double points = 100 * 1.96 * 0.5 / std::sqrt(static_cast<double>(fewest));
  if (points <= little) return {};
  return fmt::format(
      "With so few call-chain samples, shares are off by up to {:.0f} percentage points; use a longer --time or more "
      "--rounds.",
      points);
}

// That threads of an end could not be sampled. Empty where all could.
std::string missing_text(const Profile& profile, Role role) {
  const EndProfile& end = end_of(profile, role);
  const bool is_below = std::ranges::find(profile.obstacles, end.missing, &Finding::what) != profile.obstacles.end();
  if (!is_below) return end.missing;
  if (end.samples == 0) return fmt::format("There are no samples of the {}; see below.", name_of(role));
  return fmt::format("Not every thread of the {} was sampled at all times; see below.", name_of(role));
}

// What got lost of the samples. Empty where nothing did.
std::string loss_text(const EndProfile& end, Role role) {
  std::vector<std::string> sentences;
  if (end.lost != 0) {
    const std::string lost = end.lost ? counted(*end.lost, "sample") : "An unknown number of samples";
    sentences.push_back(
        fmt::format("{} of the {} got lost, as the buffer was full; use shorter samples (--time) or a lower --rate.",
                    lost, name_of(role)));
  }
  if (end.throttled > 0)
    sentences.push_back(fmt::format("The kernel paused sampling of the {} {}; a lower --rate avoids that.",
                                    name_of(role), counted(end.throttled, "time")));
  return fmt::format("{}", fmt::join(sentences, " "));
}

// ---------------------------------------------------------------------------------------------- a case

/// What a case has to show.
struct CaseProfile {
  std::string name;
  std::string facts;  ///< "3.21 GiB/s while profiled; ..."
  std::vector<Grid> tables;
  std::vector<Grid> trees;
  std::vector<std::string> sentences;  ///< paragraphs
};

std::string speed_text(const CaseResult& result) {
  if (!result.summary) return "";
  const Summary& summary = *result.summary;
  if (result.spec.takes_turns() && summary.writer_ns_per_page && summary.reader_ns_per_page)
    return fmt::format("{} ns (writer) and {} ns (reader) per 4 KiB while profiled; ",
                       three_digits(*summary.writer_ns_per_page), three_digits(*summary.reader_ns_per_page));
  return fmt::format("{} GiB/s while profiled; ", three_digits(summary.median_gib_per_second));
}

// "cpu-clock of each thread"
std::string event_text(const Profile& profile) {
  if (!profile.event_scope) return profile.event;
  switch (*profile.event_scope) {
    case EventScope::cpu:
      return profile.event + " of their CPUs";
    case EventScope::thread:
      return profile.event + " of each thread";
    case EventScope::mixed:
      break;
  }
  return profile.event + " of CPUs and of threads";
}

std::string facts_of(const CaseResult& result) {
  const Profile& profile = *result.profile;
  if (profile.event.empty()) return speed_text(result) + "no samples.";
  return fmt::format("{}{} of the writer, {} of the reader ({}, {} Hz).", speed_text(result),
                     counted(profile.writer.samples, "sample"), profile.reader.samples, event_text(profile),
                     profile.frequency_hz);
}

void add_samples(CaseProfile& shown, const Profile& profile, const View& view) {
  shown.tables.push_back(work_grid(profile));
  for (const Role role : both_roles) {
    const EndProfile& end = end_of(profile, role);
    shown.tables.push_back(function_grid(end, role));
    if (view.call_trees) shown.trees.push_back(tree_grid(end, role));
    shown.sentences.push_back(other_text(end, role));
  }
}

CaseProfile profile_of(const CaseResult& result, const View& view) {
  const Profile& profile = *result.profile;
  CaseProfile shown{.name = result.name, .facts = facts_of(result), .tables = {}, .trees = {}, .sentences = {}};
  const bool named = has_names(profile);
  if (named) {
    add_samples(shown, profile, view);
  } else {
    shown.tables.push_back(mode_grid(result));
    shown.sentences.push_back(modes_text(result));
  }
  if (!profile.event.empty()) {
    shown.sentences.push_back(sleeping_text(result));
    for (const Role role : both_roles) shown.sentences.push_back(missing_text(profile, role));
  }
  const bool has_samples = profile.writer.samples + profile.reader.samples > 0;
  if (named || (!profile.event.empty() && !has_samples)) shown.sentences.push_back(precision_text(profile));
  for (const Role role : both_roles) shown.sentences.push_back(loss_text(end_of(profile, role), role));
  for (const Role role : both_roles) {
    if (named) shown.sentences.push_back(end_of(profile, role).conclusion);
  }
  for (auto* grids : {&shown.tables, &shown.trees})
    std::erase_if(*grids, [](const Grid& grid) { return grid.rows.empty(); });
  std::erase(shown.sentences, "");
  return shown;
}

std::vector<CaseProfile> profiles_of(const Document& document, const View& view) {
  std::vector<CaseProfile> profiles;
  for (const CaseResult& result : document.cases) {
    if (result.profile) profiles.push_back(profile_of(result, view));
  }
  return profiles;
}

}  // namespace

bool has_profiles(const Document& document) {
  return std::ranges::any_of(document.cases, [](const CaseResult& result) { return result.profile.has_value(); });
}

bool asks_for_profiles(const Document& document) {
  return !document.plan.is_dry_run() && std::ranges::any_of(document.cases, [](const CaseResult& result) {
    return result.sampling.profile_hz.has_value();
  });
}

std::string profiles_as_text(const Document& document, const View& view) {
  std::string text;
  for (const CaseProfile& profile : profiles_of(document, view)) {
    text += wrap_text(profile.facts, view.width, 2, escaped(profile.name) + ": ") + '\n';
    for (const auto* grids : {&profile.tables, &profile.trees}) {
      for (const Grid& grid : *grids) text += grid_as_text(grid, view.width) + '\n';
    }
    for (const std::string& sentence : profile.sentences) text += wrap_text(sentence, view.width, 2, "");
    if (!profile.sentences.empty()) text += '\n';
  }
  return text;
}

std::string profiles_as_markdown(const Document& document, const View& view) {
  constexpr unsigned tree_width = 120;
  std::string text;
  for (const CaseProfile& profile : profiles_of(document, view)) {
    text += fmt::format("### {}\n\n{}\n\n", markdown_text(profile.name), markdown_text(profile.facts));
    for (const Grid& grid : profile.tables) text += grid_as_markdown(grid) + '\n';
    for (const Grid& grid : profile.trees) text += fmt::format("```\n{}```\n\n", grid_as_text(grid, tree_width));
    for (const std::string& sentence : profile.sentences) text += fmt::format("- {}\n", markdown_text(sentence));
    text += '\n';
  }
  return text;
}

Grid profile_rows(const Document& document) {
  Grid grid{.columns =
                {{.header = "name"}, {.header = "end"}, {.header = "kind"}, {.header = "samples"}, {.header = "share"}},
            .rows = {}};
  for (const CaseResult& result : document.cases) {
    if (!result.profile) continue;
    for (const Role role : both_roles) {
      for (const WorkShare& kind : end_of(*result.profile, role).work)
        grid.rows.push_back({result.name, std::string(name_of(role)), std::string(name_of(kind.work)),
                             std::to_string(kind.samples), fmt::format("{}", kind.share)});
    }
  }
  return grid;
}

std::vector<std::string> profile_obstacles(const Document& document) {
  std::vector<std::string> sentences;
  for (const CaseResult& result : document.cases) {
    if (!result.profile) continue;
    for (const Finding& obstacle : result.profile->obstacles) sentences.push_back(sentence_of(obstacle));
  }
  return distinct(std::move(sentences));
}

std::string profile_legend(const Document& document) {
  const bool any_names = std::ranges::any_of(
      document.cases, [](const CaseResult& result) { return result.profile && has_names(*result.profile); });
  if (!any_names) return {};
  return "Shares of the samples of each end, which are taken while it runs. self: in the function itself; total: with "
         "what it called. What the kinds of work are: docs/measuring.md, \"Where the time goes\".";
}

std::string profiles_as_folded(const Document& document, const View&) {
  std::string lines;
  std::set<std::string> taken;  // names that differ need not do so as frames
  for (const CaseResult& result : document.cases) {
    if (!result.profile) continue;
    const std::string frame = folded_frame(result.name);
    std::string root = frame;
    for (int i = 2; !taken.insert(root).second; ++i) root = fmt::format("{}_{}", frame, i);
    for (const Role role : both_roles) lines += folded(end_of(*result.profile, role).stacks, {root, name_of(role)});
  }
  return lines;
}

}  // namespace pipebench
