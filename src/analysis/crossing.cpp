#include "pipebench/analysis/crossing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "pipebench/analysis/sweep.hpp"
#include "pipebench/model/axis_names.hpp"
#include "pipebench/model/identity.hpp"

namespace pipebench {
namespace {

using Cases = std::vector<const CaseResult*>;

bool has_option(const CaseResult& result, std::string_view option) {
  return std::ranges::any_of(result.varied, [&](const auto& varied) { return varied.first == option; });
}

// Outside sections: the strategies, where they do not vary.
std::string title_of(const CaseResult& result) {
  if (!result.section.empty()) return result.section;
  const bool writers = has_option(result, axis_names::writer), readers = has_option(result, axis_names::reader);
  if (writers && readers) return "";
  if (writers) return fmt::format("reader {}", result.spec.reader);
  if (readers) return fmt::format("writer {}", result.spec.writer);
  return case_name(result.section, result.spec, {});
}

bool vary_the_same(const CaseResult& one, const CaseResult& other) {
  return std::ranges::equal(one.varied, other.varied, [](const auto& a, const auto& b) { return a.first == b.first; });
}

// The values of the option at this place, each once, in the order of the plan.
std::vector<std::string> values_at(const Cases& cases, std::size_t place) {
  std::map<std::string, std::size_t> seen;
  std::vector<std::string> values;
  for (const CaseResult* result : cases) {
    if (seen.try_emplace(result->varied[place].second, seen.size()).second)
      values.push_back(result->varied[place].second);
  }
  return values;
}

// Empty where nothing keeps the cases from being a crossing, as far as the options tell.
std::string why_not(const Cases& cases) {
  const CaseResult& first = *cases.front();
  const std::size_t options = first.varied.size();
  if (!std::ranges::all_of(cases, [&](const CaseResult* result) { return vary_the_same(*result, first); }))
    return "Not all of its cases vary the same options.";
  if (options < 2) return "A grid needs two options that vary.";
  if (options > 2) return fmt::format("{} options vary, and a grid shows two.", options);
  if (has_option(first, axis_names::isolation)) return "Prices and speeds have no scale in common.";
  return "";
}

// Places the cases; false where they are not one for each value of one option with each of the other.
bool place(Crossing& crossing, const Cases& cases) {
  crossing.cases.assign(crossing.rows.size() * crossing.columns.size(), nullptr);
  if (cases.size() != crossing.cases.size()) return false;
  std::map<std::string, std::size_t> rows, columns;
  for (std::size_t i = 0; i < crossing.rows.size(); ++i) rows[crossing.rows[i]] = i;
  for (std::size_t i = 0; i < crossing.columns.size(); ++i) columns[crossing.columns[i]] = i;
  for (const CaseResult* result : cases) {
    const std::size_t at =
        rows.at(result->varied[0].second) * crossing.columns.size() + columns.at(result->varied[1].second);
    if (crossing.cases[at] != nullptr) return false;
    crossing.cases[at] = result;
  }
  return true;
}

void add_section(Crossings& crossings, const Cases& cases) {
  const CaseResult& first = *cases.front();
  std::string reason = why_not(cases);
  if (reason.empty()) {
    Crossing crossing{.title = title_of(first),
                      .row_option = first.varied[0].first,
                      .column_option = first.varied[1].first,
                      .rows = values_at(cases, 0),
                      .columns = values_at(cases, 1),
                      .cases = {}};
    if (crossing.rows.size() < 2 || crossing.columns.size() < 2) {
      reason = "A grid needs two values of each option.";
    } else if (!place(crossing, cases)) {
      reason = fmt::format("Not every {} was planned once with every {}.", crossing.row_option, crossing.column_option);
    } else {
      crossings.found.push_back(std::move(crossing));
      return;
    }
  }
  crossings.others.push_back({.section = first.section, .reason = std::move(reason)});
}

}  // namespace

Crossing turned(const Crossing& crossing) {
  Crossing other{.title = crossing.title,
                 .row_option = crossing.column_option,
                 .column_option = crossing.row_option,
                 .rows = crossing.columns,
                 .columns = crossing.rows,
                 .cases = {}};
  for (std::size_t column = 0; column < crossing.columns.size(); ++column) {
    for (std::size_t row = 0; row < crossing.rows.size(); ++row) other.cases.push_back(&crossing.at(row, column));
  }
  return other;
}

Crossings find_crossings(const Document& document) {
  std::vector<Cases> sections;
  std::map<std::string, std::size_t> places;
  for (const CaseResult* result : shown_cases(document)) {
    const auto [at, is_new] = places.try_emplace(result->section, sections.size());
    if (is_new) sections.emplace_back();
    sections[at->second].push_back(result);
  }
  Crossings crossings;
  for (const Cases& cases : sections) {
    const auto any = [&](const auto& is_so) {
      return std::ranges::any_of(cases, [&](const CaseResult* result) { return is_so(*result); });
    };
    if (any([](const CaseResult& result) { return result.summary.has_value(); }) && !any(is_of_a_sweep))
      add_section(crossings, cases);
  }
  return crossings;
}

}  // namespace pipebench
