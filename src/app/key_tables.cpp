#include <fmt/format.h>

#include <algorithm>

#include "app/text.hpp"
#include "pipebench/model/json.hpp"

namespace pipebench {

std::string key_tables() {
  std::string text;
  for (const KeyGroup& group : documented_keys()) {
    const bool nullable = std::ranges::any_of(group.keys, [](const KeyText& key) { return !key.null_when.empty(); });
    text += fmt::format("<!-- keys: {} -->\n| key | what it is |{}\n| --- | --- |{}\n", group.name,
                        nullable ? " `null` when |" : "", nullable ? " --- |" : "");
    for (auto key = group.keys.begin(); key != group.keys.end();) {
      // Neighbours with the same text share a row.
      const auto same = [&](const KeyText& other) {
        return other.meaning == key->meaning && other.null_when == key->null_when;
      };
      const auto end = std::find_if_not(key, group.keys.end(), same);
      std::vector<std::string> keys;
      for (auto each = key; each != end; ++each) keys.push_back(fmt::format("`{}`", each->key));
      text += fmt::format("| {} | {} |", fmt::join(keys, ", "), key->meaning);
      if (nullable) text += key->null_when.empty() ? " |" : fmt::format(" {} |", key->null_when);
      text += '\n';
      key = end;
    }
    text += "<!-- end -->\n";
  }
  return text;
}

}  // namespace pipebench
