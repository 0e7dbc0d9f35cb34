// Sizes, durations and counts as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pipebench {

/// Bytes from `4096`, `4K`, `4k`, `4KiB` (1024), `4kB` (1000); also M, G. Throws UsageError, whose text begins
/// with `what` ("--buffer-size"), for anything else: empty, negative, zero, fractional, trailing text, overflow.
[[nodiscard]] std::uint64_t parse_size(std::string_view text, std::string_view what);

/// Seconds from `250ms`, `2s`, `1m`, `500us`, `0.5s`. A bare number is refused (no unit, no guess), but for `0`, which
/// is allowed only with `zero_ok`. Throws UsageError as parse_size does; at most 24 hours.
[[nodiscard]] double parse_duration(std::string_view text, std::string_view what, bool zero_ok = false);

/// A whole number in [low, high]. Throws UsageError as parse_size does.
[[nodiscard]] std::uint64_t parse_count(std::string_view text, std::string_view what, std::uint64_t low,
                                        std::uint64_t high);

/// A share from `2%`, `0.5%`: 0.02, 0.005. A bare number is refused, as it might mean either. Throws UsageError as
/// parse_size does; from 0.01 % to 100 %.
[[nodiscard]] double parse_percent(std::string_view text, std::string_view what);

/// The shortest exact form that parse_size reads back: "256K", "1M", "1000".
[[nodiscard]] std::string format_size(std::uint64_t bytes);

inline constexpr double bytes_per_gib = 1024.0 * 1024.0 * 1024.0;

/// A rounded duration: "4 s", "12 min", "5.3 h", "69.9 days".
[[nodiscard]] std::string format_roughly(double seconds);

/// "250ms", "2s", "1.5s", "1m30s" (the last not read back).
[[nodiscard]] std::string format_duration(double seconds);

}  // namespace pipebench
