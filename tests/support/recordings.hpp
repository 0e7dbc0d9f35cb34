// What was once measured, from tests/data.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/analysis/conditions.hpp"
#include "pipebench/base/names.hpp"
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

inline std::vector<Observation> recorded(const std::string& name) {
  std::ifstream file(tests_directory() / "data" / name);
  std::vector<Observation> samples;
  std::vector<std::string> columns;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    const std::vector<std::string> cells = split(line, ',');
    if (columns.empty()) {
      columns = cells;
      continue;
    }
    Observation& sample = samples.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) set_column(sample, columns[i], std::stod(cells.at(i)));
  }
  if (samples.empty()) throw std::invalid_argument("no recording " + name);
  return samples;
}

}  // namespace pipebench
