// Results for programs: JSON and CSV.
#include <fmt/format.h>

#include <sstream>

#include "pipebench/model/json.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/report/report.hpp"
#include "report/profile.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

std::string as_field(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

using Fields = std::vector<std::pair<std::string, std::string>>;

// The columns are the keys of the JSON, so the two cannot diverge.
void add_fields(const Json& object, const std::string& prefix, Fields& fields) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      add_fields(value, prefix + key + "_", fields);
    } else {
      fields.emplace_back(prefix + key, as_field(value));
    }
  }
}

// Nothing for a case without a ceiling, so that its line is as long as the others.
void add_ceilings(const CaseResult& result, const Json& object, Fields& fields) {
  const std::string prefix = "ceilings_";
  if (result.ceilings) return add_fields(object.at("ceilings"), prefix, fields);
  CaseResult blank;
  blank.ceilings.emplace();
  Fields keys;
  add_fields(to_json(blank).at("ceilings"), prefix, keys);
  for (const auto& [name, value] : keys) fields.emplace_back(name, "");
}

// An object for each of the two, with its keys, so that each line has the same columns.
void add_percentiles_keys(Json& sample) {
  static const Json keys = [] {
    CaseResult blank;
    Sample& timed = blank.samples.emplace_back();
    timed.latency.count = timed.round_trip.count = 0;
    Json object = to_json(blank).at("samples").at(0);
    for (const char* times : {"latency", "round_trip"})
      for (Json& value : object.at(times)) value = nullptr;
    return object;
  }();
  for (const char* times : {"latency", "round_trip"}) {
    if (sample.at(times).is_null()) sample.at(times) = keys.at(times);
  }
}

Fields line_of(const CaseResult& result, const Json& object, const Json& sample, const View& view, bool with_ceilings) {
  Fields fields{{"name", result.name}, {"status", std::string(name_of(result.status))}, {"reason", result.reason}};
  add_fields(object.at("spec"), "", fields);
  add_fields(object.at("traits"), "traits_", fields);
  add_fields(sample, "", fields);
  if (with_ceilings) add_ceilings(result, object, fields);
  const Json& summary = object.at("summary");
  for (const char* end : {"writer", "reader"})
    if (view.calls && !summary.is_null()) add_fields(summary.at(end), fmt::format("summary_{}_", end), fields);
  return fields;
}

// One line per sample.
std::vector<Fields> lines_of(const CaseResult& result, const View& view, bool with_ceilings) {
  std::vector<Fields> lines;
  Json object = to_json(result);
  for (Json& sample : object.at("samples")) {
    add_percentiles_keys(sample);
    lines.push_back(line_of(result, object, sample, view, with_ceilings));
  }
  return lines;
}

// From a made-up sample, so that a file without samples has its header, too.
std::vector<Column> csv_columns(const View& view, bool with_ceilings) {
  CaseResult blank;
  blank.samples.resize(1);
  blank.summary.emplace();
  std::vector<Column> columns;
  const std::vector<Fields> lines = lines_of(blank, view, with_ceilings);
  for (const auto& [name, value] : lines.front()) columns.push_back({.header = name});
  return columns;
}

}  // namespace

std::string results_as_json(const Document& document, const View&) {
  std::ostringstream text;
  write_json(text, document);
  return std::move(text).str();
}

std::string results_as_csv(const Document& document, const View& view) {
  if (asks_for_profiles(document)) return grid_as_csv(profile_rows(document));
  const bool with_ceilings = document.plan.ceilings;
  Grid grid{.columns = csv_columns(view, with_ceilings), .rows = {}};
  for (const CaseResult& result : document.cases) {
    std::vector<Fields> lines = lines_of(result, view, with_ceilings);
    // A plan lists its cases.
    if (document.plan.is_dry_run())
      lines.push_back(line_of(result, to_json(result), Json::object(), view, with_ceilings));
    for (const Fields& line : lines) {
      auto& row = grid.rows.emplace_back();
      for (const auto& [name, value] : line) row.push_back(value);
      row.resize(grid.columns.size());
    }
  }
  return grid_as_csv(grid);
}

}  // namespace pipebench
