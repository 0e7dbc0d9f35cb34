#include "report/calls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "pipebench/model/strategy.hpp"
#include "report/figures.hpp"
#include "report/rows.hpp"

namespace pipebench {
namespace {

struct CallColumn {
  std::string_view header;
  std::optional<double> EndFigures::*figure;
  double unit;  ///< of the header, in that of the figure
};
constexpr double kib = 1024;
constexpr std::array columns{
    CallColumn{"ns/call", &EndFigures::ns_per_call, 1},
    CallColumn{"KiB/call", &EndFigures::bytes_per_call, kib},
    CallColumn{"switches/GiB", &EndFigures::switches_per_gib, 1},
    CallColumn{"cycles/B", &EndFigures::cycles_per_byte, 1},
    CallColumn{"instr/B", &EndFigures::instructions_per_byte, 1},
    CallColumn{"IPC", &EndFigures::instructions_per_cycle, 1},
};

std::vector<std::string> row_of(const std::string& name, Role role, const EndFigures& figures) {
  std::vector<std::string> row{name, std::string(name_of(role))};
  for (const CallColumn& column : columns) {
    const std::optional<double>& value = figures.*column.figure;
    row.push_back(value ? three_digits(*value / column.unit) : "-");
  }
  return row;
}

// The finding about the machine, or what the cases asked for. Empty where some case has such figures.
std::string why_no_events(const Document& document) {
  const auto cases = measured_cases(document);
  const auto has_cycles = [](const CaseResult* result) {
    return result->summary->writer.cycles_per_byte || result->summary->reader.cycles_per_byte;
  };
  if (std::ranges::any_of(cases, has_cycles)) return "";
  if (std::ranges::none_of(cases, [](const CaseResult* result) { return result->sampling.counters; }))
    return "--counters off.";
  for (const Finding& finding : document.host.findings) {
    if (std::ranges::count(finding.figures, "cycles") > 0)
      return fmt::format("{}{}{}", finding.what, finding.why.empty() ? "" : " ", finding.why);
  }
  if (std::ranges::all_of(cases, [](const CaseResult* result) { return result->spec.takes_turns(); }))
    return "With --isolation none both ends run in one thread, whose events cannot be told apart.";
  return "They were not counted.";
}

}  // namespace

Grid call_grid(const Document& document) {
  Grid grid{.columns = {{.header = "case", .wrap = true}, {.header = "end"}}, .rows = {}};
  for (const CallColumn& column : columns)
    grid.columns.push_back({.header = std::string(column.header), .right = true});
  for (const CaseResult* result : measured_cases(document)) {
    grid.rows.push_back(row_of(marked_name(*result), Role::writer, result->summary->writer));
    grid.rows.push_back(row_of("", Role::reader, result->summary->reader));
  }
  return without_empty_columns(std::move(grid));
}

std::string call_legend(const Document& document) {
  if (measured_cases(document).empty()) return "";
  const std::string why_not = why_no_events(document);
  return fmt::format(
      "Each end's calls that moved something, medians of the samples. ns/call: with all waiting. switches/GiB: context "
      "switches, voluntary or not. {}",
      why_not.empty() ? "cycles/B, instr/B: cycles and instructions per byte; IPC: instructions per cycle; all of user "
                        "space and kernel."
                      : "No cycles, instructions and IPC: " + why_not);
}

}  // namespace pipebench
