// What the command line and the configs together ask for.
#pragma once

#include <vector>

#include "app/options.hpp"

namespace pipebench {

/// What to plan, still as text, and how to carry it out.
struct RunRequest {
  RunSettings settings;
  std::vector<Group> groups;
};

/// Reads the configs that `options` name and applies the options on top; without either, the ladder of the article.
/// Throws UsageError.
[[nodiscard]] RunRequest read_request(const OptionTexts& options);

/// Does the group ask for every pair of CPUs?
[[nodiscard]] bool takes_pairs(const Group& group);

}  // namespace pipebench
