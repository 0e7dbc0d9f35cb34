#include "pipebench/base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>

#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

struct SizeUnit {
  std::string_view suffix;
  std::uint64_t bytes;
};
// No `k` and no `KB`: both are read as 1000 by some tools and as 1024 by others.
constexpr std::array<SizeUnit, 13> size_units{{
    {"", 1},
    {"K", 1ULL << 10U},
    {"M", 1ULL << 20U},
    {"G", 1ULL << 30U},
    {"k", 1ULL << 10U},  // as fio and dd write it; 1000 is always spelt with a B
    {"m", 1ULL << 20U},
    {"g", 1ULL << 30U},
    {"KiB", 1ULL << 10U},
    {"MiB", 1ULL << 20U},
    {"GiB", 1ULL << 30U},
    {"kB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
}};

// Units below the second are divisors: 250 / 1000 is the double nearest to 0.25, 250 * 0.001 need not be.
struct DurationUnit {
  std::string_view suffix;
  double times;
  double divided_by;
};
constexpr std::array<DurationUnit, 4> duration_units{{{"us", 1, 1e6}, {"ms", 1, 1e3}, {"s", 1, 1}, {"m", 60, 1}}};
constexpr double longest_seconds = 24 * 60 * 60;
constexpr double shortest_seconds = 1e-9;

template <class Units>
[[nodiscard]] auto find_unit(const Units& units, std::string_view suffix) {
  return std::find_if(units.begin(), units.end(), [&](const auto& unit) { return unit.suffix == suffix; });
}

[[nodiscard]] bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// How many characters of `text` are digits, from its start.
[[nodiscard]] std::size_t leading_digits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

/// Digits only, at least one; empty when they do not fit. Signs, spaces and hex never get as far as from_chars.
[[nodiscard]] std::optional<std::uint64_t> to_integer(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

/// The length of the number that `text` begins with: digits, or digits, a point and digits; 0 for anything else.
[[nodiscard]] std::size_t leading_decimal(std::string_view text) {
  const std::size_t whole = leading_digits(text);
  if (whole == 0 || whole == text.size() || text[whole] != '.') return whole;
  const std::size_t fraction = leading_digits(text.substr(whole + 1));
  return fraction == 0 ? 0 : whole + 1 + fraction;
}

[[noreturn]] void refuse_duration(std::string_view text, std::string_view what) {
  throw UsageError(fmt::format("{}: '{}' is not a duration; write a number and its unit, us, ms, s or m (250ms, 1.5s).",
                               what, text));
}

}  // namespace

std::uint64_t parse_size(std::string_view text, std::string_view what) {
  const std::size_t digits = leading_digits(text);
  const auto unit = find_unit(size_units, text.substr(digits));
  if (digits == 0 || unit == size_units.end()) {
    throw UsageError(fmt::format(
        "{}: '{}' is not a size; write a whole number of bytes, or one with K, M, G (1024) or kB, MB, GB (1000).", what,
        text));
  }
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  const auto count = to_integer(text.substr(0, digits));
  if (!count || *count > largest / unit->bytes) {
    throw UsageError(fmt::format("{}: '{}' is too large; a size is at most {} bytes.", what, text, largest));
  }
  if (*count == 0) throw UsageError(fmt::format("{}: '{}' is too small; a size is at least 1 byte.", what, text));
  return *count * unit->bytes;
}

double parse_duration(std::string_view text, std::string_view what, bool zero_ok) {
  if (zero_ok && text == "0") return 0;
  const std::size_t length = leading_decimal(text);
  const auto unit = find_unit(duration_units, text.substr(length));
  if (length == 0 || unit == duration_units.end()) refuse_duration(text, what);

  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + length, number, std::chars_format::fixed);
  const double seconds = number * unit->times / unit->divided_by;
  const bool long_enough = seconds >= shortest_seconds || (zero_ok && seconds == 0);
  if (error != std::errc{} || !long_enough || seconds > longest_seconds) {
    throw UsageError(fmt::format("{}: '{}' is out of range; a duration is {} 24 hours (1440m).", what, text,
                                 zero_ok ? "0, or a nanosecond to" : "a nanosecond to"));
  }
  return seconds;
}

double parse_percent(std::string_view text, std::string_view what) {
  const std::size_t length = leading_decimal(text);
  if (length == 0 || text.substr(length) != "%") {
    throw UsageError(fmt::format("{}: '{}' is not a percentage; write a number and % (2%, 0.5%).", what, text));
  }
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + length, number, std::chars_format::fixed);
  if (error != std::errc{} || number < 0.01 || number > 100)
    throw UsageError(fmt::format("{}: '{}' is out of range; it is from 0.01% to 100%.", what, text));
  return number / 100;
}

std::uint64_t parse_count(std::string_view text, std::string_view what, std::uint64_t low, std::uint64_t high) {
  const bool all_digits = !text.empty() && leading_digits(text) == text.size();
  const auto count = all_digits ? to_integer(text) : std::nullopt;
  if (!count || *count < low || *count > high) {
    throw UsageError(fmt::format("{}: '{}' is not a whole number from {} to {}.", what, text, low, high));
  }
  return *count;
}

std::string format_size(std::uint64_t bytes) {
  for (const std::string_view suffix : {"G", "M", "K"}) {
    const std::uint64_t unit = find_unit(size_units, suffix)->bytes;
    if (bytes != 0 && bytes % unit == 0) return fmt::format("{}{}", bytes / unit, suffix);
  }
  return fmt::format("{}", bytes);
}

std::string format_roughly(double seconds) {
  constexpr double minute = 60;
  constexpr double hour = 3600;
  constexpr double day = 24 * hour;
  if (seconds < 2 * minute) return fmt::format("{:.0f} s", seconds > 0 ? std::max(seconds, 1.0) : 0);
  if (seconds < 2 * hour) return fmt::format("{:.0f} min", seconds / minute);
  if (seconds < 2 * day) return fmt::format("{:.1f} h", seconds / hour);
  return fmt::format("{:.1f} days", seconds / day);
}

std::string format_duration(double seconds) {
  // Beyond what a run can take (and for NaN) the plain number is the honest form, and safe from overflow below.
  constexpr double century_seconds = 100.0 * 366 * longest_seconds;
  if (!(seconds >= 0 && seconds < century_seconds)) return fmt::format("{}s", seconds);

  // Whole nanoseconds, so that no unit shows the rounding of another ("1000ms", "1.4999999s").
  const long long ns = std::llround(seconds * 1e9);
  const auto in = [](long long part_ns, double unit_ns) { return static_cast<double>(part_ns) / unit_ns; };
  constexpr long long minute_ns = 60'000'000'000;
  if (ns == 0) return "0s";
  if (ns < 1'000'000) return fmt::format("{}us", in(ns, 1e3));
  if (ns < 1'000'000'000) return fmt::format("{}ms", in(ns, 1e6));
  if (ns < minute_ns) return fmt::format("{}s", in(ns, 1e9));
  if (ns % minute_ns == 0) return fmt::format("{}m", ns / minute_ns);
  return fmt::format("{}m{}s", ns / minute_ns, in(ns % minute_ns, 1e9));
}

}  // namespace pipebench
