#include "engine/instruments.hpp"

#include <vector>

namespace pipebench {

static_assert(hardware_counters.size() == hardware_events.size());

namespace {

// Room was lost, or sampling paused, for the thread: the writer's end stands for both.
StackSamples of_turns(const StackSamples& all, Role role) {
  StackSamples some;
  if (role == Role::writer) {
    some.lost = all.lost;
    some.throttled = all.throttled;
    some.is_damaged = all.is_damaged;
  }
  for (const StackSample& sample : all.samples) {
    if (sample.tag == static_cast<int>(role)) some.samples.push_back(sample);
  }
  return some;
}

}  // namespace

Instruments::Instruments(const EndTask& task, std::span<const CountedEvent> events) {
  if (task.hardware_events) events_.emplace(events);
  if (task.profile) stacks_.emplace(*task.profile);
}

void Instruments::start() {
  if (events_) events_->start();
  if (stacks_) stacks_->start();
}

void Instruments::stop() {
  if (stacks_) stacks_->stop();
  if (events_) events_->stop();
}

void record_counts(std::span<const std::optional<CounterGroup::Count>> counts, EndCounters& counters) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (!counts[i]) continue;
    counters[hardware_counters[i]] = counts[i]->scaled();
    counters[Counter::hardware_enabled_seconds] = counts[i]->enabled_seconds;  // of the whole group
    counters[Counter::hardware_counting_seconds] = counts[i]->running_seconds;
  }
}

void Instruments::record_events(EndCounters& counters) const {
  if (events_) record_counts(events_->counts(), counters);
}

StackRecord Instruments::collect() {
  StackRecord record{.event = std::string(stacks_->event()),
                     .scope = stacks_->scope(),
                     .frequency_hz = stacks_->frequency_hz(),
                     .samples = stacks_->collect(),
                     .obstacle = {}};
  if (stacks_->refusal()) record.obstacle = stacks_->refusal()->finding;
  return record;
}

void Instruments::record_stacks(EndReport& end) {
  if (stacks_) end.stacks = collect();
}

void Instruments::record_stacks(EndReport& writer, EndReport& reader) {
  if (!stacks_) return;
  const StackRecord both = collect();
  for (EndReport* end : {&writer, &reader}) {
    end->stacks = both;
    end->stacks->samples = of_turns(both.samples, end->role);
  }
}

}  // namespace pipebench
