// Samples that somebody wants to end.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "pipebench/engine/sample.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

using namespace std::chrono_literals;

class Interrupted : public testing::TestWithParam<Wait> {};

TEST_P(Interrupted, SamplesEndPromptly) {
  for (const bool at_once : {true, false}) {
    std::atomic<int> interrupt{at_once ? SIGINT : 0};
    const std::jthread user([&] {
      std::this_thread::sleep_for(100ms);
      interrupt = SIGINT;
    });
    const std::uint64_t start = monotonic_ns();
    const SampleOutcome outcome =
        Sampler(topology(), interrupt).take(spec_of("write", "read", GetParam()), time_of(endless), 0);
    EXPECT_TRUE(outcome.interrupted);
    EXPECT_FALSE(outcome.sample.has_value());
    EXPECT_EQ(outcome.failure, "");
    EXPECT_LT(seconds_since(start), patience_seconds);
  }
}

INSTANTIATE_TEST_SUITE_P(Waits, Interrupted, every_wait, name_of_wait);

}  // namespace
}  // namespace pipebench
