// Whole numbers of units. Units are not zero.
#pragma once

#include <cstdint>

namespace pipebench {

[[nodiscard]] constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t unit) noexcept {
  return (value + unit - 1) / unit;
}
[[nodiscard]] constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) noexcept {
  return divide_up(value, unit) * unit;
}

}  // namespace pipebench
