// Results as JSON, schema "pipebench/1", written and read by the tables of src/model/fields/.
#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/model/results.hpp"

namespace pipebench {

inline constexpr std::string_view schema = "pipebench/1";

/// Keys in the order of the tables. A figure that is missing or not finite becomes null.
[[nodiscard]] nlohmann::ordered_json to_json(const CaseResult& result);
/// Without the key `samples`, of which there may be very many.
[[nodiscard]] nlohmann::ordered_json to_json_without_samples(const CaseResult& result);
[[nodiscard]] nlohmann::ordered_json to_json(const Sample& sample);
[[nodiscard]] nlohmann::ordered_json to_json(const Finding& finding);
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<Finding>& findings);
/// The document without its cases, which are an empty array.
[[nodiscard]] nlohmann::ordered_json frame_to_json(const Document& document);

/// Writes the document, indented, case by case, so that a tree of all of them is never in memory. Text that is not
/// UTF-8 (arguments, names of files) has U+FFFD where it is not.
void write_json(std::ostream& out, const Document& document);

/// A document that was read from a file.
struct ReadDocument {
  Document document;
  std::vector<std::string> unknown_keys;  ///< paths ("host.colour") that this version does not know, and left out
};

/// Reads what write_json() wrote; writing it again gives the same bytes. `source` names it in errors. A key that may be
/// null may be missing: an earlier version did not have it. Throws UsageError: not JSON (with the place), another
/// schema, any other key that is missing, or one that has the wrong type (with its path), nesting deeper than results
/// are.
[[nodiscard]] ReadDocument read_json(std::istream& in, const std::string& source);

/// One key of the results, for docs/output.md.
struct KeyText {
  std::string_view key;
  std::string meaning;
  std::string_view null_when;
};
struct KeyGroup {
  std::string_view name;
  std::vector<KeyText> keys;
};
[[nodiscard]] std::vector<KeyGroup> documented_keys();

}  // namespace pipebench
