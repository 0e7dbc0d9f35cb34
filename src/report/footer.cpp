#include "pipebench/report/footer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <span>
#include <string_view>

#include "pipebench/analysis/baseline.hpp"
#include "pipebench/analysis/ceilings.hpp"
#include "pipebench/analysis/completion.hpp"
#include "pipebench/analysis/figures.hpp"
#include "pipebench/analysis/precision.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/model/json.hpp"
#include "report/explanation.hpp"
#include "report/figures.hpp"
#include "report/legend.hpp"
#include "report/profile.hpp"
#include "report/rows.hpp"

namespace pipebench {
namespace {

// Cases with the same remark share it.
class RemarkList {
 public:
  // A name that is added several times in a row is kept once.
  void add(RemarkKind kind, const std::string& name, const std::string& text) {
    const auto [at, is_new] = places_.try_emplace({kind, text}, remarks_.size());
    if (is_new) remarks_.push_back({kind, {}, text});
    std::vector<std::string>& names = remarks_[at->second].names;
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  void add_for_all(RemarkKind kind, const std::string& text) { remarks_.push_back({kind, {}, text}); }
  /// All of them; nothing may be added afterwards.
  [[nodiscard]] std::vector<Remark> take() {
    std::ranges::stable_sort(remarks_, {}, &Remark::kind);
    return std::move(remarks_);
  }

 private:
  std::vector<Remark> remarks_;
  std::map<std::pair<RemarkKind, std::string>, std::size_t> places_;
};

std::string verdict_text(const Verification& verification) {
  const std::string_view how = !verification.zero_copy   ? ""
                               : *verification.zero_copy ? ", sent without a copy"
                                                         : ", copied when sent";
  return fmt::format("{}{}.{}", name_of(verification.outcome), how,
                     verification.reason.empty() ? "" : " " + verification.reason);
}

// How many streams are planned, how many bytes each sends if that was asked for, and on which CPUs they run.
std::string planned_streams_text(const CaseResult& result) {
  constexpr std::size_t most = 8;
  const CaseSpec& spec = result.spec;
  const auto& bytes = result.sampling.bytes;
  const std::string streams = fmt::format("{}{}", counted(spec.streams, "stream"),
                                          bytes ? fmt::format(" of {} a sample each", format_size(*bytes)) : "");
  if (!spec.placement.relation) return streams + ", not pinned.";
  std::vector<std::string> places;
  for (std::size_t i = 0; i < std::min<std::size_t>(spec.streams, most); ++i)
    places.push_back(cpus_text(spec.placement_of(i)));
  if (spec.streams > most) places.push_back(fmt::format("and {} more", spec.streams - most));
  return fmt::format("{}, on {}.", streams, fmt::join(places, "; "));
}

std::string measured_streams_text(const Summary& summary) {
  const auto [slowest, fastest] = std::ranges::minmax(summary.stream_gib_per_second);
  return fmt::format("{} of {} to {} GiB/s each; fairness {:.3f}.",
                     counted(summary.stream_gib_per_second.size(), "stream"), three_digits(slowest),
                     three_digits(fastest), summary.fairness.value_or(1));
}

// "5 writers with 19 to 22 % each"; empty for an end with one thread.
std::string shares_text(const std::vector<double>& shares, std::string_view role) {
  if (shares.empty()) return {};
  const auto [smallest, largest] = std::ranges::minmax(shares);
  return fmt::format("{} with {:.1f} to {:.1f} % each", counted(shares.size(), role), 100 * smallest, 100 * largest);
}

std::string measured_threads_text(const Summary& summary) {
  const std::string writers = shares_text(summary.writer_thread_shares, "writer");
  const std::string readers = shares_text(summary.reader_thread_shares, "reader");
  if (writers.empty() && readers.empty()) return {};
  return fmt::format("{}{}{}.", writers, writers.empty() || readers.empty() ? "" : ", ", readers);
}

std::string memory_text(const Obtained& obtained) {
  std::vector<std::string> ends;
  for (const auto& [role, nodes] :
       {std::pair{"writer", &obtained.writer_nodes}, std::pair{"reader", &obtained.reader_nodes}}) {
    if (nodes->empty()) continue;  // it has no buffers, or the kernel does not tell
    ends.push_back(fmt::format("the {}'s buffers on node {}", role, fmt::join(*nodes, " and ")));
  }
  return ends.empty() ? "its place is unknown." : fmt::format("{}.", fmt::join(ends, ", "));
}

// The options of a planned case that are not at their defaults and are neither in a column nor in its name.
std::string options_text(const CaseResult& result) {
  static const nlohmann::ordered_json defaults = to_json(CaseResult{}).at("spec");
  CaseResult rest;
  rest.spec = result.spec;
  rest.spec.placement = {};  // it has columns, and streams have a remark
  rest.spec.streams = 1;
  rest.spec.further_placements.clear();
  const nlohmann::ordered_json spec = to_json(rest).at("spec");
  std::vector<std::string> options;
  for (const auto& [key, value] : spec.items()) {
    if (value == defaults.at(key) || has_column(key)) continue;
    std::string option = key;
    std::ranges::replace(option, '_', '-');
    if (option.ends_with("-bytes")) option.resize(option.rfind('-'));  // the unit is the key's
    if (std::ranges::any_of(result.varied, [&](const auto& varied) { return varied.first == option; })) continue;
    options.push_back(value.is_boolean()  ? fmt::format("--{}", option)
                      : value.is_string() ? fmt::format("--{} {}", option, value.get<std::string>())
                                          : fmt::format("--{} {}", option, value.dump()));
  }
  return fmt::format("{}", fmt::join(options, " "));
}

// What decides how many rounds are taken, besides the numbers that are listed; empty: nothing does.
std::string planned_rounds_text(const RunGoals& goals) {
  std::vector<std::string> parts;
  if (goals.precision)
    parts.push_back(
        fmt::format("those of the plan or more, until each case is within ±{:g} %", 100 * *goals.precision));
  if (goals.steady) parts.push_back("samples taken under other conditions than most are taken again");
  if (goals.budget_seconds)
    parts.push_back(fmt::format("fewer where the budget of {} is used up", format_duration(*goals.budget_seconds)));
  return parts.empty() ? "" : fmt::format("{}.", fmt::join(parts, "; "));
}

// Options by section, unless all have the same: those that differ within a section are in the names of its cases.
void add_plan(RemarkList& remarks, const Document& document) {
  const std::string alike = planned_table(document).alike;
  if (!alike.empty()) remarks.add_for_all(RemarkKind::alike, alike);
  const std::string rounds = planned_rounds_text(document.plan.goals);
  if (!rounds.empty()) remarks.add_for_all(RemarkKind::budget, rounds);
  std::vector<std::pair<std::string, std::string>> options;  // with their sections
  for (const CaseResult& result : document.cases) {
    if (result.only_for_ceilings) continue;  // which have those of their cases
    options.emplace_back(result.section.empty() ? "every case" : result.section, options_text(result));
  }
  const auto text_of = &std::pair<std::string, std::string>::second;
  if (std::ranges::adjacent_find(options, std::ranges::not_equal_to{}, text_of) == options.end()) {
    if (!options.empty() && !options.front().second.empty())
      remarks.add(RemarkKind::options, "every case", options.front().second);
    return;
  }
  for (const auto& [section, text] : options) {
    if (!text.empty()) remarks.add(RemarkKind::options, section, text);
  }
}

std::string doubt_text(Doubt doubt, const CaseResult& result) {
  const Summary& summary = *result.summary;
  if (doubt == Doubt::conditions && summary.explanation)
    return advice_on(doubt, summary, advice_on(summary.explanation->condition));
  const std::string advice = advice_on(doubt, summary);
  return doubt == Doubt::cut_short ? fmt::format("{} {}", result.reason, advice) : advice;
}

// With the figure that differs from case to case.
std::string doubted_name(Doubt doubt, const CaseResult& result) {
  const auto& sleeps = result.summary->sleeps_per_second;
  return doubt == Doubt::sleeping && sleeps ? fmt::format("{} ({:.0f}/s)", result.name, *sleeps) : result.name;
}

// Where the figure is in no doubt, as a single sample falls out, it is still worth knowing why.
void add_explanation(RemarkList& remarks, const CaseResult& result) {
  if (!result.summary->explanation) return;
  const bool in_doubt = std::ranges::count(result.summary->doubts, Doubt::conditions) > 0;
  remarks.add(in_doubt ? RemarkKind::doubt : RemarkKind::note, result.name,
              explanation_text(*result.summary->explanation, result.spec.streams > 1));
}

void add_doubts(RemarkList& remarks, const CaseResult& result) {
  for (const Doubt doubt : result.summary->doubts)
    remarks.add(RemarkKind::doubt, doubted_name(doubt, result), doubt_text(doubt, result));
}

// Of a run: what rounds cases lack, unless a doubt below says so.
void add_lacking_rounds(RemarkList& remarks, const Document& document) {
  const bool shows_doubts = !has_profiles(document);
  for (const CaseResult* result : shown_cases(document)) {
    if (result->status != Status::planned || result->reason.empty()) continue;
    const bool in_doubt = result->summary && std::ranges::count(result->summary->doubts, Doubt::cut_short) > 0;
    if (!(shows_doubts && in_doubt)) remarks.add(RemarkKind::budget, result->name, result->reason);
  }
}

// Why a run ended before its cases were precise, and what to do.
std::string imprecision_text(const PlanRecord& plan) {
  if (!plan.complete) return "The run was interrupted.";
  if (plan.goals.budget_seconds)
    return fmt::format(
        "Another round did not fit into the budget of {}: give more (--budget), or take longer samples (--time).",
        format_duration(*plan.goals.budget_seconds));
  return "Give the run more time (--budget), or take longer samples (--time).";
}

// The least precise first.
void add_precision(RemarkList& remarks, const Document& document) {
  constexpr std::size_t most = 8;
  std::vector<Shortfall> missed = missed_precision(document);
  if (missed.empty()) return;
  std::ranges::stable_sort(missed, std::greater{}, &Shortfall::precision);
  std::vector<std::string> cases;
  for (const Shortfall& one : std::span(missed).first(std::min(missed.size(), most))) {
    const std::string& name = document.cases[one.index].name;
    cases.push_back(std::isfinite(one.precision) ? fmt::format("{} (±{:.1f} %)", name, 100 * one.precision)
                                                 : fmt::format("{} (too few samples)", name));
  }
  if (missed.size() > most) cases.push_back(fmt::format("{} more", missed.size() - most));
  const bool any_ratio = std::ranges::any_of(missed, [&](const Shortfall& one) {
    const auto& summary = document.cases[one.index].summary;
    return summary && summary->ratio;
  });
  const std::string text = fmt::format("not within ±{:g} %{}: {}. {}", 100 * *document.plan.goals.precision,
                                       any_ratio ? " (of the ratio, where there is one)" : "", fmt::join(cases, ", "),
                                       imprecision_text(document.plan));
  remarks.add_for_all(RemarkKind::precision, text);
}

void add_obstacle(RemarkList& remarks, const CaseResult& result) {
  if (result.status == Status::failed) remarks.add(RemarkKind::failed, result.name, result.reason);
  if (result.status == Status::skipped) remarks.add(RemarkKind::skipped, result.name, result.reason);
}

// Samples that have nothing to be compared by.
void add_samples_without_figure(RemarkList& remarks, const CaseResult& result) {
  const std::vector<Sample> samples = counted_samples(result);
  const auto without =
      std::ranges::count_if(samples, [](const Sample& sample) { return !figure_of(sample).has_value(); });
  if (without == 0) return;
  const std::string count = fmt::format("{} of {}", without, counted(samples.size(), "sample"));
  remarks.add(RemarkKind::note, result.name,
              result.spec.takes_turns()
                  ? fmt::format("{} without a price, as turns took no longer than reading the clock.", count)
                  : fmt::format("{} moved nothing. They are in the median, but not in ratios.", count));
}

void add_case(RemarkList& remarks, const CaseResult& result) {
  for (const std::string& note : result.notes) remarks.add(RemarkKind::note, result.name, note);
  if (result.verify) remarks.add(RemarkKind::verified, result.name, verdict_text(*result.verify));
  if (result.obtained && result.spec.membind != Membind::any)
    remarks.add(RemarkKind::memory, result.name, memory_text(*result.obtained));
  if (result.status == Status::planned && result.spec.streams > 1 && !result.summary)
    remarks.add(RemarkKind::streams, result.name, planned_streams_text(result));
  if (result.ceilings && result.ceilings->applies && result.ceilings->share.value_or(0) >= 1.005)
    remarks.add(RemarkKind::note, result.name, std::string(why_above(*result.ceilings->applies)));
  const auto set_aside = std::ranges::count(result.samples, true, &Sample::set_aside);
  if (set_aside > 0)
    remarks.add(RemarkKind::set_aside, result.name,
                fmt::format("{} of {}, taken under other conditions than most.", set_aside,
                            counted(result.samples.size(), "sample")));
  add_samples_without_figure(remarks, result);
  if (!result.summary) return;
  if (!result.summary->stream_gib_per_second.empty())
    remarks.add(RemarkKind::streams, result.name, measured_streams_text(*result.summary));
  if (const std::string threads = measured_threads_text(*result.summary); !threads.empty())
    remarks.add(RemarkKind::threads, result.name, threads);
}

// Was a baseline picked of which there are no samples, as it was skipped or failed?
bool lacks_baseline(const Document& document) {
  return !document.plan.baseline.empty() && baseline_of(document) == nullptr && !measured_cases(document).empty();
}

// The baseline was picked, so its user expects a ratio of every case.
void add_unlike_baseline(RemarkList& remarks, const Document& document) {
  const CaseResult* baseline = document.plan.baseline.empty() ? nullptr : baseline_of(document);
  if (baseline == nullptr) return;
  for (const CaseResult* result : measured_cases(document)) {
    if (result != baseline && !is_relative_to(*result, baseline))
      remarks.add(RemarkKind::note, result->name, "A price and a speed have no ratio.");
  }
}

constexpr std::string_view planned_ceilings =
    "--ceilings also measures how fast one core reads and copies memory, a bare system call, and, with what else a "
    "case "
    "asks for, ceilings:alone, its pair with --isolation none, and ceilings:null, its loops without a pipe.";

std::vector<Remark> remarks_on(const Document& document) {
  RemarkList remarks;
  const bool is_dry_run = document.plan.is_dry_run();
  if (is_dry_run) add_plan(remarks, document);
  if (is_dry_run && document.plan.ceilings) remarks.add_for_all(RemarkKind::note, std::string(planned_ceilings));
  for (const CaseResult& result : document.cases) add_obstacle(remarks, result);
  for (const CaseResult* result : shown_cases(document)) add_case(remarks, *result);
  if (!is_dry_run) add_lacking_rounds(remarks, document);
  add_precision(remarks, document);
  if (has_profiles(document)) {  // which show no intervals that could be in doubt
    for (const std::string& obstacle : profile_obstacles(document)) remarks.add_for_all(RemarkKind::missing, obstacle);
    return remarks.take();
  }
  // Cases share their advice, so it follows all explanations.
  const std::vector<const CaseResult*> measured = measured_cases(document);
  for (const CaseResult* result : measured) add_explanation(remarks, *result);
  for (const CaseResult* result : measured) add_doubts(remarks, *result);
  if (lacks_baseline(document))
    remarks.add(RemarkKind::note, document.plan.baseline, "As the baseline was not measured, there are no ratios.");
  add_unlike_baseline(remarks, document);
  return remarks.take();
}

}  // namespace

Totals totals_of(const Document& document) {
  const PlanRecord& plan = document.plan;
  Totals totals{.listed = document.cases.size(),
                .planned = plan.cases,
                .seed = plan.seed,
                .interrupted = !plan.is_dry_run() && !plan.complete};
  for (const CaseResult& result : document.cases) {
    const bool cut_short = is_cut_short(result);
    if (result.only_for_ceilings && (result.status == Status::ok || cut_short)) continue;  // it has no row
    ++totals.with_status[static_cast<std::size_t>(result.status)];
    if (cut_short) ++totals.cut_short;
    if (!plan.is_dry_run() && result.status == Status::planned && !cut_short) ++totals.unmeasured;
  }
  if (plan.is_dry_run() && totals.with_status[static_cast<std::size_t>(Status::planned)] > 0) {
    totals.estimated_seconds = plan.estimated_seconds;
    if (!plan.estimated_seconds) totals.longest_seconds = plan.longest_seconds;
  }
  return totals;
}

std::string lacking_text(const Totals& totals) {
  std::vector<std::string> parts;
  if (totals.cut_short > 0) parts.push_back(fmt::format("{} cut short", totals.cut_short));
  if (totals.unmeasured > 0) parts.push_back(fmt::format("{} not measured", totals.unmeasured));
  return fmt::format("{}", fmt::join(parts, ", "));
}

Footer footer_of(const Document& document) {
  return {.remarks = remarks_on(document),
          .legend = legend_of(document, measured_cases(document)),
          .totals = totals_of(document)};
}

}  // namespace pipebench
