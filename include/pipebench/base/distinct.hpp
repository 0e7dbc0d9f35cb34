// Lists without repetition.
#pragma once

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace pipebench {

/// The texts without duplicates, in the order in which they first came, in linear time.
[[nodiscard]] inline std::vector<std::string> distinct(std::vector<std::string> texts) {
  std::unordered_set<std::string> known;
  std::erase_if(texts, [&](const std::string& text) { return !known.insert(text).second; });
  return texts;
}

/// The values in ascending order, each once.
template <class T>
[[nodiscard]] std::vector<T> sorted_distinct(std::vector<T> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace pipebench
