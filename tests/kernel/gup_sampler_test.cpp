// Samples by the kernel's own test of looking pages up, of which these tests have one of their own.
#include "pipebench/engine/gup_sampler.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "cpus.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

constexpr std::size_t bytes = std::size_t{1} << 20U;

CaseSpec megabyte(bool touched = true) {
  CaseSpec spec = spec_of("vmsplice", "splice");
  spec.buffer_bytes = bytes;
  spec.buffers = 1;
  spec.no_touch = !touched;
  spec.placement.writer_cpu = allowed_cpus().front();
  return spec;
}

const std::atomic<int> not_interrupted{0};

TEST(GupSampler, CountsEachLookUpAsATurn) {
  int calls = 0, cpu = -1;
  const auto look_up = [&](const std::byte* start, std::size_t size) {
    EXPECT_EQ(size, bytes);
    EXPECT_EQ(*start, std::byte{'X'}) << "it was written to";
    ++calls;
    cpu = ::sched_getcpu();
    return GupTimes{.get_us = 512, .put_us = 256};
  };
  const SampleOutcome outcome = GupSampler(topology(), not_interrupted, look_up).take(megabyte(), time_of(0.02), 3);
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  const Sample& sample = *outcome.sample;
  EXPECT_EQ(sample.round, 3U);
  EXPECT_NEAR(*sample.writer_turns.median_ns_per_page, 2000, 10) << "512 us for 256 pages of 4 KiB";
  EXPECT_NEAR(*sample.reader_turns.median_ns_per_page, 1000, 5);
  EXPECT_EQ(sample.bytes, *sample.writer_turns.count * bytes);
  EXPECT_LT(*sample.writer_turns.count, static_cast<std::uint64_t>(calls)) << "the warm-up is left out";
  EXPECT_GE(sample.seconds, 0.02);
  EXPECT_EQ(cpu, allowed_cpus().front());
  EXPECT_EQ(outcome.obtained.pages, when_obtained(Pages::k4, page_sizes_here()));
}

TEST(GupSampler, LeavesMemoryUntouchedWhereThatIsAskedFor) {
  const auto look_up = [](const std::byte*, std::size_t) { return GupTimes{.get_us = 1, .put_us = 1}; };
  const SampleOutcome outcome = GupSampler(topology(), not_interrupted, look_up).take(megabyte(false), time_of(0), 0);
  EXPECT_TRUE(outcome.sample) << "at least one look-up";
  EXPECT_EQ(outcome.obtained.pages, ObtainedPages::untouched);
}

TEST(GupSampler, EndsAtAnInterrupt) {
  std::atomic<int> interrupt{0};
  const auto look_up = [&](const std::byte*, std::size_t) {
    interrupt = SIGINT;
    return GupTimes{.get_us = 1, .put_us = 1};
  };
  const SampleOutcome outcome = GupSampler(topology(), interrupt, look_up).take(megabyte(), time_of(endless), 0);
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_FALSE(outcome.sample);
}

TEST(GupSampler, SaysWhatTheKernelRefused) {
  const auto look_up = [](const std::byte*, std::size_t) -> GupTimes { throw SystemError("ioctl(gup_test)", EFAULT); };
  const SampleOutcome outcome = GupSampler(topology(), not_interrupted, look_up).take(megabyte(), time_of(0), 0);
  EXPECT_FALSE(outcome.sample);
  EXPECT_NE(outcome.failure.find("EFAULT"), std::string::npos) << outcome.failure;
}

}  // namespace
}  // namespace pipebench
