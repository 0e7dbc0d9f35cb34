// One sample: it moves what was asked for, for as long as was asked for, and leaves nothing behind.
#include "pipebench/engine/sample.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/kick.hpp"
#include "refusal.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

void expect_consistent(const EndCounters& end, const Sample& sample, const CaseSpec& spec) {
  const auto value = [&](Counter counter) { return end[counter].value(); };
  EXPECT_GT(value(Counter::calls), 0);
  EXPECT_LE(value(Counter::short_calls), value(Counter::calls));
  // No call moves more than a buffer.
  EXPECT_GE(value(Counter::calls) * static_cast<double>(spec.buffer_bytes), static_cast<double>(sample.bytes));
  const double would_block = value(Counter::would_block);
  const double waits = value(Counter::waits);
  EXPECT_GE(waits, would_block);
  // A socket that is drained in the same thread must not block, so there even a blocking end is told to wait.
  EXPECT_TRUE(spec.wait != Wait::block || spec.reader == "splice-socket" || would_block == 0) << would_block;
  EXPECT_TRUE(spec.wait != Wait::poll || waits == would_block) << waits << " and " << would_block;
  EXPECT_GE(value(Counter::user_seconds), 0);
  EXPECT_GE(value(Counter::system_seconds), 0);
  EXPECT_LT(cpu_seconds(end).value(), sample.seconds + 0.1);  // the kernel counts in ticks
  EXPECT_TRUE(end[Counter::minor_faults].has_value());
}

class EveryPair : public testing::TestWithParam<Wait> {};

TEST_P(EveryPair, MovesExactlyTheBytesThatWereAskedFor) {
  ASSERT_FALSE(pairs().empty());
  for (const auto& [writer, reader] : pairs(GetParam())) {
    const CaseSpec spec = spec_of(writer, reader, GetParam());
    // Less than a buffer, whole buffers, and a rest; pages where the writer wants pages.
    const bool whole_pages = find_strategy(Role::writer, writer)->info.whole_pages;
    const std::uint64_t unit = whole_pages ? static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 1;
    for (const std::uint64_t bytes : {3 * unit, std::uint64_t{1} << 20U, (std::uint64_t{1} << 20U) + 5 * unit}) {
      SCOPED_TRACE(testing::Message() << writer << '-' << reader << ' ' << name_of(spec.wait) << ' ' << bytes);
      const SampleOutcome outcome = take(spec, bytes_of(bytes));
      ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
      EXPECT_EQ(outcome.failure, "");
      EXPECT_FALSE(outcome.interrupted);
      EXPECT_EQ(outcome.sample->bytes, bytes);
      EXPECT_EQ(outcome.sample->round, 3U);
      EXPECT_GT(outcome.sample->seconds, 0);
      expect_consistent(outcome.sample->writer, *outcome.sample, spec);
      expect_consistent(outcome.sample->reader, *outcome.sample, spec);
    }
  }
}

TEST_P(EveryPair, LastsAboutTheTimeThatWasAskedFor) {
  for (const auto& [writer, reader] : pairs(GetParam())) {
    SCOPED_TRACE(testing::Message() << writer << '-' << reader << ' ' << name_of(GetParam()));
    const CaseSpec spec = spec_of(writer, reader, GetParam());
    const SampleOutcome outcome = take(spec, time_of(0.02));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_GE(outcome.sample->seconds, 0.018);
    EXPECT_LT(outcome.sample->seconds, patience_seconds);
    EXPECT_GT(outcome.sample->bytes, 0U);
    EXPECT_EQ(outcome.sample->bytes % spec.buffer_bytes, 0U);  // the last buffer goes out whole
    expect_consistent(outcome.sample->writer, *outcome.sample, spec);
    expect_consistent(outcome.sample->reader, *outcome.sample, spec);
  }
}

INSTANTIATE_TEST_SUITE_P(Waits, EveryPair, every_wait, name_of_wait);

TEST(Null, MovesNothingThroughThePipe) {
  const SampleOutcome outcome = take(spec_of("null", "null"), bytes_of(1U << 20U));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.sample->bytes, 1U << 20U);
  EXPECT_EQ(outcome.sample->writer[Counter::calls], 16U);
  EXPECT_EQ(outcome.sample->reader[Counter::calls], 16U);
  EXPECT_EQ(outcome.obtained.pages, ObtainedPages::untouched);
}

TEST(ShortCalls, AreNotThoseThatTheLongestListCuts) {
  CaseSpec spec = spec_of("writev", "read");
  spec.buffer_bytes = std::uint64_t{8} << 20U;  // IOV_MAX elements of 4 KiB are half of it
  const SampleOutcome outcome = take(spec, bytes_of(spec.buffer_bytes));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.sample->writer[Counter::calls], 2);
  EXPECT_EQ(outcome.sample->writer[Counter::short_calls], 0) << "a write that blocks ends when all is written";
}

TEST(Switches, AllMoveTheirBytes) {
  for (bool CaseSpec::*member : {&CaseSpec::gift, &CaseSpec::contiguous, &CaseSpec::no_touch}) {
    for (const auto& [writer, reader] : pairs()) {
      CaseSpec spec = spec_of(writer, reader);
      spec.*member = true;
      const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
      ASSERT_TRUE(outcome.sample.has_value()) << writer << '-' << reader << ": " << outcome.failure;
      EXPECT_EQ(outcome.sample->bytes, 1U << 20U);
    }
  }
}

TEST(Lock, HoldsThePagesOrSaysWhyNot) {
  CaseSpec spec = spec_of("write", "read");
  spec.lock = true;
  const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
  EXPECT_TRUE(outcome.sample.has_value() || holds(outcome.failure, "mlock")) << outcome.failure;
}

std::size_t entries(const char* directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator{}));
}

std::size_t mappings() {
  std::ifstream maps("/proc/self/maps");
  std::size_t lines = 0;
  for (std::string line; std::getline(maps, line);) ++lines;
  return lines;
}

/// A joined thread may be listed for a moment.
void expect_tasks(std::size_t most) {
  const std::uint64_t start = monotonic_ns();
  while (entries("/proc/self/task") > most && seconds_since(start) < 10) std::this_thread::sleep_for(1ms);
  EXPECT_LE(entries("/proc/self/task"), most);
}

TEST(Sampler, LeavesNothingBehind) {
  const std::atomic<int> interrupt{SIGINT};
  CaseSpec huge = spec_of("write", "readv", Wait::busy);
  huge.pages = Pages::thp;
  CaseSpec nowhere = spec_of("write", "read");
  nowhere.placement.reader_cpu = 4095;
  const auto samples = [&] {
    for (const auto& [writer, reader] : pairs()) (void)take(spec_of(writer, reader), bytes_of(1U << 20U));
    (void)take(huge, bytes_of(1U << 20U));
    (void)take(nowhere, bytes_of(1U << 20U));
    (void)Sampler(topology(), interrupt).take(spec_of("write", "read"), time_of(endless), 0);
  };
  samples();  // the C library keeps the stacks and arenas of its first threads
  const std::size_t descriptors = entries("/proc/self/fd");
  const std::size_t tasks = entries("/proc/self/task");
  const std::size_t maps = mappings();
  samples();
  EXPECT_EQ(entries("/proc/self/fd"), descriptors);
  expect_tasks(tasks);
  EXPECT_LE(mappings(), maps + 6);  // a mapping left by each sample would be twice as many
}

TEST(Sampler, GivesTheSignalBack) {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  struct sigaction before {};
  ASSERT_EQ(::sigaction(kick_signal, &ignore, &before), 0);
  (void)take(spec_of("write", "read"), bytes_of(65536));
  struct sigaction after {};
  ASSERT_EQ(::sigaction(kick_signal, &before, &after), 0);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
}

}  // namespace
}  // namespace pipebench
