// What a verification that was cut short says, and how long one will take.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "engine/verification.hpp"
#include "pipebench/engine/sample.hpp"
#include "pipebench/model/results.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t kib = 1024;

/// Readers that took so many bytes each, when time was over.
Run cut_after(const std::vector<std::uint64_t>& bytes) {
  Run run{.writers = {}, .readers = std::vector<EndReport>(bytes.size()), .out_of_time = true, .failure = {}};
  for (std::size_t i = 0; i < bytes.size(); ++i) run.readers[i].tally.bytes = bytes[i];
  return run;
}

CaseSpec two_buffers_of_1m(std::uint32_t streams = 1) {
  CaseSpec spec;
  spec.buffer_bytes = std::uint64_t{1} << 20U;
  spec.buffers = 2;
  spec.streams = streams;
  return spec;
}

TEST(CutVerification, SaysHowMuchWasLookedAt) {
  const Verification result = judge(two_buffers_of_1m(), cut_after({4 << 20}), 10);
  EXPECT_EQ(result.outcome, Outcome::intact);
  EXPECT_EQ(result.bytes, 4U << 20U);
  EXPECT_EQ(result.reason, "Stopped after 10s, with 4194304 of 134217728 bytes checked.");
}

TEST(CutVerification, ClaimsNothingOfReuseBeforeAllBuffersWereSentTwice) {
  for (const auto& run : {cut_after({(4 << 20) - 1}), cut_after({4 << 20, 0})}) {
    const Verification result = judge(two_buffers_of_1m(static_cast<std::uint32_t>(run.readers.size())), run, 10);
    EXPECT_EQ(result.outcome, Outcome::not_applicable);
    EXPECT_TRUE(holds(result.reason, "not every buffer was reused"));
  }
}

TEST(CutVerification, IsTornWhereDamageWasSeen) {
  auto run = cut_after({4096});
  run.readers[0].tally.mismatch = Mismatch{.offset = 8, .expected = 1, .found = 2};
  const Verification result = judge(two_buffers_of_1m(), run, 10);
  EXPECT_EQ(result.outcome, Outcome::torn);
  EXPECT_EQ(result.offset, 8U);
}

TEST(CutVerification, IsNoneWhereAllHadArrived) {
  EXPECT_EQ(judge(two_buffers_of_1m(), cut_after({128 << 20}), 10).reason, "");
}

TEST(EstimatedVerification, FollowsItsBytesAndCallsUpToTheLimit) {
  const auto estimate = [](std::uint64_t buffer_bytes, std::uint64_t pipe_bytes) {
    CaseSpec spec;
    spec.writer = "write";
    spec.reader = "read";
    spec.buffer_bytes = buffer_bytes;
    spec.buffers = 2;
    spec.pipe_bytes = pipe_bytes;
    return estimated_verification_seconds(spec);
  };
  EXPECT_GT(estimate(64 * kib, 64 * kib), 0.1);
  EXPECT_LT(estimate(64 * kib, 64 * kib), 1);
  EXPECT_GT(estimate(256, 64 * kib), 2 * estimate(64 * kib, 64 * kib)) << "more calls";
  EXPECT_GT(estimate(64 * kib, 4 * kib), 5 * estimate(64 * kib, 64 * kib)) << "more hand-overs";
  EXPECT_EQ(estimate(16, 64 * kib), longest_verification_seconds);
  EXPECT_EQ(estimate(1024 * 1024 * kib, 64 * kib), longest_verification_seconds);
}

}  // namespace
}  // namespace pipebench
