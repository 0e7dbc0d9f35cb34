// Figures as reports write them.
#pragma once

#include <fmt/format.h>

#include <string>

namespace pipebench {

/// Two or three significant digits, as many as such a measurement has.
inline std::string three_digits(double value) {
  if (value >= 99.95) return fmt::format("{:.0f}", value);
  if (value >= 9.995) return fmt::format("{:.1f}", value);
  if (value < 0.1 && value > 0) return fmt::format("{:#.2g}", value);
  return fmt::format("{:.2f}", value);
}

}  // namespace pipebench
