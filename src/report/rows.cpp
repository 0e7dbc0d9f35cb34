#include "report/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "pipebench/analysis/baseline.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/model/axis_names.hpp"
#include "pipebench/report/footer.hpp"
#include "report/figures.hpp"

namespace pipebench {
namespace {

std::string or_dash(const std::optional<double>& value) { return value ? fmt::format("{:.3f}", *value) : "-"; }

std::string range_text(double low, double high) { return fmt::format("{}-{}", three_digits(low), three_digits(high)); }

// An interval that covers less than the header promises says what it covers, rounded down.
std::string interval_text(const Summary& summary) {
  const std::string ends = range_text(summary.ci95_low, summary.ci95_high);
  return covers_95(summary) ? ends : fmt::format("{} ({:.0f}%)", ends, std::floor(100 * summary.ci_coverage));
}

// The mark behind it, or a blank, keeps the digits below each other.
std::string ratio_text(const CaseResult& result, const CaseResult* baseline) {
  if (&result == baseline) return "1.00 ";
  const Summary& summary = *result.summary;
  if (!summary.ratio) return "- ";
  const std::string_view mark = lacks_ratio_interval(summary)  ? name_of(Term::no_interval)
                                : summary.may_equal_baseline() ? name_of(Term::equal)
                                                               : " ";
  return fmt::format("{}{}", three_digits(*summary.ratio), mark);
}

std::string ratio_interval_text(const Summary& summary) {
  if (!summary.ratio_ci95_low || !summary.ratio_ci95_high) return "-";
  return range_text(*summary.ratio_ci95_low, *summary.ratio_ci95_high);
}

std::vector<std::string> measured_row(const CaseResult& result, const CaseResult* baseline) {
  const Summary& summary = *result.summary;
  return {marked_name(result),
          three_digits(summary.median_gib_per_second) + (summary.stable() ? " " : "~"),
          interval_text(summary),
          three_digits(summary.ns_per_page),
          or_dash(summary.cpu_seconds_per_gib),
          ratio_text(result, baseline),
          ratio_interval_text(summary),
          std::string(name_of(result.traits.touched))};
}

std::vector<std::string> price_row(const CaseResult& result, const CaseResult* baseline) {
  const Summary& summary = *result.summary;
  const auto digits = [](const std::optional<double>& ns) { return ns ? three_digits(*ns) : "-"; };
  return {marked_name(result),
          digits(summary.writer_ns_per_page),
          digits(summary.reader_ns_per_page),
          digits(summary.turns_ns_per_page) + (summary.stable() ? " " : "~"),
          ratio_text(result, baseline),
          ratio_interval_text(summary),
          std::string(name_of(result.traits.touched))};
}

// What the ceiling is made of: "2 copies at 12.4 GiB/s", "slots: 11.9 + 28.1 ns".
std::string limit_text(const CaseResult& result) {
  const Ceilings& ceilings = *result.ceilings;
  if (!ceilings.applies) return "-";
  if (*ceilings.applies == Ceiling::copies)
    return fmt::format("{}copies: {} at {} GiB/s",
                       ceilings.copies_at_once > 1 ? fmt::format("{} x ", ceilings.copies_at_once) : "",
                       ceilings.serial_copies, three_digits(ceilings.copy_gib_per_second.value_or(0)));
  const std::uint32_t streams = result.spec.streams;
  std::string many = streams == 1 ? "" : fmt::format("{} x ", streams);
  if (streams > 1 && ceilings.cpus < 2 * streams)
    many = fmt::format("{} on {}, ", streams, counted(ceilings.cpus, "CPU"));
  return fmt::format("{}slots: {} + {} ns", many, three_digits(ceilings.alone_writer_ns_per_page.value_or(0)),
                     three_digits(ceilings.alone_reader_ns_per_page.value_or(0)));
}

// Where no other case has a ratio, the baseline has none.
template <class Row>
void add_rows(Grid& grid, const Document& document, const Cases& shown, const Row& row_of) {
  const bool any_ratio =
      std::ranges::any_of(shown, [](const CaseResult* result) { return result->summary->ratio.has_value(); });
  const CaseResult* baseline = any_ratio ? baseline_of(document) : nullptr;
  for (const CaseResult* result : shown) grid.rows.push_back(row_of(*result, baseline));
}

std::string label_of(const CaseResult& result);

std::string buffers_text(const CaseResult& result) {
  return fmt::format("{}x{}", result.spec.buffers, format_size(result.spec.buffer_bytes));
}

std::string relation_text(const CaseResult& result) {
  const auto& relation = result.spec.placement.relation;
  return relation ? std::string(name_of(*relation)) : "-";
}

std::string sample_text(const CaseResult& result) {
  const Sampling& sampling = result.sampling;
  return fmt::format("{} x {}", sampling.rounds,
                     sampling.bytes             ? format_size(*sampling.bytes)
                     : sampling.to_end_of_input ? "end of input"
                                                : format_duration(sampling.time_seconds));
}

struct PlannedColumn {
  Column column;
  std::vector<std::string_view> options = {};  ///< whose values it shows
  std::vector<std::string_view> keys = {};     ///< of `spec`, likewise
  std::string (*cell)(const CaseResult& result);
};

const std::vector<PlannedColumn>& planned_columns() {
  using Case = const CaseResult&;
  static const std::vector<PlannedColumn> columns{
      {.column = {.header = "case", .wrap = true}, .cell = label_of},
      {.column = {.header = "writer"},
       .options = {axis_names::writer},
       .keys = {"writer"},
       .cell = [](Case result) { return result.spec.writer; }},
      {.column = {.header = "reader"},
       .options = {axis_names::reader},
       .keys = {"reader"},
       .cell = [](Case result) { return result.spec.reader; }},
      {.column = {.header = "wait"},
       .options = {axis_names::wait},
       .keys = {"wait"},
       .cell = [](Case result) { return result.spec.takes_turns() ? "-" : std::string(name_of(result.spec.wait)); }},
      {.column = {.header = "pages"},
       .options = {axis_names::pages},
       .keys = {"pages"},
       .cell = [](Case result) { return std::string(name_of(result.spec.pages)); }},
      {.column = {.header = "buffers", .right = true},
       .options = {axis_names::buffer_size, axis_names::buffers},
       .keys = {"buffer_bytes", "buffers"},
       .cell = buffers_text},
      {.column = {.header = "pipe", .right = true},
       .options = {axis_names::pipe_size},
       .keys = {"pipe_bytes"},
       .cell = [](Case result) { return format_size(*result.spec.pipe_bytes); }},
      {.column = {.header = "cpus"},
       .options = {axis_names::cpus},
       .cell = [](Case result) { return cpus_text(result.spec.placement); }},
      {.column = {.header = "relation"}, .cell = relation_text},
      {.column = {.header = "sample"}, .cell = sample_text},
  };
  return columns;
}

// For `auto`, the column shows what it comes to.
bool is_in_a_column(const std::string& option, const std::string& value) {
  return value != "auto" && std::ranges::any_of(planned_columns(), [&](const PlannedColumn& column) {
           return std::ranges::find(column.options, option) != column.options.end();
         });
}

// The case's name without what stands in the other columns: "sizes:stripe=2".
std::string label_of(const CaseResult& result) {
  std::vector<std::string> rest;
  for (const auto& [option, value] : result.varied) {
    if (!is_in_a_column(option, value)) rest.push_back(fmt::format("{}={}", option, value));
  }
  return fmt::format("{}{}{}", result.section, result.section.empty() || rest.empty() ? "" : ":", fmt::join(rest, ","));
}

// What has no column at all.
std::string further_options(const CaseResult& result) {
  std::vector<std::string> rest;
  for (const auto& [option, value] : result.varied) {
    const auto shows = [&name = option](const PlannedColumn& column) {
      return std::ranges::find(column.options, name) != column.options.end();
    };
    if (std::ranges::none_of(planned_columns(), shows)) rest.push_back(fmt::format("{}={}", option, value));
  }
  return fmt::format("{}", fmt::join(rest, ","));
}

bool are_alike(std::span<const std::string> cells) {
  return std::ranges::adjacent_find(cells, std::ranges::not_equal_to{}) == cells.end();
}

// A column that tells no cases apart: no case has a label, or all cells of several are the same.
bool is_left_out(const Column& column, std::span<const std::string> cells) {
  if (!are_alike(cells)) return false;
  return column.header == "case" ? cells.front().empty() : cells.size() > 1;
}

}  // namespace

std::string marked_name(const CaseResult& result) {
  return fmt::format("{}{}{}{}{}", result.name, result.status == Status::failed ? " (failed)" : "",
                     result.traits.transport == Transport::pipe ? "" : " (no pipe)",
                     result.traits.replay ? " (replay)" : "", result.traits.safe ? "" : " (unsafe)");
}

Grid without_empty_columns(Grid grid) {
  const auto is_dash = [](const std::string& cell) { return cell == "-" || cell == "- "; };
  for (std::size_t at = grid.columns.size(); at-- > 0;) {
    if (!std::ranges::all_of(grid.rows, [&](const auto& row) { return is_dash(row[at]); })) continue;
    const auto offset = static_cast<std::ptrdiff_t>(at);
    grid.columns.erase(grid.columns.begin() + offset);
    for (auto& row : grid.rows) row.erase(row.begin() + offset);
  }
  return grid;
}

bool covers_95(const Summary& summary) { return summary.ci_coverage >= 0.95; }

bool lacks_ratio_interval(const Summary& summary) {
  return summary.ratio && !(summary.ratio_ci95_low && summary.ratio_ci95_high);
}

std::string cpus_text(const Placement& placement) {
  const auto text = [](const std::optional<int>& cpu) { return cpu ? std::to_string(*cpu) : "any"; };
  return text(placement.writer_cpu) + "," + text(placement.reader_cpu);
}

MainFigure main_figure(const CaseResult& result) {
  if (!result.summary) return {};
  const Summary& summary = *result.summary;
  if (result.spec.takes_turns())
    return {.median = summary.turns_ns_per_page,
            .low = summary.turns_ns_per_page_ci95_low,
            .high = summary.turns_ns_per_page_ci95_high};
  return {.median = summary.median_gib_per_second, .low = summary.ci95_low, .high = summary.ci95_high};
}

Grid measured_grid(const Document& document, const Cases& speeds) {
  Grid grid{.columns = {{.header = "case", .wrap = true},
                        {.header = "GiB/s", .right = true},
                        {.header = "95%", .right = true},
                        {.header = "ns/4KiB", .right = true},
                        {.header = "CPU-s/GiB", .right = true},
                        {.header = std::string(name_of(ratio_term(document))), .right = true},
                        {.header = "95%", .right = true},
                        {.header = "touched"}},
            .rows = {}};
  add_rows(grid, document, speeds, measured_row);
  return without_empty_columns(std::move(grid));
}

Grid price_grid(const Document& document, const Cases& prices) {
  Grid grid{.columns = {{.header = "case", .wrap = true},
                        {.header = "writer ns", .right = true},
                        {.header = "reader ns", .right = true},
                        {.header = "sum ns", .right = true},
                        {.header = std::string(name_of(ratio_term(document))), .right = true},
                        {.header = "95%", .right = true},
                        {.header = "touched"}},
            .rows = {}};
  add_rows(grid, document, prices, price_row);
  return without_empty_columns(std::move(grid));
}

// In microseconds.
Grid latency_grid(const Document& document) {
  Grid grid{.columns = {{.header = "case", .wrap = true},
                        {.header = "microseconds of"},
                        {.header = "50%", .right = true},
                        {.header = "90%", .right = true},
                        {.header = "99%", .right = true},
                        {.header = "99.9%", .right = true},
                        {.header = "max", .right = true}},
            .rows = {}};
  const auto us = [](const std::optional<double>& ns) { return ns ? three_digits(*ns / 1000) : "-"; };
  for (const CaseResult* result : measured_cases(document)) {
    const auto& message = result->spec.message_bytes;
    const Percentiles& times = message ? result->summary->round_trip : result->summary->latency;
    if (!times.count) continue;
    const std::string of = message ? fmt::format("{}, there and back", format_size(*message)) : "4 KiB in the pipe";
    grid.rows.push_back({marked_name(*result), of, us(times.p50_ns), us(times.p90_ns), us(times.p99_ns),
                         us(times.p999_ns), us(times.max_ns)});
  }
  return grid;
}

Grid ceiling_grid(const Document& document) {
  Grid grid{.columns = {{.header = "case", .wrap = true},
                        {.header = "of ceiling", .right = true},
                        {.header = std::string(name_of(Term::ceiling)), .right = true},
                        {.header = "limit"}},
            .rows = {}};
  for (const CaseResult* result : measured_cases(document)) {
    if (!result->ceilings) continue;
    const Ceilings& ceilings = *result->ceilings;
    grid.rows.push_back({marked_name(*result), ceilings.share ? fmt::format("{:.0f}%", 100 * *ceilings.share) : "-",
                         ceilings.gib_per_second ? three_digits(*ceilings.gib_per_second) : "-", limit_text(*result)});
  }
  return grid;
}

namespace {

PlannedTable table_of(const Cases& planned, std::span<const PlannedColumn> columns) {
  PlannedTable table;
  if (planned.empty()) return table;
  table.grid.rows.resize(planned.size());
  std::vector<std::string> alike;
  for (const PlannedColumn& column : columns) {
    std::vector<std::string> cells;
    for (const CaseResult* result : planned) cells.push_back(column.cell(*result));
    if (is_left_out(column.column, cells)) {
      if (!cells.front().empty() && cells.front() != "-")
        alike.push_back(fmt::format("{} {}", column.column.header, cells.front()));
      continue;
    }
    table.grid.columns.push_back(column.column);
    for (std::size_t i = 0; i < cells.size(); ++i) table.grid.rows[i].push_back(std::move(cells[i]));
  }
  table.alike = fmt::format("{}", fmt::join(alike, ", "));
  return table;
}

}  // namespace

PlannedTable planned_table(const Document& document) {
  Cases planned;
  for (const CaseResult& result : document.cases) {
    if (result.status == Status::planned) planned.push_back(&result);
  }
  return table_of(planned, planned_columns());
}

PlannedTable choice_table(const Cases& cases) {
  std::vector<PlannedColumn> columns = planned_columns();
  columns.front().cell = further_options;
  const auto sampling = std::ranges::find_if(columns, [](const auto& one) { return one.cell == sample_text; });
  return table_of(cases, std::span(columns.begin(), sampling));
}

bool has_column(std::string_view spec_key) {
  return std::ranges::any_of(planned_columns(), [&](const PlannedColumn& column) {
    return std::ranges::find(column.keys, spec_key) != column.keys.end();
  });
}

}  // namespace pipebench
