// How long the turns of an end took.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "pipebench/model/results.hpp"
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

/// What a sample records of the turns of an end. `ps_per_page`: picoseconds per 4 KiB. Turns that took no longer than
/// reading the clock have no figure.
[[nodiscard]] inline Turns turns_of(const Histogram& ps_per_page) {
  Turns turns{.count = ps_per_page.count()};
  if (*turns.count == 0) return turns;
  const auto ns = [&](double quantile) -> std::optional<double> {
    const double ps = ps_per_page.quantile(quantile);
    return ps > 0 ? std::optional(ps / 1000) : std::nullopt;
  };
  turns.min_ns_per_page = ns(0);
  turns.q1_ns_per_page = ns(0.25);
  turns.median_ns_per_page = ns(0.5);
  turns.q3_ns_per_page = ns(0.75);
  return turns;
}

}  // namespace pipebench
