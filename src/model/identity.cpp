#include "pipebench/model/identity.hpp"

#include <fmt/format.h>

#include "model/fields/tables.hpp"
#include "pipebench/model/axis_names.hpp"

namespace pipebench {

std::string spec_key(const CaseSpec& spec) {
  std::vector<std::string> parts;
  const CaseSpec defaults;
  for (const Field<CaseSpec>& field : fields_of<CaseSpec>()) {
    const Json value = field.write(spec);
    if (value == field.write(defaults)) continue;
    parts.push_back(fmt::format("{}={}", field.key, value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return fmt::format("{}", fmt::join(parts, " "));
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
