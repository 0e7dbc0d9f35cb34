#include "report/html/columns.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;
using Values = std::vector<const Json*>;  // nullptr: null

const Json null;

bool is_missing(const Json* value) { return value == nullptr || value->is_null(); }

Json column_of(const Values& values);

// The values of each key, in the order in which keys are met; nullptr where an object does not have it.
std::vector<std::pair<std::string, Values>> by_keys(const Values& objects) {
  std::vector<std::pair<std::string, Values>> columns;
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t row = 0; row < objects.size(); ++row) {
    std::size_t next = 0;  // objects that are alike have their keys in one order
    for (const auto& [key, value] : objects[row]->items()) {
      if (next >= columns.size() || columns[next].first != key) {
        next = places.try_emplace(key, columns.size()).first->second;
        if (next == columns.size()) columns.emplace_back(key, Values(objects.size()));
      }
      columns[next++].second[row] = &value;
    }
  }
  return columns;
}

Json column_of_objects(const Values& values) {
  Values objects;
  Json where = Json::array();
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (is_missing(values[row])) continue;
    objects.push_back(values[row]);
    where.push_back(row);
  }
  Json keys = Json::object();
  for (const auto& [key, column] : by_keys(objects)) keys[key] = column_of(column);
  Json made{{"keys", std::move(keys)}};
  if (objects.size() < values.size()) made["where"] = std::move(where);
  return made;
}

// null where values are too different for that to be shorter.
Json column_of_repeated(const Values& values) {
  std::unordered_map<std::string, std::size_t> places;
  Json of = Json::array(), at = Json::array();
  for (const Json* value : values) {
    const Json& known = value == nullptr ? null : *value;
    const auto [found, is_new] =
        places.try_emplace(known.dump(-1, ' ', false, Json::error_handler_t::replace), of.size());
    if (is_new) of.push_back(known);
    if (2 * of.size() > std::max<std::size_t>(values.size(), 2)) return nullptr;
    at.push_back(found->second);
  }
  Json made{{"of", std::move(of)}};
  if (made.at("of").size() > 1) made["at"] = std::move(at);
  return made;
}

Json column_of(const Values& values) {
  const auto is_object_or_missing = [](const Json* value) { return is_missing(value) || value->is_object(); };
  if (!std::ranges::all_of(values, is_missing) && std::ranges::all_of(values, is_object_or_missing))
    return column_of_objects(values);
  if (Json repeated = column_of_repeated(values); !repeated.is_null()) return repeated;
  Json list = Json::array();
  for (const Json* value : values) list.push_back(value == nullptr ? null : *value);
  return list;
}

}  // namespace

Json packed_columns(const std::vector<Json>& values) {
  Values pointers;
  for (const Json& value : values) pointers.push_back(&value);
  return {{"count", values.size()}, {"column", column_of(pointers)}};
}

}  // namespace pipebench
