#include "engine/clock_price.hpp"

#include <algorithm>
#include <limits>

#include "pipebench/base/clock.hpp"

namespace pipebench {

// The clock counts in nanoseconds, so the mean of a batch of readings is taken; and of many batches the smallest, which
// nothing disturbed.
std::uint64_t clock_price_ps() noexcept {
  constexpr std::uint64_t reads = 100;
  std::uint64_t smallest = std::numeric_limits<std::uint64_t>::max();
  for (int batch = 0; batch < 50; ++batch) {
    const std::uint64_t before = monotonic_ns();
    std::uint64_t after = before;
    for (std::uint64_t i = 0; i < reads; ++i) after = monotonic_ns();
    smallest = std::min(smallest, (after - before) * 1000 / reads);
  }
  return smallest;
}

}  // namespace pipebench
