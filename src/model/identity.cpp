#include "pipebench/model/identity.hpp"

#include <fmt/format.h>

#include "model/fields/tables.hpp"
#include "pipebench/model/axis_names.hpp"

namespace pipebench {
namespace {

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

}  // namespace

std::string spec_key(const CaseSpec& spec) {
  std::vector<std::string> parts;
  const CaseSpec defaults;
  for (const Field<CaseSpec>& field : fields_of<CaseSpec>()) {
    const Json value = field.write(spec);
    if (value == field.write(defaults)) continue;
    parts.push_back(fmt::format("{}={}", field.key, text_of(value)));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

std::vector<KeyDifference> spec_differences(const CaseSpec& base, const CaseSpec& other) {
  std::vector<KeyDifference> differences;
  for (const Field<CaseSpec>& field : fields_of<CaseSpec>()) {
    const Json here = field.write(base), there = field.write(other);
    if (here != there)
      differences.push_back({.key = std::string(field.key), .base = text_of(here), .other = text_of(there)});
  }
  return differences;
}

std::string case_name(std::string_view section, const CaseSpec& spec, const OptionValues& varied) {
  std::string name = section.empty() ? fmt::format("{}-{}", spec.writer, spec.reader) : std::string(section);
  char separator = ':';
  for (const auto& [option, value] : varied) {
    if (section.empty() && (option == axis_names::writer || option == axis_names::reader)) continue;
    name += fmt::format("{}{}={}", separator, option, value);
    separator = ',';
  }
  return name;
}

}  // namespace pipebench
