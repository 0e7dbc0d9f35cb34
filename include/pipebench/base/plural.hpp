// Numbers of things, in English.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace pipebench {

/// "sample" of one, "samples" of any other number.
[[nodiscard]] inline std::string plural(std::uint64_t number, std::string_view thing) {
  return fmt::format("{}{}", thing, number == 1 ? "" : "s");
}

/// "1 sample", "2 samples".
[[nodiscard]] inline std::string counted(std::uint64_t number, std::string_view thing) {
  return fmt::format("{} {}", number, plural(number, thing));
}

/// "a, b", and of many "a, b and 7 more": `most` of them are named, or all if only one more is there.
[[nodiscard]] inline std::string listed_up_to(std::size_t most, std::span<const std::string> names) {
  if (names.size() <= most + 1) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.first(most), ", "), names.size() - most);
}

/// "2", "2 to 3".
[[nodiscard]] inline std::string from_to(std::uint64_t least, std::uint64_t most) {
  return least == most ? fmt::format("{}", most) : fmt::format("{} to {}", least, most);
}

/// "1 sample", "2 to 3 samples".
[[nodiscard]] inline std::string counted(std::uint64_t least, std::uint64_t most, std::string_view thing) {
  return fmt::format("{} {}", from_to(least, most), plural(most, thing));
}

}  // namespace pipebench
