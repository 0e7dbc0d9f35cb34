// Measures how far apart CPUs are: what a cache line takes from one to the other, for many pairs, pass by pass.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>

#include "pipebench/model/handover.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

/// How long a cache line takes between two CPUs (OS numbers), one way, in ns; empty when that could not be measured.
using MeasureHandover = std::function<std::optional<double>(int first, int second)>;

/// The real one: two threads, pinned to the two CPUs, for about 0.3 ms. Empty when one of them got no CPU for 20 ms, or
/// may not use it.
[[nodiscard]] std::optional<double> measure_handover(const Topology& topology, int first, int second);

/// Adds a reading of every pair, then another of every pair, and so on, so that a moment in which the machine is
/// disturbed spoils one reading of some pairs, and not all readings of one. Passes begin at least so many seconds after
/// each other, as what a host does with its CPUs shows only in time. False: `interrupt` was not 0, and passes are
/// missing.
[[nodiscard]] bool measure_handovers(std::span<HandoverReadings> pairs, unsigned passes, double seconds_apart,
                                     const MeasureHandover& measure, const std::atomic<int>& interrupt);

}  // namespace pipebench
