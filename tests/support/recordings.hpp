// What was once measured, from tests/data.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/analysis/conditions.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/model/results.hpp"
#include "source_directory.hpp"

namespace pipebench {

/// A column of a recording into its place.
inline void set_column(Observation& sample, std::string_view column, double value) {
  if (column == "gib_per_second") {
    sample.speed = value;
    return;
  }
  const auto info = std::ranges::find(condition_table, column, &ConditionInfo::name);
  if (info == condition_table.end()) throw std::invalid_argument("no such condition: " + std::string(column));
  sample.conditions.*info->value = value;
}

/// The rows of a table: what is in each column. Cells that are empty are left out.
inline std::vector<std::map<std::string, std::string>> recorded_rows(const std::string& name) {
  std::ifstream file(tests_directory() / "data" / name);
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> columns;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    const std::vector<std::string> cells = split(line, ',');
    if (columns.empty()) {
      columns = cells;
      continue;
    }
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!cells.at(i).empty()) row[columns[i]] = cells[i];
    }
  }
  if (rows.empty()) throw std::invalid_argument("no recording " + name);
  return rows;
}

inline std::vector<Observation> recorded(const std::string& name) {
  std::vector<Observation> samples;
  for (const auto& row : recorded_rows(name)) {
    Observation& sample = samples.emplace_back();
    for (const auto& [column, cell] : row) set_column(sample, column, std::stod(cell));
  }
  return samples;
}

/// A sample of this speed and these conditions.
inline Sample sample_of(const Observation& observation, unsigned round) {
  Sample sample;
  sample.round = round;
  sample.bytes = sample.counted_bytes = std::uint64_t{1} << 30U;
  sample.seconds = sample.counted_seconds = 1 / observation.speed;
  sample.conditions = observation.conditions;
  return sample;
}

/// A row of a recording of runs, whose ends take turns where it has prices.
inline Sample recorded_sample(const std::map<std::string, std::string>& row) {
  Observation observation{.speed = 1, .conditions = {}};
  Turns writer, reader;
  for (const auto& [column, cell] : row) {
    if (column == "writer_ns_per_page")
      writer.median_ns_per_page = std::stod(cell);
    else if (column == "reader_ns_per_page")
      reader.median_ns_per_page = std::stod(cell);
    else if (column != "run" && column != "case" && column != "round")
      set_column(observation, column, std::stod(cell));
  }
  Sample sample = sample_of(observation, static_cast<unsigned>(std::stoul(row.at("round"))));
  sample.writer_turns = writer;
  sample.reader_turns = reader;
  return sample;
}

/// Whole runs, from tests/data/runs: documents with nothing but what `compare` looks at. A case's writer is its name.
inline std::vector<Document> recorded_runs(const std::string& name) {
  std::vector<Document> runs;
  for (const auto& row : recorded_rows("runs/" + name)) {
    const std::size_t run = std::stoul(row.at("run"));
    if (runs.size() < run) runs.resize(run);
    std::vector<CaseResult>& cases = runs[run - 1].cases;
    auto found = std::ranges::find(cases, row.at("case"), &CaseResult::name);
    if (found == cases.end()) {
      found = cases.emplace(cases.end());
      found->name = found->spec.writer = row.at("case");
      found->status = Status::ok;
      if (row.contains("writer_ns_per_page")) found->spec.isolation = Isolation::none;
    }
    found->samples.push_back(recorded_sample(row));
  }
  return runs;
}

}  // namespace pipebench
