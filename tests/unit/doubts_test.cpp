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

const Numbers narrow{95, 100, 100, 100, 100, 105};
const Numbers wide{94.9, 100, 100, 100, 100, 105};
const Numbers two_groups{10, 10, 10, 20, 20, 20};

TEST(Doubts, AreRaisedByAnIntervalOfMoreThan5PercentEitherWay) {
  EXPECT_EQ(doubts_about(narrow, {}), Doubts{});
  EXPECT_EQ(doubts_about(wide, {}), Doubts{Doubt::wide_interval});
  EXPECT_EQ(doubts_about(Numbers{90, 100, 100, 100, 100}, {}), Doubts{Doubt::few_samples}) << "that is why";
}

TEST(Doubts, AreNotRaisedByAWideIntervalAloneWhereTheRatioIsKnown) {
  EXPECT_EQ(doubts_about(wide, {.ratio_precision = 0.05}), Doubts{});
  EXPECT_EQ(doubts_about(wide, {.ratio_precision = 0.06}), Doubts{Doubt::wide_interval});
}

TEST(Doubts, AreOfSleepingEndsWhereTheirSpeedVaries) {
  EXPECT_EQ(doubts_about(wide, {.sleeps_per_second = 999}), Doubts{Doubt::wide_interval});
  EXPECT_EQ(doubts_about(wide, {.sleeps_per_second = 1000}), Doubts{Doubt::sleeping});
  EXPECT_EQ(doubts_about(wide, {.sleeps_per_second = 1000, .ratio_precision = 0.01}), Doubts{Doubt::sleeping})
      << "for which the ratio is the answer";
  EXPECT_EQ(doubts_about(narrow, {.sleeps_per_second = 1000}), Doubts{});
}

TEST(Doubts, AreRaisedByTwoGroups) {
  EXPECT_EQ(doubts_about(two_groups, {}), Doubts{Doubt::two_groups});
  EXPECT_EQ(doubts_about(two_groups, {.sleeps_per_second = 1000, .ratio_precision = 0}), Doubts{Doubt::two_groups});
}

TEST(Doubts, NameTheConditionWhereOneExplainsTheSpread) {
  EXPECT_EQ(doubts_about(two_groups, {.is_explained = true}), Doubts{Doubt::conditions});
  EXPECT_EQ(doubts_about(wide, {.is_explained = true, .sleeps_per_second = 1000, .ratio_precision = 0}),
            Doubts{Doubt::conditions});
  EXPECT_EQ(doubts_about(narrow, {.is_explained = true}), Doubts{}) << "a single sample that falls out";
}

TEST(Doubts, AreRaisedByInvoluntarySwitchesUnlessTheEndsShareACpu) {
  EXPECT_EQ(doubts_about(steady, {.switches = 106, .seconds = 1}), Doubts{});
  EXPECT_EQ(doubts_about(steady, {.switches = 107, .seconds = 1}), Doubts{Doubt::interrupted});
  EXPECT_EQ(doubts_about(steady, {.switches = 107, .seconds = 1, .share_cpus = true}), Doubts{});
}

TEST(Doubts, AreNotRaisedByASwitchOfEachSampleHoweverShortItIs) {
  EXPECT_EQ(doubts_about(steady, {.switches = 16, .seconds = 0.001}), Doubts{});
  EXPECT_EQ(doubts_about(steady, {.switches = 17, .seconds = 0.001}), Doubts{Doubt::interrupted});
  EXPECT_EQ(doubts_about(Numbers(30, 100.0), {.switches = 30, .seconds = 0.01}), Doubts{});
  EXPECT_EQ(doubts_about(Numbers(30, 100.0), {.switches = 45, .seconds = 0.3}), Doubts{}) << "15 in 0.3 s are 50/s";
}

TEST(Doubts, CallNoReasonUnknownWhereTheCpuWasTaken) {
  EXPECT_EQ(doubts_about(wide, {.switches = 107, .seconds = 1}), Doubts{Doubt::interrupted});
  EXPECT_EQ(doubts_about(wide, {.switches = 107, .seconds = 1, .share_cpus = true}), Doubts{Doubt::wide_interval});
}

TEST(Doubts, AreRaisedBySamplesThatTookMoreThanTwiceTheirTime) {
  EXPECT_EQ(doubts_about(steady, {.overrun = 2}), Doubts{});
  EXPECT_EQ(doubts_about(steady, {.overrun = 2.1}), Doubts{Doubt::overrun});
  EXPECT_EQ(doubts_about(steady, {.overrun = 2.1, .drains_long = true}), Doubts{Doubt::draining});
  EXPECT_EQ(doubts_about(steady, {.overrun = 2, .drains_long = true}), Doubts{});
}

TEST(Doubts, AreExplainedInSentences) {
  for (const Named<Doubt>& doubt : names<Doubt>) EXPECT_EQ(doubt.summary.back(), '.') << doubt.name;
}

TEST(Doubts, AboutNothingAreRefused) { EXPECT_THROW((void)doubts_about({}, {}), std::invalid_argument); }

}  // namespace
}  // namespace pipebench
