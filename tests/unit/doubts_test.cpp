#include "pipebench/analysis/doubts.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace pipebench {
namespace {

using Numbers = std::vector<double>;
using Doubts = std::vector<Doubt>;

const Numbers steady(6, 100.0);

TEST(Doubts, AreNoneAboutSteadySamples) { EXPECT_EQ(doubts_about(Numbers{100, 101, 99, 100, 102, 98}, {}), Doubts{}); }

TEST(Doubts, AreRaisedByTooFewSamples) {
  EXPECT_EQ(doubts_about(Numbers{100, 100, 100, 100, 100}, {}), Doubts{Doubt::few_samples});
  EXPECT_EQ(doubts_about(Numbers{100}, {.once = true}), Doubts{Doubt::once}) << "more rounds cannot be had";
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

TEST(Doubts, CallNoReasonUnknownWhereTheCpuWasTakenFromSlowSamples) {
  EXPECT_EQ(doubts_about(wide, {.switches = 107, .seconds = 1, .slow_lack_cpus = true}), Doubts{Doubt::interrupted});
  EXPECT_EQ(doubts_about(wide, {.switches = 107, .seconds = 1}), (Doubts{Doubt::wide_interval, Doubt::interrupted}))
      << "fast ones lost it as often";
  EXPECT_EQ(doubts_about(wide, {.switches = 107, .seconds = 1, .share_cpus = true, .slow_lack_cpus = true}),
            Doubts{Doubt::wide_interval});
}

TEST(Doubts, AreNotRaisedBySwitchesWhereAPriceIsKnown) {
  const Evidence switched{.switches = 700, .seconds = 1, .takes_turns = true};
  EXPECT_EQ(doubts_about(steady, switched), Doubts{}) << "the median of the turns does not mind";
  EXPECT_EQ(doubts_about(narrow, switched), Doubts{});
  EXPECT_EQ(doubts_about(wide, switched), (Doubts{Doubt::wide_interval, Doubt::interrupted}));
  EXPECT_EQ(doubts_about(Numbers(5, 100.0), switched), (Doubts{Doubt::few_samples, Doubt::interrupted}));
}

TEST(Doubts, TellADisturbedSleeperFromOneThatMerelySleeps) {
  EXPECT_EQ(doubts_about(wide, {.slow_lack_cpus = true, .sleeps_per_second = 1000}), Doubts{Doubt::interrupted});
  EXPECT_EQ(doubts_about(wide, {.slow_lack_cpus = true, .sleeps_per_second = 999}), Doubts{Doubt::wide_interval});
  EXPECT_EQ(doubts_about(narrow, {.slow_lack_cpus = true, .sleeps_per_second = 1000}), Doubts{});
  EXPECT_EQ(doubts_about(wide, {.waiting = 0.11, .sleeps_per_second = 1000}), Doubts{Doubt::interrupted});
  EXPECT_EQ(doubts_about(wide, {.waiting = 0.09, .sleeps_per_second = 1000}), Doubts{Doubt::sleeping});
  EXPECT_EQ(doubts_about(wide, {.waiting = 0.11}), Doubts{Doubt::wide_interval});
}

TEST(Doubts, AreAboutAnotherPipebenchWhereOneWasThere) {
  for (const Evidence& evidence : {Evidence{.met_others = true, .sleeps_per_second = 1000},
                                   Evidence{.met_others = true, .is_explained = true}, Evidence{.met_others = true}})
    EXPECT_EQ(doubts_about(wide, evidence), Doubts{Doubt::others});
  EXPECT_EQ(doubts_about(narrow, {.met_others = true}), Doubts{});
}

TEST(Doubts, AskForConditionsWhereNoneWereRecorded) {
  EXPECT_EQ(doubts_about(wide, {.has_conditions = false}), Doubts{Doubt::no_conditions});
  EXPECT_EQ(doubts_about(two_groups, {.has_conditions = false}), Doubts{Doubt::no_conditions});
  EXPECT_EQ(doubts_about(wide, {.has_conditions = false, .ratio_precision = 0.05}), Doubts{});
  EXPECT_EQ(doubts_about(narrow, {.has_conditions = false}), Doubts{});
}

Summary with_precisions(double own, double of_ratio) {
  Summary summary;
  summary.median_gib_per_second = 10;
  summary.ci95_low = 10 - 10 * own;
  summary.ci95_high = 10 + 10 * own;
  summary.ci_coverage = 0.97;
  summary.ratio = 2;
  summary.ratio_ci95_low = 2 - 2 * of_ratio;
  summary.ratio_ci95_high = 2 + 2 * of_ratio;
  return summary;
}

TEST(Advice, IsToCompareRatiosWhereTheyAreMorePrecise) {
  const auto names_ratios = [](Doubt doubt, const Summary& summary) {
    return advice_on(doubt, summary).find("compare ratios") != std::string::npos;
  };
  EXPECT_TRUE(names_ratios(Doubt::sleeping, with_precisions(0.38, 0.1)));
  EXPECT_FALSE(names_ratios(Doubt::sleeping, with_precisions(0.38, 0.49)));
  EXPECT_FALSE(names_ratios(Doubt::few_samples, with_precisions(0.38, 0.1))) << "it is not about the spread";
  Summary alone = with_precisions(0.38, 0.1);
  alone.ratio_ci95_low.reset();
  EXPECT_FALSE(names_ratios(Doubt::sleeping, alone));
  Summary price = with_precisions(0.38, 0.1);
  price.turns_ns_per_page = 100;
  price.turns_ns_per_page_ci95_low = 95;
  price.turns_ns_per_page_ci95_high = 105;
  EXPECT_FALSE(names_ratios(Doubt::sleeping, price)) << "the price is what counts";
  for (const Named<Doubt>& doubt : names<Doubt>) EXPECT_FALSE(names_ratios(doubt.value, {})) << doubt.name;
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
