#include "engine/instruments.hpp"

#include <vector>

namespace pipebench {

static_assert(hardware_counters.size() == hardware_events.size());

Instruments::Instruments(const EndTask& task, std::span<const CountedEvent> events) {
  if (task.hardware_events) events_.emplace(events);
}

void Instruments::start() {
  if (events_) events_->start();
}

void Instruments::stop() {
  if (events_) events_->stop();
}

void Instruments::record(EndCounters& counters) const {
  if (!events_) return;
  const std::vector<std::optional<CounterGroup::Count>> counts = events_->counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!counts[i]) continue;
    counters[hardware_counters[i]] = counts[i]->scaled();
    counters[Counter::hardware_enabled_seconds] = counts[i]->enabled_seconds;  // of the whole group
    counters[Counter::hardware_counting_seconds] = counts[i]->running_seconds;
  }
}

}  // namespace pipebench
