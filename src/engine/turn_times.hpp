// How long the turns of an end took.
#pragma once

#include <algorithm>
#include <cstdint>

#include "pipebench/stats/histogram.hpp"

namespace pipebench {

struct TurnTimes {
  std::uint64_t clock_ps = 0;  ///< what reading the clock adds to a turn; subtracted from each
  Histogram ps_per_page = {};  ///< picoseconds per 4 KiB

  /// A turn that moved nothing is left out.
  void add(std::uint64_t ns, std::uint64_t bytes) noexcept {
    const std::uint64_t ps = ns * 1000;
    if (bytes > 0) ps_per_page.add((ps - std::min(ps, clock_ps)) * 4096 / bytes);
  }
};

}  // namespace pipebench
