// The conditions that are measured beside a sample.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "cpus.hpp"
#include "engine/stage.hpp"
#include "pipebench/engine/sample.hpp"
#include "pipebench/system/usage.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

CaseSpec pinned(int writer_cpu, int reader_cpu) {
  CaseSpec spec = spec_of("write", "read");
  spec.placement = {.writer_cpu = writer_cpu, .reader_cpu = reader_cpu, .relation = {}};
  return spec;
}

Conditions conditions_with(const CaseSpec& spec, const Sampling& sampling = time_of(0.005)) {
  const SampleOutcome outcome = take(spec, sampling);
  EXPECT_TRUE(outcome.sample.has_value()) << outcome.failure;
  return outcome.sample ? outcome.sample->conditions : Conditions{};
}

void expect_speeds(const Conditions& conditions) {
  EXPECT_GT(conditions.writer_ns_per_add.value_or(0), 0);
  EXPECT_GT(conditions.reader_ns_per_add.value_or(0), 0);
}

TEST(SampleConditions, AreMeasuredBetweenTwoCpus) {
  const std::vector<int> cpus = allowed_cpus();
  if (cpus.size() < 2) GTEST_SKIP() << "only one CPU is allowed here";
  Conditions conditions;
  // An end that loses its CPU for too long has none.
  const std::uint64_t start = monotonic_ns();
  while (seconds_since(start) < patience_seconds) {
    conditions = conditions_with(pinned(cpus[0], cpus[1]));
    if (conditions.handover_ns_before && conditions.handover_ns_after) break;
  }
  EXPECT_GT(conditions.handover_ns_before.value_or(0), 0);
  EXPECT_GT(conditions.handover_ns_after.value_or(0), 0);
  expect_speeds(conditions);
  EXPECT_EQ(conditions.steal_seconds.has_value(), read_steal_seconds(cpus).has_value());
  EXPECT_GE(conditions.steal_seconds.value_or(0), 0);
  EXPECT_EQ(conditions.writer_frequency_hz.has_value(), read_frequency_hz(cpus[0]).has_value());
  EXPECT_EQ(conditions.reader_frequency_hz.has_value(), read_frequency_hz(cpus[1]).has_value());
}

TEST(SampleConditions, HaveNoHandoverOnOneCpu) {
  const int cpu = allowed_cpus().front();
  const Conditions conditions = conditions_with(pinned(cpu, cpu));
  EXPECT_FALSE(conditions.handover_ns_before);
  EXPECT_FALSE(conditions.handover_ns_after);
  expect_speeds(conditions);
  EXPECT_EQ(conditions.steal_seconds.has_value(), read_steal_seconds(std::array{cpu}).has_value());
}

TEST(SampleConditions, OfThreadsThatAreNotPinnedKnowNoCpus) {
  const Conditions conditions = conditions_with(spec_of("write", "read"));
  expect_speeds(conditions);
  EXPECT_FALSE(conditions.steal_seconds);
  EXPECT_FALSE(conditions.writer_frequency_hz);
  EXPECT_FALSE(conditions.reader_frequency_hz);
}

TEST(SampleConditions, OfSeveralStreamsAreThoseOfTheFirst) {
  CaseSpec spec = spec_of("write", "read");
  spec.streams = 3;
  spec.further_placements.resize(2);
  expect_speeds(conditions_with(spec));
}

TEST(SampleConditions, HaveTheSwitchesOfAllEndsAndStreams) {
  CaseSpec spec = spec_of("write", "read");
  spec.streams = 3;
  spec.further_placements.resize(2);
  const SampleOutcome outcome = take(spec, time_of(0.05));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  const Sample& sample = *outcome.sample;
  EXPECT_EQ(sample.conditions.involuntary_switches.value(), sample.writer[Counter::involuntary_switches].value() +
                                                                sample.reader[Counter::involuntary_switches].value());
}

TEST(SampleConditions, HaveHowLongThreadsWaitedForACpu) {
  const std::optional<double> waited = conditions_with(spec_of("write", "read")).run_queue_seconds;
  EXPECT_EQ(waited.has_value(), RunQueueClock().read_ns().has_value());
  EXPECT_GE(waited.value_or(0), 0);
}

TEST(SampleConditions, AreMeasuredWithoutAWarmUp) {
  expect_speeds(conditions_with(spec_of("null", "null"), bytes_of(65536)));
}

TEST(SampleConditions, AreEmptyWhenOff) {
  Sampling sampling = time_of(0.005);
  sampling.conditions = false;
  const Conditions conditions = conditions_with(spec_of("write", "read"), sampling);
  for (const ConditionInfo& info : condition_table) EXPECT_FALSE(conditions.*info.value) << info.name;
}

TEST(SampleConditions, EndWithTheSampleAtAnyMoment) {
  for (int i = 0; i < 30; ++i) {
    std::atomic<int> interrupt{0};
    const std::jthread user([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(100 * i));
      interrupt = SIGINT;
    });
    Sampling sampling = time_of(endless);
    sampling.warmup_seconds = 0;
    const std::uint64_t start = monotonic_ns();
    EXPECT_TRUE(Sampler(topology(), interrupt).take(spec_of("write", "read"), sampling, 0).interrupted);
    EXPECT_LT(seconds_since(start), patience_seconds);
  }
}

TEST(SampleConditions, AreGivenUpWhenTheStageIsAborted) {
  constexpr std::uint64_t endless_ns = 3'600'000'000'000;
  Stage stage(2);
  StreamShare& stream = stage.streams()[1];
  const std::jthread waits([&] { EXPECT_FALSE(stream.before.barrier.meet(2)); });
  const std::jthread leads([&] { EXPECT_FALSE(lead_handover(stream.before.share, endless_ns)); });
  const std::jthread follows([&] { follow_handover(stream.after.share, endless_ns); });
  stage.abort();
}

}  // namespace
}  // namespace pipebench
