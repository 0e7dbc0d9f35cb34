#include "engine/instruments.hpp"

#include <gtest/gtest.h>

#include <array>

#include "cpus.hpp"
#include "perf_rights.hpp"
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
  instruments.record_events(idle);
  if (!idle[Counter::cycles]) GTEST_SKIP() << "perf_event_open(2) does not count task-clock here";
  instruments.start();
  spin();
  instruments.stop();
  EndCounters busy;
  instruments.record_events(busy);
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
  instruments.record_events(counters);
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

/// A sample of a case that was profiled, or nothing where the kernel refuses that.
std::optional<Profile> profiled(const CaseSpec& spec) {
  Sampling sampling = time_of(0.2);
  sampling.profile_hz = 997;
  const SampleOutcome outcome = take(spec, sampling);
  EXPECT_TRUE(outcome.sample) << outcome.failure;
  if (!outcome.profile || outcome.profile->event.empty()) return std::nullopt;
  return outcome.profile;
}

std::uint64_t samples_with(const EndProfile& end, std::string_view part_of_a_name) {
  std::uint64_t samples = 0;
  for (const Stack& stack : end.stacks) {
    const bool has = std::ranges::any_of(
        stack.frames, [&](const std::string& name) { return name.find(part_of_a_name) != std::string::npos; });
    if (has) samples += stack.count;
  }
  return samples;
}

// In threads, in processes, and in one thread, where they come apart by turn.
TEST(Profiles, AreOfEachEnd) {
  for (const Named<Isolation>& isolation : names<Isolation>) {
    SCOPED_TRACE(isolation.name);
    CaseSpec spec = spec_of("write", "read", Wait::busy);
    spec.isolation = isolation.value;
    const auto profile = profiled(spec);
    if (!profile || !profile->obstacles.empty()) GTEST_SKIP() << "the kernel shows no call chains here";
    EXPECT_GT(samples_with(profile->writer, "pipe_write"), 0U);
    EXPECT_GT(samples_with(profile->reader, "pipe_read"), 0U);
    EXPECT_EQ(samples_with(profile->writer, "pipe_read"), 0U);
    EXPECT_EQ(samples_with(profile->reader, "pipe_write"), 0U);
  }
}

TEST(Profiles, SampleACpuForAtMostTwoEnds) {
  const int cpu = allowed_cpus().front();
  if (!may_sample_cpu(cpu)) GTEST_SKIP() << "whole CPUs may not be sampled here";
  CaseSpec spec = spec_of("write", "read");
  spec.placement.writer_cpu = spec.placement.reader_cpu = cpu;
  const auto scope = [&] { return profiled(spec).value().event_scope; };
  EXPECT_EQ(scope(), EventScope::cpu);
  spec.isolation = Isolation::processes;
  EXPECT_EQ(scope(), EventScope::cpu);
  spec.isolation = Isolation::threads;
  spec.further_placements = {spec.placement};
  spec.streams = 2;
  EXPECT_EQ(scope(), EventScope::thread) << "four ends";
}

TEST(Profiles, OfThreadsThatAreNotPinnedSampleEachThread) {
  CaseSpec spec = spec_of("write", "read");
  spec.placement = {};
  const auto profile = profiled(spec);
  if (!profile) GTEST_SKIP() << "the kernel shows no call chains here";
  EXPECT_EQ(profile->event_scope, EventScope::thread);
}

TEST(Profiles, AreNotTakenUnlessAskedFor) {
  EXPECT_FALSE(take(spec_of("write", "read", Wait::busy), time_of(0.01)).profile);
}

}  // namespace
}  // namespace pipebench
