// How long the turns of an end took.
#pragma once

#include <cstdint>

#include "pipebench/stats/histogram.hpp"

namespace pipebench {

struct TurnTimes {
  std::uint64_t clock_ns = 0;  ///< what reading the clock takes; has been subtracted from each turn
  Histogram ps_per_page = {};  ///< picoseconds per 4 KiB

  /// A turn that moved nothing is left out.
  void add(std::uint64_t ns, std::uint64_t bytes) noexcept {
    if (bytes > 0) ps_per_page.add(ns * 1000 * 4096 / bytes);
  }
};

}  // namespace pipebench
