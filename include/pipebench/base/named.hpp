// Enumerators with names: one table for each enumeration, from which they are written, read, listed and explained.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace pipebench {

/// One enumerator: its name in options and results, and one line of what it is (may be empty).
template <class E>
struct Named {
  E value;
  std::string_view name;
  std::string_view summary = {};
};

/// The table of an enumeration, a std::array of Named<E> in the order of help and lists: each enumeration that has
/// names specialises this beside its definition.
template <class E>
inline constexpr int names = 0;

template <class E>
concept HasNames = requires {
  names<E>.front().value == E{};
};

/// The name of an enumerator.
template <HasNames E>
[[nodiscard]] constexpr std::string_view name_of(E value) {
  for (const Named<E>& entry : names<E>) {
    if (entry.value == value) return entry.name;
  }
  return "?";
}

/// What an enumerator is, in one line.
template <HasNames E>
[[nodiscard]] constexpr std::string_view summary_of(E value) {
  for (const Named<E>& entry : names<E>) {
    if (entry.value == value) return entry.summary;
  }
  return "?";
}

/// All names, in the order of the table.
template <HasNames E>
[[nodiscard]] std::vector<std::string_view> all_names() {
  std::vector<std::string_view> all;
  for (const Named<E>& entry : names<E>) all.push_back(entry.name);
  return all;
}

/// The enumerator of this name; empty when there is none.
template <HasNames E>
[[nodiscard]] constexpr std::optional<E> value_named(std::string_view name) {
  for (const Named<E>& entry : names<E>) {
    if (entry.name == name) return entry.value;
  }
  return std::nullopt;
}

}  // namespace pipebench
