// Results as JSON, schema "pipebench/1"; docs/output.md describes every key.
#pragma once

#include <nlohmann/json.hpp>

#include "pipebench/model/results.hpp"

namespace pipebench {

inline constexpr std::string_view schema = "pipebench/1";

/// Keys in the documented order. A figure that is missing or not finite becomes null.
[[nodiscard]] nlohmann::ordered_json to_json(const Document& document);
[[nodiscard]] nlohmann::ordered_json to_json(const CaseResult& result);

}  // namespace pipebench
