// What is counted beside the bytes, and what watching a sample costs it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "pipebench/engine/sample.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

/// Times that this thread has gone to sleep.
std::uint64_t sleeps_of_this_thread() {
  rusage usage{};
  EXPECT_EQ(::getrusage(RUSAGE_THREAD, &usage), 0);
  return static_cast<std::uint64_t>(usage.ru_nvcsw);
}

TEST(Watching, SeldomTakesACpuFromWhatIsMeasured) {
  for (std::uint64_t bytes = std::uint64_t{64} << 20U;; bytes *= 2) {
    const std::uint64_t before = sleeps_of_this_thread();
    const std::uint64_t start = monotonic_ns();
    const SampleOutcome outcome = take(spec_of("write", "read"), bytes_of(bytes));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    const double outside = seconds_since(start) - outcome.sample->seconds;
    const auto sleeps = static_cast<double>(sleeps_of_this_thread() - before);
    // 20 a second in the sample; before it, 2000 may do, and joining the threads takes a few.
    EXPECT_LE(sleeps, 20 * outcome.sample->seconds + 2000 * outside + 10);
    if (outcome.sample->seconds > 0.5) break;
  }
}

TEST(Workers, OfTheKernelAreCounted) {
  for (const auto& [role, writer, reader] :
       {std::tuple{Role::reader, "write", "uring-splice"}, std::tuple{Role::writer, "uring-splice", "read"}}) {
    const std::string why = why_unavailable(*find_strategy(role, "uring-splice"));
    if (!why.empty()) GTEST_SKIP() << why;
    const double before = cpu_seconds_of_this_process();
    const SampleOutcome outcome = take(spec_of(writer, reader), bytes_of(std::uint64_t{64} << 20U));
    const double all = cpu_seconds_of_this_process() - before;
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    const Sample& sample = *outcome.sample;
    ASSERT_TRUE(sample.worker_seconds.has_value());
    // A thousand splices, each in a thread that has to be woken.
    EXPECT_GT(*sample.worker_seconds, 0.001) << writer << '-' << reader;
    EXPECT_LT(*sample.worker_seconds + cpu_seconds(sample.writer).value() + cpu_seconds(sample.reader).value(), all);
  }
}

TEST(Workers, AreNoneWhereStrategiesHaveNone) {
  const SampleOutcome outcome = take(spec_of("write", "read"), bytes_of(1U << 20U));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.sample->worker_seconds, 0.0);
}

TEST(Workers, AreNotCountedWithoutCounters) {
  for (const std::string_view reader : {"read", "uring-splice"}) {
    if (!why_unavailable(*find_strategy(Role::reader, reader)).empty()) continue;
    Sampling sampling = bytes_of(1U << 20U);
    sampling.counters = false;
    const SampleOutcome outcome = take(spec_of("write", reader), sampling);
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_FALSE(outcome.sample->worker_seconds.has_value()) << reader;
  }
}

TEST(Counters, AreEmptyWhenOff) {
  Sampling sampling = bytes_of(1U << 20U);
  sampling.counters = false;
  const SampleOutcome outcome = take(spec_of("write", "read"), sampling);
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  for (const EndCounters* end : {&outcome.sample->writer, &outcome.sample->reader}) {
    EXPECT_GT((*end)[Counter::calls], 0U);  // the loop's own cost nothing
    EXPECT_FALSE((*end)[Counter::user_seconds].has_value());
    EXPECT_FALSE((*end)[Counter::migrations].has_value());
    EXPECT_FALSE((*end)[Counter::minor_faults].has_value());
  }
}

}  // namespace
}  // namespace pipebench
