// What a thread of a sample can have counted about itself while it is measured, at a price: hardware events.
#pragma once

#include <optional>
#include <span>

#include "engine/end_work.hpp"
#include "pipebench/system/perf/event.hpp"

namespace pipebench {

/// Of the calling thread, which makes, starts and stops them. Nothing is opened that the task does not ask for.
class Instruments {
 public:
  /// `events`: those of `hardware_counters`, in its order; tests put others in their place.
  explicit Instruments(const EndTask& task, std::span<const CountedEvent> events = hardware_events);

  /// Around the measured interval; some microseconds each. Throw SystemError.
  void start();
  void stop();
  /// After stop(). Throws SystemError.
  void record(EndCounters& counters) const;

 private:
  std::optional<CounterGroup> events_;
};

}  // namespace pipebench
