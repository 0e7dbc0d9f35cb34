#include "report/tuning.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pipebench/base/plural.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/report/recipe.hpp"
#include "report/figures.hpp"
#include "report/rows.hpp"

namespace pipebench {
namespace {

constexpr std::size_t most_rows = 10;

const CaseResult* case_named(const Document& document, const std::string& name) {
  const auto at = std::ranges::find(document.cases, name, &CaseResult::name);
  return at == document.cases.end() || !at->summary ? nullptr : &*at;
}

std::string interval_text(double low, double high) {
  return fmt::format("{}-{}", three_digits(low), three_digits(high));
}

// Of few rounds there are none worth showing.
std::string speed_interval(const Summary& summary) {
  return covers_95(summary) ? interval_text(summary.ci95_low, summary.ci95_high) : "-";
}

Cases best_of(const Document& document) {
  Cases best = measured_cases(document);
  best.resize(std::min(best.size(), most_rows));
  return best;
}

PlannedTable best_table(const Cases& best) {
  PlannedTable table = choice_table(best);
  for (const Column& column : {Column{.header = "GiB/s", .right = true}, Column{.header = "95%", .right = true},
                               Column{.header = "x best", .right = true}, Column{.header = "rounds", .right = true}})
    table.grid.columns.push_back(column);
  for (std::size_t i = 0; i < best.size(); ++i) {
    const Summary& summary = *best[i]->summary;
    auto& row = table.grid.rows[i];
    row.push_back(three_digits(summary.median_gib_per_second));
    row.push_back(speed_interval(summary));
    row.push_back(i == 0 ? "1.00" : summary.ratio ? three_digits(*summary.ratio) : "-");
    row.push_back(std::to_string(summary.n));
  }
  table.grid = without_empty_columns(std::move(table.grid));
  return table;
}

// "writer vmsplice and reader read, wait busy, 2 buffers of 128K in pages thp, a pipe of 128K"
std::string in_words(const CaseSpec& spec) {
  return fmt::format("writer {} and reader {}, wait {}, {} of {} in pages {}, a pipe of {}", spec.writer, spec.reader,
                     name_of(spec.wait), counted(spec.buffers, "buffer"), format_size(spec.buffer_bytes),
                     name_of(spec.pages), format_size(*spec.pipe_bytes));
}

// What the fastest does not do, and what asks for it.
std::string limits_text(const CaseResult& fastest, const TuningRecord& tuning) {
  const auto asks = [&](Need need) { return std::ranges::find(tuning.needs, need) != tuning.needs.end(); };
  const CaseSpec& spec = fastest.spec;
  std::string text;
  if (fastest.traits.replay) {
    text += " It sends the same bytes again and again: for new ones, add --need fresh.";
  } else if (spec.payload == Payload::fixed) {
    text += " What it takes to make the bytes is not in it: --need fresh has each rewritten before it is sent.";
  }
  const bool reader_sees = fastest.traits.touched == Touched::reader || fastest.traits.touched == Touched::both;
  if (!reader_sees && !asks(Need::bytes))
    text += " Its reader does not get to see the bytes: if it has to, add --need bytes.";
  if (!spec.may_sleep()) text += " An end that waits keeps its CPU busy: if it must not, add --need no-spin.";
  return text;
}

std::string fastest_text(const CaseResult& fastest, const TuningRecord& tuning) {
  const Summary& summary = *fastest.summary;
  const std::string interval =
      covers_95(summary) ? fmt::format(" ({}, 95 %)", interval_text(summary.ci95_low, summary.ci95_high)) : "";
  return fmt::format("Fastest: {}: {} GiB/s{}.{}", in_words(fastest.spec), three_digits(summary.median_gib_per_second),
                     interval, limits_text(fastest, tuning));
}

// Which of the two asks less of a program.
std::string simpler_text(const CaseResult& fastest, const CaseResult& runner_up) {
  const auto memory = [](const CaseSpec& spec) { return spec.buffers * spec.buffer_bytes + *spec.pipe_bytes; };
  const std::uint64_t first = memory(fastest.spec), second = memory(runner_up.spec);
  if (first == second) return "take the one that suits the program better";
  return fmt::format("take the one that suits the program better, or the {}, which needs less memory",
                     first < second ? "fastest" : "runner-up");
}

std::string certainty_text(const Document& document, const CaseResult& fastest) {
  const TuningRecord& tuning = *document.plan.tuning;
  const CaseResult* second = case_named(document, tuning.runner_up);
  if (second == nullptr || !tuning.ratio)
    return document.plan.complete ? "There is no other case to compare it with."
                                  : "The search was interrupted before it had compared anything.";
  const std::string rounds = tuning.rounds == 0 ? "" : fmt::format(", over {}", counted(tuning.rounds, "round"));
  const std::string interval =
      tuning.ratio_ci99_low && tuning.ratio_ci99_high
          ? fmt::format(" ({}, 99 %{})", interval_text(*tuning.ratio_ci99_low, *tuning.ratio_ci99_high), rounds)
          : fmt::format(" (too few rounds for an interval{})", rounds);
  const std::string versus = fmt::format("Runner-up: {}. The fastest is {} times as fast{}", in_words(second->spec),
                                         three_digits(*tuning.ratio), interval);
  if (tuning.certain) return versus + ": faster for certain.";
  if (!document.plan.complete) return versus + ": not certain, as the search was interrupted.";
  return fmt::format(
      "{}: not certain. If the interval does not get narrower with a larger --budget, there is nothing to choose "
      "between them: {}.",
      versus, simpler_text(fastest, *second));
}

std::string search_text(const Document& document) {
  const TuningRecord& tuning = *document.plan.tuning;
  std::string text = fmt::format("{} of {} tried", tuning.tried, counted(tuning.considered, "case"));
  if (tuning.left_out > 0) {
    text += fmt::format(
        "; the budget was too small for {} combinations of writer, reader and wait, of which one may be faster: give "
        "more (--budget)",
        tuning.left_out);
  }
  return text +
         ". x best: the ratio to the fastest, median of the rounds that both have; how sure the first place is follows "
         "from the last rounds "
         "alone, in which only the best took part.";
}

}  // namespace

TuningText tuning_text(const Document& document) {
  const TuningRecord& tuning = *document.plan.tuning;
  const CaseResult* fastest = case_named(document, tuning.fastest);
  if (fastest == nullptr) return {.grids = {}, .paragraphs = {"Nothing was measured."}};
  PlannedTable table = best_table(best_of(document));
  TuningText text{.grids = {std::move(table.grid)}, .paragraphs = {}};
  text.paragraphs.push_back((table.alike.empty() ? "" : fmt::format("All of these: {}. ", table.alike)) +
                            search_text(document));
  text.paragraphs.push_back(fastest_text(*fastest, tuning));
  text.paragraphs.push_back(certainty_text(document, *fastest));
  text.paragraphs.push_back(fmt::format("To measure it again: `{}`", command_for(fastest->spec)));
  if (!tuning.no_code.empty()) text.paragraphs.push_back("There is no C to show: " + tuning.no_code);
  return text;
}

Document remarkable(const Document& document) {
  Document rest{.tool = document.tool, .host = document.host, .plan = document.plan, .cases = {}};
  const Cases best = best_of(document);
  for (const CaseResult& result : document.cases) {
    const bool is_shown = std::ranges::find(best, &result) != best.end();
    if (!is_shown && result.status != Status::failed) continue;
    CaseResult& copy = rest.cases.emplace_back(result);
    if (!copy.summary) continue;
    copy.summary->explanation.reset();
    const bool is_fastest = copy.name == document.plan.tuning->fastest;
    std::erase_if(copy.summary->doubts,
                  [&](Doubt doubt) { return !is_fastest || (doubt != Doubt::others && doubt != Doubt::interrupted); });
  }
  return rest;
}

}  // namespace pipebench
