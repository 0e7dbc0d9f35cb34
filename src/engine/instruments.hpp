// What a thread of a sample finds out about itself while it is measured, at a price: hardware events, call chains.
#pragma once

#include <optional>
#include <span>

#include "engine/end_work.hpp"
#include "pipebench/system/perf/event.hpp"
#include "pipebench/system/perf/sampler.hpp"

namespace pipebench {

/// `counts`: of `hardware_counters`, in its order; empty: not counted. Those that were counted for part of the time are
/// scaled up, and the two times say so.
void record_counts(std::span<const std::optional<CounterGroup::Count>> counts, EndCounters& counters);

/// Of the calling thread, which makes, starts and stops them. Nothing is opened that the task does not ask for.
class Instruments {
 public:
  /// `events`: those of `hardware_counters`, in its order; tests put others in their place.
  explicit Instruments(const EndTask& task, std::span<const CountedEvent> events = hardware_events);

  /// Around the measured interval; some microseconds each. Throw SystemError.
  void start();
  void stop();
  /// After a turn of this end; for a thread that runs both. Some nanoseconds, unless a sample was taken.
  void note_turn(Role role) {
    if (stacks_) stacks_->attribute(static_cast<int>(role));
  }

  // After stop(). Throw SystemError.
  void record_events(EndCounters& counters) const;
  void record_stacks(EndReport& end);
  void record_stacks(EndReport& writer, EndReport& reader);  ///< each those of its turns

 private:
  [[nodiscard]] StackRecord collect();

  std::optional<CounterGroup> events_;
  std::optional<StackSampler> stacks_;
};

}  // namespace pipebench
