// What the command line and the configs ask for, put together.
#pragma once

#include <vector>

#include "app/options.hpp"

namespace pipebench {

/// A plan still in words, and how to carry it out.
struct RunRequest {
  RunSettings settings;
  std::vector<Group> groups;
};

/// Reads the configs that `options` name, and lays the options over them; without either, the ladder of the article.
/// Throws UsageError.
[[nodiscard]] RunRequest read_request(const Layer& options);

/// Does the group ask for every pair of CPUs?
[[nodiscard]] bool takes_pairs(const Group& group);

}  // namespace pipebench
