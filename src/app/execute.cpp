#include "app/execute.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <string_view>

#include "app/comparing.hpp"
#include "app/goals.hpp"
#include "app/interrupt.hpp"
#include "app/log.hpp"
#include "app/output.hpp"
#include "app/progress.hpp"
#include "app/saving.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/report/footer.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {
namespace {

// A dry run for people lists no more than they would read, so that a plan of a million pairs stays small.
std::size_t listed(const Session& session) {
  constexpr std::size_t most = 1000;
  const RunSettings& settings = session.settings();
  const bool for_people = format_named(settings.format).for_people && settings.outputs.empty();
  return settings.dry_run && for_people ? std::min(session.size(), most) : session.size();
}

void warn_of_left_out(const std::vector<CaseResult>& cases, const std::string& baseline) {
  const auto skipped = std::ranges::count(cases, Status::skipped, &CaseResult::status);
  if (skipped == std::ssize(cases)) spdlog::warn("No case can run: {}", cases.front().reason);
  for (const CaseResult& result : cases) {
    if (result.name == baseline && result.status == Status::skipped)
      spdlog::warn("--baseline: '{}' cannot run, so there will be no ratios: {}", baseline, result.reason);
  }
}

// A note on many cases is printed once; the results name the cases.
void warn_of_notes(const std::vector<CaseResult>& cases) {
  std::vector<std::string_view> notes;  // in the order of the cases
  std::map<std::string_view, std::vector<std::string_view>> names;
  for (const CaseResult& result : cases) {
    for (const std::string& note : result.notes) {
      if (names[note].empty()) notes.push_back(note);
      names[note].push_back(result.name);
    }
  }
  for (const std::string_view note : notes) {
    const std::vector<std::string_view>& of = names[note];
    spdlog::warn("{}: {}", of.size() == 1 ? std::string(of.front()) : counted(of.size(), "case"), note);
  }
}

std::string length_text(const PlanRecord& plan) {
  if (plan.estimated_seconds) return "about " + format_roughly(*plan.estimated_seconds);
  if (plan.longest_seconds) return "at most " + format_roughly(*plan.longest_seconds);
  if (plan.goals.are_open()) return fmt::format("up to {}", counted(rounds_limit_factor * plan.rounds, "round"));
  return "for as long as their bytes take";
}

std::string rounds_text(const PlanRecord& plan) {
  if (plan.goals.are_open() && plan.goals.budget_seconds) return "as many rounds as they need";  // few or many
  return fmt::format("{} {}", plan.goals.are_open() ? "at least" : "up to", counted(plan.rounds, "round"));
}

// Says beforehand when a run takes long, and how many cases pairs of CPUs come to.
void announce(const PlanRecord& plan, const std::vector<Group>& groups, const RunSettings& settings) {
  constexpr double long_seconds = 60;
  constexpr std::size_t many = 100;
  const double seconds = plan.estimated_seconds.value_or(plan.longest_seconds.value_or(0));
  const bool worth_saying = plan.cases >= many || seconds >= long_seconds || std::ranges::any_of(groups, takes_pairs);
  if (settings.quiet || !worth_saying) return;
  const std::string text = plan.tuning ? fmt::format("pipebench: looking for the fastest of {}, for {}.\n",
                                                     counted(plan.cases, "case"), length_text(plan))
                                       : fmt::format("pipebench: {}, {}, {}.\n", counted(plan.cases, "case"),
                                                     rounds_text(plan), length_text(plan));
  std::fputs(text.c_str(), stderr);  // if stderr cannot be written, measure all the same
}

// Tables and Markdown say it where the profile would be.
void warn_of_missing_samples(const Document& document, const RunSettings& settings) {
  if (!format_named(settings.format).for_people) {
    for (const std::string& obstacle : profile_obstacles(document)) spdlog::warn("{}", obstacle);
  }
  if (!settings.folded.empty() && profiles_as_folded(document, {}).empty())
    spdlog::warn("--folded: '{}' is empty, as there are no samples.", settings.folded);
}

// Tables and Markdown have it among their totals.
void warn_of_lacking_rounds(const Document& document, const RunSettings& settings) {
  const std::string lacking = lacking_text(totals_of(document));
  if (lacking.empty() || format_named(settings.format).for_people) return;
  spdlog::warn("Not every case has its rounds: {}. These have the status `planned`, and their `reason` says why.",
               lacking);
}

// Formats for programs have the results alone on stdout, so that the comparison goes to stderr there.
NamedComparison compare_with(const Document& base, const Document& document, const RunSettings& settings) {
  NamedComparison comparison = compare_files({.name = settings.against, .document = &base},
                                             {.name = "this run", .document = &document}, settings);
  const Listing listing = comparison_listing(std::span(&comparison, 1));
  const Format& format = format_named(settings.format);
  if (format.for_people) {
    print("\n" + format.render_listing(listing, stdout_view(settings)));
  } else {
    std::fputs(listing_as_table(listing, {}).c_str(), stderr);
  }
  return comparison;
}

}  // namespace

int exit_code_of(const Document& document, bool delivered) {
  if (!document.plan.complete) return interrupted_exit_code();
  const bool failed = std::ranges::count(shown_cases(document), Status::failed, &CaseResult::status) > 0;
  return failed || !delivered ? 1 : 0;
}

void measure_with_progress(const Session& session, Document& document, const Outputs* outputs, const Measure& instead) {
  const RunSettings& settings = session.settings();
  ProgressLine line(settings.progress, settings.quiet, settings.goals.budget_seconds);
  std::vector<RunObserver*> observers{&line};
  std::optional<Saving> saving;
  if (outputs && outputs->can_save()) observers.push_back(&saving.emplace(session, document, *outputs));
  session.measure(document, observers, instead);
}

int execute(RunRequest request, Loaded loaded, const std::vector<std::string>& typed) {
  start_log(request.settings);
  const std::optional<Document> against = read_against(request.settings);
  const Session session(std::move(request), std::move(loaded), typed);
  const RunSettings& settings = session.settings();
  Document document = session.document(listed(session));
  if (against && !settings.dry_run) check_against(*against, document, settings);
  check_stdout();
  if (!settings.dry_run || !settings.outputs.empty()) handle_interrupts();  // from here on there is something to lose
  Outputs outputs(settings);
  if (settings.dry_run) return outputs.deliver(document) ? 0 : 1;
  warn_of_left_out(document.cases, document.plan.baseline);
  warn_of_notes(document.cases);
  announce(document.plan, session.request().groups, settings);
  measure_with_progress(session, document, &outputs);
  warn_of_missing_samples(document, settings);
  warn_of_lacking_rounds(document, settings);
  const int code = exit_code_of(document, outputs.deliver(document));
  if (!against) return code;
  const NamedComparison comparison = compare_with(*against, document, settings);
  return code != 0 ? code : exit_code_of(std::span(&comparison, 1));
}

}  // namespace pipebench
