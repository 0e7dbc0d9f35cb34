// Results for programs: JSON and CSV.
#include <fmt/format.h>

#include "pipebench/model/json.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

std::string as_field(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The columns are the keys of the JSON, so that the two never differ: spec's, then the sample's, then each end's.
void add_fields(const Json& object, const std::string& prefix, std::vector<std::string>* header, std::vector<std::string>& row) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object()) {
      add_fields(value, prefix + key + "_", header, row);
      continue;
    }
    if (header != nullptr) header->push_back(prefix + key);
    row.push_back(as_field(value));
  }
}

}  // namespace

std::string results_as_json(const Document& document, const View&) {
  // Text from outside (arguments, file names) may not be UTF-8.
  return to_json(document).dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string results_as_csv(const Document& document, const View&) {
  Grid grid;
  std::vector<std::string> header;
  for (const CaseResult& result : document.cases) {
    const Json object = to_json(result);
    for (const Json& sample : object.at("samples")) {
      std::vector<std::string>* names = header.empty() ? &header : nullptr;
      std::vector<std::string> row{result.name, std::string(name_of(result.status))};
      if (names != nullptr) *names = {"name", "status"};
      add_fields(object.at("spec"), "", names, row);
      add_fields(sample, "", names, row);
      grid.rows.push_back(std::move(row));
    }
  }
  for (std::string& name : header) grid.columns.push_back({std::move(name)});
  return grid_as_csv(grid);
}

}  // namespace pipebench
