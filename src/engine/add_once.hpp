// Lists of sentences in which nothing stands twice.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace pipebench {

inline void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(text);
}

inline void add_once(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& text : more) add_once(list, text);
}

}  // namespace pipebench
