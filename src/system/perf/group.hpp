// What read(2) tells of a group of events.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipebench/system/perf/event.hpp"

namespace pipebench {

/// How a group is read, perf_event_open(2): how many values, time enabled, time running (both in ns), the values.
inline constexpr std::uint64_t group_read_format =
    PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
inline constexpr std::size_t words_before_values = 3;

/// Of the events that are there, in their order: what was counted between two readings. Values began at 0, as reset()
/// says, and times went on. Throws SystemError for a reading that is too short.
[[nodiscard]] std::vector<CounterGroup::Count> decode_group(std::span<const std::uint64_t> before,
                                                            std::span<const std::uint64_t> after);

}  // namespace pipebench
