// The table of results and its Markdown twin: the same rows and the same footer, each shown in its way.
#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "pipebench/analysis/crossing.hpp"
#include "pipebench/analysis/sweep.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/report/footer.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/report/report.hpp"
#include "report/bars.hpp"
#include "report/calls.hpp"
#include "report/crossing.hpp"
#include "report/figures.hpp"
#include "report/legend.hpp"
#include "report/profile.hpp"
#include "report/rows.hpp"
#include "report/sweep.hpp"
#include "report/tuning.hpp"

namespace pipebench {
namespace {

// A search that has been measured is shown in its own way.
std::string code_of(const Document& document) {
  return document.plan.tuning ? document.plan.tuning->code : std::string();
}

bool is_tuned(const Document& document) { return document.plan.tuning && !document.plan.is_dry_run(); }

bool is_grid(const View& view) { return view.arrangement == Arrangement::grid; }

// Of a run: which cases have rows, and which are crossed in a grid.
struct Shown {
  Cases rows;
  Crossings crossings;
};

Shown shown_in(const Document& document, const View& view) {
  Shown shown{.rows = measured_cases(document), .crossings = {}};
  if (view.arrangement == Arrangement::table || document.plan.is_dry_run() || has_profiles(document) ||
      is_tuned(document))
    return shown;
  shown.crossings = find_crossings(document);
  if (!is_grid(view)) return shown;
  std::set<const CaseResult*> elsewhere;
  for (const Sweep& sweep : find_sweeps(document)) elsewhere.insert(sweep.cases.begin(), sweep.cases.end());
  for (const Crossing& crossing : shown.crossings.found) elsewhere.insert(crossing.cases.begin(), crossing.cases.end());
  std::erase_if(shown.rows, [&](const CaseResult* result) { return elsewhere.contains(result); });
  return shown;
}

// Those that have rows.
std::vector<Grid> grids_of(const Document& document, const Cases& rows, const View& view) {
  std::vector<Grid> grids;
  if (document.plan.is_dry_run()) {
    grids = {planned_table(document).grid};
  } else if (is_tuned(document)) {
    grids = tuning_text(document).grids;
  } else {
    Cases speeds, prices;
    for (const CaseResult* result : rows) (result->spec.takes_turns() ? prices : speeds).push_back(result);
    grids = {measured_grid(document, speeds), price_grid(document, prices)};
    if (has_bars(view)) {
      add_bars(grids[0], speeds, view);
      add_bars(grids[1], prices, view);
    }
    grids.push_back(latency_grid(document));
    grids.push_back(ceiling_grid(document));
    if (view.calls) grids.push_back(call_grid(document));
  }
  std::erase_if(grids, [](const Grid& grid) { return grid.rows.empty(); });
  return grids;
}

// Whoever asks for grids wants to know why a section has none. Sections with the same reason share it.
void add_uncrossed(std::vector<Remark>& remarks, const std::vector<Uncrossed>& sections) {
  const auto first = std::ranges::upper_bound(remarks, RemarkKind::note, {}, &Remark::kind);
  std::vector<Remark> more;
  for (const Uncrossed& section : sections) {
    auto at = std::ranges::find(more, section.reason, &Remark::text);
    if (at == more.end()) at = more.insert(at, {.kind = RemarkKind::note, .names = {}, .text = section.reason});
    if (!section.section.empty()) at->names.push_back(section.section);
  }
  remarks.insert(first, more.begin(), more.end());
}

// What stands below the figures of what is shown.
Footer footer_below(const Document& document, const Shown& shown, const View& view) {
  if (is_tuned(document)) {
    Footer footer = footer_of(remarkable(document));
    footer.totals = totals_of(document);
    return footer;
  }
  Footer footer = footer_of(document);
  if (!is_grid(view)) return footer;
  footer.legend = legend_of(document, shown.rows);
  add_uncrossed(footer.remarks, shown.crossings.others);
  return footer;
}

// "names: text". Of many cases, two are named, or eight that are in doubt; sections are few.
std::string sentence(const Remark& remark) {
  const std::vector<std::string>& names = remark.names;
  if (names.empty()) return remark.text;
  const std::size_t most = remark.kind == RemarkKind::doubt ? 8 : 2;
  const bool all = remark.kind == RemarkKind::options;
  return fmt::format("{}: {}", listed_up_to(all ? names.size() : most, names), remark.text);
}

std::string lead(const Remark& remark) { return fmt::format("{}: ", name_of(remark.kind)); }

std::string legend_text(const Legend& legend) {
  std::string text = fmt::format("Medians of {}{}.", counted(legend.fewest_samples, legend.most_samples, "sample"),
                                 legend.has_intervals ? ", each with its 95 % interval" : "");
  for (const Term term : legend.terms) {
    const bool is_ratio = term == Term::x_first || term == Term::x_base;
    text += is_ratio ? fmt::format(" {}: the ratio to {}, median of the rounds{}.", name_of(term), legend.baseline,
                                   legend.has_intervals ? "" : ", with its 95 % interval")
                     : fmt::format(" {}: {}", name_of(term), summary_of(term));
  }
  return text;
}

// "110 ns", "110 to 140 ns"; empty where no case has it.
std::string range_of(const Document& document, std::optional<double> Ceilings::*value, std::string_view unit) {
  std::vector<double> values;
  for (const CaseResult& result : document.cases) {
    if (result.ceilings && result.ceilings.value().*value) values.push_back(*(result.ceilings.value().*value));
  }
  if (values.empty()) return "";
  const auto [least, most] = std::ranges::minmax(values);
  const std::string low = three_digits(least), high = three_digits(most);
  return low == high ? fmt::format("{} {}", low, unit) : fmt::format("{} to {} {}", low, high, unit);
}

// What else was measured for the ceilings, over all cases.
std::string cores_text(const Document& document) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view what, std::optional<double> Ceilings::*value, std::string_view unit) {
    if (const std::string range = range_of(document, value, unit); !range.empty())
      parts.push_back(fmt::format("{} {}", what, range));
  };
  add("one core reads", &Ceilings::read_gib_per_second, "GiB/s");
  add("copies", &Ceilings::copy_gib_per_second, "GiB/s");
  add("a bare system call takes", &Ceilings::system_call_ns, "ns");
  add("a hand-over between the CPUs", &Ceilings::handover_ns, "ns");
  add("the loops without a pipe reach", &Ceilings::null_gib_per_second, "GiB/s");
  return parts.empty() ? "" : fmt::format("Measured for the ceilings: {}.", fmt::join(parts, "; "));
}

std::string host_text(const Document& document) {
  const Host& host = document.host;
  std::vector<std::string> machine;
  if (!host.kernel.empty()) machine.push_back("Linux " + host.kernel);
  if (!host.cpu_model.empty()) machine.push_back(host.cpu_model);
  if (machine.empty() && !host.topology.empty()) machine.push_back("A machine of " + host.topology);
  if (!machine.empty() && host.hypervisor) machine.back() += fmt::format(" in a VM ({})", *host.hypervisor);
  machine.push_back(document.plan.started);
  return fmt::format("{}; pipebench {}", fmt::join(machine, ", "), document.tool.version);
}

std::string cases_text(const Totals& totals) {
  if (totals.listed < totals.planned) {
    return fmt::format("{}, of which these are the first {}; --format json lists all", counted(totals.planned, "case"),
                       totals.listed);
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < totals.with_status.size(); ++i) {
    if (totals.with_status[i] == 0) continue;
    parts.push_back(fmt::format("{} {}", totals.with_status[i], names<Status>[i].name));
    const std::string lacking = lacking_text(totals);
    if (names<Status>[i].value == Status::planned && !lacking.empty()) parts.back() += fmt::format(" ({})", lacking);
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string totals_text(const Totals& totals) {
  std::vector<std::string> parts;
  if (const std::string cases = cases_text(totals); !cases.empty()) parts.push_back(cases);
  parts.push_back(fmt::format("seed {}", totals.seed));
  if (totals.estimated_seconds) parts.push_back("about " + format_roughly(*totals.estimated_seconds));
  if (totals.longest_seconds) parts.push_back("at most " + format_roughly(*totals.longest_seconds));
  return fmt::format("{}.{}", fmt::join(parts, "; "), totals.interrupted ? " Interrupted." : "");
}

// What figures mean, a paragraph each.
std::vector<std::string> explanations(const Document& document, const Footer& footer, const View& view) {
  if (is_tuned(document)) return tuning_text(document).paragraphs;
  std::vector<std::string> paragraphs;
  std::string legend = has_profiles(document) ? profile_legend(document)
                       : footer.legend        ? legend_text(*footer.legend)
                                              : "";
  if (footer.legend && has_bars(view) && !has_profiles(document)) legend += ' ' + bar_legend(view);
  if (!legend.empty()) paragraphs.push_back(legend);
  if (view.calls && !has_profiles(document)) {
    if (const std::string calls = call_legend(document); !calls.empty()) paragraphs.push_back(calls);
  }
  if (const std::string cores = cores_text(document); !cores.empty()) paragraphs.push_back(cores);
  return paragraphs;
}

// Where it was measured, and how many cases.
std::vector<std::string> facts_of(const Document& document, const Footer& footer) {
  return {host_text(document), totals_text(footer.totals)};
}

}  // namespace

std::string results_as_table(const Document& document, const View& given) {
  const Shown shown = shown_in(document, given);
  View view = given;
  if (shown.rows.empty()) view.bars = Bars::none;
  const Footer footer = footer_below(document, shown, view);
  std::string text;
  if (has_profiles(document)) {
    text += profiles_as_text(document, view);
  } else {
    for (const Grid& grid : grids_of(document, shown.rows, view)) text += grid_as_text(grid, view.width) + '\n';
    for (const Crossing& crossing : shown.crossings.found)
      text += crossing_as_text(crossing, view.width, view.color) + '\n';
    if (!is_tuned(document)) text += sweeps_as_text(document, view);
  }
  for (const Remark& remark : footer.remarks) text += wrap_text(sentence(remark), view.width, 2, lead(remark));
  for (const auto& paragraphs : {explanations(document, footer, view), facts_of(document, footer)}) {
    for (const std::string& paragraph : paragraphs) text += wrap_text(paragraph, view.width, 0, "");
  }
  if (const std::string code = code_of(document); !code.empty()) text += fmt::format("\nThe same in C:\n\n{}", code);
  return text;
}

ResultsText text_of(const Document& document, const View& view) {
  const Shown shown = shown_in(document, view);
  const Footer footer = footer_below(document, shown, view);
  ResultsText text{.grids = grids_of(document, shown.rows, view),
                   .crossings = shown.crossings.found,
                   .remarks = {},
                   .explanations = explanations(document, footer, view),
                   .facts = facts_of(document, footer),
                   .code = code_of(document)};
  for (const Remark& remark : footer.remarks) text.remarks.push_back(lead(remark) + sentence(remark));
  return text;
}

std::string results_as_markdown(const Document& document, const View& given) {
  View view = given;
  view.bars = Bars::none;
  const ResultsText results = text_of(document, view);
  std::string text;
  if (has_profiles(document)) {
    text += profiles_as_markdown(document, view);
  } else {
    for (const Grid& grid : results.grids) text += grid_as_markdown(grid) + '\n';
    for (const Crossing& crossing : results.crossings)
      text += fmt::format("```\n{}```\n\n", crossing_as_text(crossing, 80, false));
    if (!is_tuned(document)) text += sweeps_as_markdown(document, view);
  }
  for (const std::string& remark : results.remarks) text += fmt::format("- {}\n", markdown_text(remark));
  if (!results.remarks.empty()) text += '\n';
  std::vector<std::string> paragraphs;
  for (const auto* some : {&results.explanations, &results.facts}) {
    for (const std::string& paragraph : *some) paragraphs.push_back(markdown_text(paragraph));
  }
  text += fmt::format("{}\n", fmt::join(paragraphs, "\n\n"));
  if (!results.code.empty()) text += fmt::format("\n```c\n{}```\n", results.code);
  return text;
}

}  // namespace pipebench
