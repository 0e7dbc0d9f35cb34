// Lists of objects that are much alike, without repeating their keys and values.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

namespace pipebench {

/// So many values, column by column: {"count", "column"}. unpacked() in scripts/columns.js makes them again, but for
/// null and members that are null, which are not there then. A column is
/// - of objects: {"keys": {key: column of its values}}, and, if some values are null, {"where": [places of the
/// others]};
/// - of values of which at least half are repeated: {"of": [different values], "at": [for each which of them]}, without
///   `at` if all are one;
/// - else the list of the values.
[[nodiscard]] nlohmann::ordered_json packed_columns(const std::vector<nlohmann::ordered_json>& values);

}  // namespace pipebench
