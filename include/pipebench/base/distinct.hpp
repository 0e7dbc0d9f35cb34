// Lists without repetition.
#pragma once

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace pipebench {

/// Texts without duplicates, in the order in which they first came. Adding takes constant time.
class Distinct {
 public:
  void add(std::string text) {
    if (known_.insert(text).second) list_.push_back(std::move(text));
  }
  /// All of them; nothing may be added afterwards.
  [[nodiscard]] std::vector<std::string> take() { return std::move(list_); }

 private:
  std::vector<std::string> list_;
  std::unordered_set<std::string> known_;
};

}  // namespace pipebench
