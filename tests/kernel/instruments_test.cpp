#include "engine/instruments.hpp"

#include <gtest/gtest.h>

#include <array>

#include "pipebench/strategies/registry.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

// Any machine counts these; they take the places of cycles, instructions, cache misses and dTLB misses.
constexpr std::array<CountedEvent, 4> software_events{{
    {"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
    {"page faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
    {"migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
    {"no event", PERF_TYPE_SOFTWARE, 1U << 20U},
}};

EndTask task_for(const CaseSpec& spec) {
  return {.strategy = *find_strategy(Role::writer, spec.writer), .spec = spec, .hardware_events = true};
}

void spin() {
  volatile unsigned turns = 0;
  while (turns < 1'000'000) turns = turns + 1;
}

TEST(Instruments, CountTheMeasuredIntervalAlone) {
  const CaseSpec spec = spec_of("write", "read");
  const EndTask task = task_for(spec);
  Instruments instruments(task, software_events);
  spin();
  instruments.start();
  instruments.stop();
  EndCounters idle;
  instruments.record(idle);
  if (!idle[Counter::cycles]) GTEST_SKIP() << "perf_event_open(2) does not count task-clock here";
  instruments.start();
  spin();
  instruments.stop();
  EndCounters busy;
  instruments.record(busy);
  EXPECT_GT(*busy[Counter::cycles], 2 * *idle[Counter::cycles]);
  EXPECT_GT(*busy[Counter::hardware_counting_seconds], *idle[Counter::hardware_counting_seconds]);
  EXPECT_EQ(busy[Counter::hardware_enabled_seconds], busy[Counter::hardware_counting_seconds]);
  EXPECT_TRUE(busy[Counter::instructions]);
  EXPECT_FALSE(busy[Counter::dtlb_misses]) << "there is no such event";
}

TEST(Instruments, OpenNothingThatTheTaskDoesNotAskFor) {
  const CaseSpec spec = spec_of("write", "read");
  EndTask task = task_for(spec);
  task.hardware_events = false;
  Instruments instruments(task, software_events);
  instruments.start();
  instruments.stop();
  EndCounters counters;
  instruments.record(counters);
  EXPECT_FALSE(counters[Counter::cycles]);
  EXPECT_FALSE(counters[Counter::hardware_enabled_seconds]);
}

TEST(Samples, SucceedWithHardwareEventsWhetherTheyCanBeCountedOrNot) {
  Sampling sampling = bytes_of(1U << 20U);
  sampling.hardware_events = true;
  const SampleOutcome outcome = take(spec_of("write", "read"), sampling);
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  const bool counts = CounterGroup().missing().size() < hardware_events.size();
  EXPECT_EQ(outcome.sample->writer[Counter::hardware_enabled_seconds].has_value(), counts);
}

}  // namespace
}  // namespace pipebench
