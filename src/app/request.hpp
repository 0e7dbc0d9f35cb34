// What the command line and the configs together ask for.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/options.hpp"

namespace pipebench {

/// What to plan, still as text, and how to carry it out.
struct RunRequest {
  RunSettings settings;
  std::vector<Group> groups;
  std::vector<std::string> ignored = {};  ///< options that were asked for, and that RequestDefaults ignores
};

/// What holds where neither the options nor a config say anything.
struct RequestDefaults {
  std::string config = "article";  ///< bundled; empty: one case, of the axes' defaults
  OptionTexts options = {};
  std::span<const std::string_view> ignored = {};  ///< options that have no meaning here
};

/// Reads the configs that `options` name and applies the options on top. Throws UsageError.
[[nodiscard]] RunRequest read_request(const OptionTexts& options, const RequestDefaults& defaults = {});

/// Does the group ask for every pair of CPUs?
[[nodiscard]] bool takes_pairs(const Group& group);

}  // namespace pipebench
