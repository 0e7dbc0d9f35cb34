#include "pipebench/analysis/doubts.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace pipebench {
namespace {

using Numbers = std::vector<double>;
using Doubts = std::vector<Doubt>;

const Numbers steady(6, 100.0);

TEST(Doubts, AreNoneAboutSteadySamples) { EXPECT_EQ(doubts_about(Numbers{100, 101, 99, 100, 102, 98}, {}), Doubts{}); }

TEST(Doubts, AreRaisedByTooFewSamples) {
  EXPECT_EQ(doubts_about(Numbers{100, 100, 100, 100, 100}, {}), Doubts{Doubt::few_samples});
}

TEST(Doubts, AreRaisedByAnIntervalBeyond5PercentOnEitherSide) {
  EXPECT_EQ(doubts_about(Numbers{95.1, 100, 100, 100, 100, 104.9}, {}), Doubts{});
  EXPECT_EQ(doubts_about(Numbers{94, 100, 100, 100, 100, 100}, {}), Doubts{Doubt::wide_interval});
  EXPECT_EQ(doubts_about(Numbers{100, 100, 100, 100, 100, 106}, {}), Doubts{Doubt::wide_interval});
}

TEST(Doubts, AreRaisedByTwoGroups) {
  EXPECT_EQ(doubts_about(Numbers{10, 10, 10, 20, 20, 20}, {}), (Doubts{Doubt::two_groups, Doubt::wide_interval}));
}

TEST(Doubts, AreRaisedByInvoluntarySwitchesUnlessTheEndsShareACpu) {
  EXPECT_EQ(doubts_about(steady, {100, 50, false}), Doubts{});
  EXPECT_EQ(doubts_about(steady, {101, 50, false}), Doubts{Doubt::interrupted});
  EXPECT_EQ(doubts_about(steady, {101, 50, true}), Doubts{});
}

TEST(Doubts, AreNotRaisedByAFewSwitchesHoweverShortTheSample) {
  EXPECT_EQ(doubts_about(steady, {5000, 10, false}), Doubts{});
  EXPECT_EQ(doubts_about(steady, {5000, 11, false}), Doubts{Doubt::interrupted});
}

TEST(Doubts, AreRaisedBySamplesThatTookMoreThanTwiceTheirTime) {
  EXPECT_EQ(doubts_about(steady, {.overrun = 2}), Doubts{});
  EXPECT_EQ(doubts_about(steady, {.overrun = 2.1}), Doubts{Doubt::overrun});
}

TEST(Doubts, AreExplainedInSentences) {
  for (const Named<Doubt>& doubt : names<Doubt>) EXPECT_EQ(doubt.summary.back(), '.') << doubt.name;
}

TEST(Doubts, AboutNothingAreRefused) { EXPECT_THROW((void)doubts_about({}, {}), std::invalid_argument); }

}  // namespace
}  // namespace pipebench
