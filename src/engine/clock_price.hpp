// What reading the clock adds to what is timed.
#pragma once

#include <cstdint>

namespace pipebench {

/// In picoseconds: how much longer something seems to take that is timed by two readings. It takes some hundred
/// microseconds.
[[nodiscard]] std::uint64_t clock_price_ps() noexcept;

}  // namespace pipebench
