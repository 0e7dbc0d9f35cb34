// Config files: Boost's INI dialect. Each section is a named group of cases; [defaults] hold for all of them.
#pragma once

#include <string>
#include <vector>

#include "app/options.hpp"

namespace pipebench {

struct ConfigSection {
  std::string name;
  OptionTexts options;
};

struct Config {
  std::string name;  ///< as it is called in errors
  OptionTexts defaults;
  std::vector<ConfigSection> sections;
};

/// Reads the text of a config. Throws UsageError with file, line, section and key: a repeated section or key, an
/// unknown key (with the nearest), a key of the whole run outside [defaults], a line that is not valid.
[[nodiscard]] Config parse_config(const std::string& text, const std::string& name);

/// The bundled config of this name, or else the file. Throws UsageError.
[[nodiscard]] Config load_config(const std::string& name_or_file);

struct BundledConfig {
  std::string_view name;
  std::string_view text;
  /// The first comment of the file, without the '#'.
  [[nodiscard]] std::string summary() const;
};
/// The configs/ that were compiled in, in the order of configs/meson.build.
[[nodiscard]] std::vector<BundledConfig> bundled_configs();

}  // namespace pipebench
