// Samples of several streams.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "engine/runner.hpp"
#include "pipebench/engine/sample.hpp"
#include "refusal.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;

CaseSpec streams_of(std::uint32_t count, Wait wait = Wait::block) {
  CaseSpec spec = spec_of("vmsplice", "splice", wait);
  spec.buffer_bytes = 65536;
  spec.streams = count;
  spec.further_placements.resize(count - 1);
  return spec;
}

TEST(Streams, AreMeasuredInTheIntervalInWhichAllRun) {
  const SampleOutcome outcome = take(streams_of(3), time_of(0.1));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  const Sample& sample = *outcome.sample;
  ASSERT_EQ(sample.stream_bytes.size(), 3U);
  std::uint64_t sum = 0;
  for (const std::uint64_t bytes : sample.stream_bytes) {
    EXPECT_GT(bytes, 0U);
    sum += bytes;
  }
  EXPECT_EQ(sample.bytes, sum);
  EXPECT_GE(sample.counted_bytes, sum);
  EXPECT_GE(sample.counted_seconds, sample.seconds * 0.999) << "each stream runs at least as long as all do";
  EXPECT_GT(sample.seconds, 0.01);
  EXPECT_GE(sample.writer[Counter::calls].value() * 65536, static_cast<double>(sum))
      << "the counters are of all streams";
}

TEST(Streams, EachMoveTheirBytes) {
  // Takes longer than one stream can keep the CPUs from the other.
  constexpr std::uint64_t bytes = std::uint64_t{512} << 20U;
  const SampleOutcome outcome = take(streams_of(2), bytes_of(bytes));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_EQ(outcome.sample->counted_bytes, 2 * bytes);
  EXPECT_LE(outcome.sample->bytes, outcome.sample->counted_bytes);
}

TEST(Streams, AreCountedWholeAlsoWhenThereIsOne) {
  const SampleOutcome outcome = take(streams_of(1), bytes_of(std::uint64_t{1} << 20U));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_EQ(outcome.sample->counted_bytes, outcome.sample->bytes);
  EXPECT_EQ(outcome.sample->counted_seconds, outcome.sample->seconds);
}

TEST(Streams, BeginTheirTimeWhenAllRun) {
  // Shorter than it takes to wake all of them.
  const SampleOutcome outcome = take(streams_of(50), time_of(0.003));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_GE(outcome.sample->seconds, 0.002);
}

TEST(Streams, CanBeManyMoreThanCpus) {
  const SampleOutcome outcome = take(streams_of(50), time_of(1));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_EQ(outcome.sample->stream_bytes.size(), 50U);
}

TEST(Streams, AreNotStartedAfterAnInterrupt) {
  const std::atomic<int> interrupt{SIGINT};
  const CaseSpec spec = streams_of(2);
  const Sampling sampling = time_of(endless);
  Streams streams(strategies_of(spec), spec, sampling);
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), interrupt);
  EXPECT_TRUE(run.interrupted);
  EXPECT_TRUE(run.writers.empty());
}

TEST(Streams, AreAllEndedWhenOneFails) {
  CaseSpec spec = streams_of(3, Wait::busy);
  spec.further_placements[0].reader_cpu = 4095;
  const SampleOutcome outcome = take(spec, time_of(endless));
  EXPECT_FALSE(outcome.sample);
  EXPECT_TRUE(holds(outcome.failure, "4095")) << outcome.failure;
}

TEST(Streams, LeaveNoDescriptorBehind) {
  const auto count = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()); };
  (void)take(streams_of(4), time_of(0.01));
  const auto before = count();
  (void)take(streams_of(4), time_of(0.01));
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace pipebench
