#include "pipebench/stats/stats.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace pipebench {
namespace {

using Numbers = std::vector<double>;

/// 1, 2, ..., n, but in descending order: nothing may rely on sorted input.
Numbers countdown(std::size_t n) {
  Numbers values(n);
  std::iota(values.rbegin(), values.rend(), 1.0);
  return values;
}

void expect_interval(std::size_t n, double low, double high, double coverage, double confidence = 0.95) {
  const Interval interval = median_interval(countdown(n), confidence);
  EXPECT_EQ(interval.low, low) << "n = " << n;
  EXPECT_EQ(interval.high, high) << "n = " << n;
  EXPECT_NEAR(interval.coverage, coverage, 1e-12) << "n = " << n;
}

/// Whether exactly one sentence holds `part`.
TEST(Median, IsTheMiddleValueOrTheMeanOfTheTwo) {
  EXPECT_EQ(median(Numbers{3, 1, 2}), 2);
  EXPECT_EQ(median(Numbers{4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median(Numbers{7}), 7);
}

TEST(MedianAbsoluteDeviation, IsUnscaled) {
  EXPECT_EQ(median_absolute_deviation(Numbers{1, 1, 2, 2, 4, 6, 9}), 1);
  EXPECT_EQ(median_absolute_deviation(Numbers{1, 2, 3, 10}), 1);  // centre 2.5; 0.5 0.5 1.5 7.5
  EXPECT_EQ(median_absolute_deviation(Numbers{5}), 0);
}

TEST(MedianInterval, TakesTheOrderStatisticsOfTheBinomial) {
  expect_interval(6, 1, 6, 0.96875);
  expect_interval(8, 1, 8, 0.9921875);
  expect_interval(9, 2, 8, 0.9609375);
  expect_interval(10, 2, 9, 0.978515625);
  expect_interval(20, 6, 15, 0.958610534667968750);
}

TEST(MedianInterval, IsTheWholeRangeWithItsTrueCoverageForFewValues) {
  expect_interval(1, 1, 1, 0);
  expect_interval(2, 1, 2, 0.5);
  expect_interval(5, 1, 5, 0.9375);
}

TEST(MedianInterval, FollowsTheConfidenceAskedFor) {
  expect_interval(10, 1, 10, 0.998046875, 0.99);
  expect_interval(10, 3, 8, 0.890625, 0.8);
  expect_interval(10, 5, 6, 0.24609375, 0.0);
  expect_interval(10, 1, 10, 0.998046875, 1.0);
}

TEST(MedianInterval, IsWiderWhereValuesAreNotIndependent) {
  const std::vector<double> values = countdown(30);
  const Interval half = median_interval(values, 0.95, 0.5);
  // As of 15 values, whose interval begins at the 4th: 3 below it are 6 of 30.
  EXPECT_EQ(half.low, 7);
  EXPECT_EQ(half.high, 24);
  EXPECT_DOUBLE_EQ(half.coverage, median_interval(countdown(15)).coverage);
  const Interval least = median_interval(values, 0.95, 0.1);
  EXPECT_EQ(least.low, 1);
  EXPECT_EQ(least.high, 30);
  EXPECT_DOUBLE_EQ(least.coverage, median_interval(countdown(3)).coverage) << "too few for what was asked";
}

TEST(MedianInterval, HoldsForManyValues) {
  // 1000 / 2 -+ 1.96 * sqrt(1000) / 2 = 469.01 and 530.99; the exact ranks are 469 and 532.
  const Interval interval = median_interval(countdown(1000));
  EXPECT_EQ(interval.low, 469);
  EXPECT_EQ(interval.high, 532);
  EXPECT_GE(interval.coverage, 0.95);
  EXPECT_LT(interval.coverage, 0.96);
}

TEST(Outliers, UsesTheModifiedZScoreOnBothSides) {
  // Median 10, MAD 1: the score passes 3.5 at a distance of 5.19.
  EXPECT_EQ(outliers(Numbers{9, 9, 10, 11, 11}).size(), 0U);
  EXPECT_EQ(outliers(Numbers{8, 9, 9, 10, 11, 11, 15.1}).size(), 0U);
  EXPECT_EQ(outliers(Numbers{8, 9, 9, 10, 11, 11, 15.3}).size(), 1U);
  EXPECT_EQ(outliers(Numbers{1, 9, 9, 10, 11, 11, 99}).size(), 2U);
}

TEST(Outliers, AreNamedByTheirPlace) {
  EXPECT_EQ(outliers(Numbers{1, 9, 9, 10, 11, 11, 99}), (std::vector<std::size_t>{0, 6}));
}

TEST(Fairness, IsOneWhenAllAreEqualAndAShareWhenOneHasAll) {
  EXPECT_DOUBLE_EQ(fairness(Numbers{3, 3, 3}), 1);
  EXPECT_DOUBLE_EQ(fairness(Numbers{0, 0, 5, 0}), 0.25);
  EXPECT_DOUBLE_EQ(fairness(Numbers{1, 3}), 0.8);
  EXPECT_DOUBLE_EQ(fairness(Numbers{0, 0}), 1);
  EXPECT_THROW((void)fairness(Numbers{}), std::invalid_argument);
}

TEST(Outliers, AreNoneWhenMostValuesAreEqual) { EXPECT_EQ(outliers(Numbers{10, 10, 10, 10, 99}).size(), 0U); }

TEST(IsBimodal, SeesTwoTightGroups) {
  EXPECT_TRUE(is_bimodal(Numbers{10, 20, 10.1, 20.1, 10.2, 20.2}));
  EXPECT_TRUE(is_bimodal(Numbers{10, 10, 20, 20}));
}

TEST(IsBimodal, NeedsAFifthOfTheValuesAndTwoInEachGroup) {
  EXPECT_TRUE(is_bimodal(Numbers{10, 10, 10, 10, 10, 10, 10, 10, 20, 20}));
  EXPECT_FALSE(is_bimodal(Numbers{10, 10, 10, 10, 10, 10, 10, 10, 10, 20, 20}));
  EXPECT_FALSE(is_bimodal(Numbers{10, 10, 10, 20}));
  EXPECT_FALSE(is_bimodal(Numbers{10, 20}));
}

TEST(IsBimodal, NeedsMediansFurtherThan15PercentApart) {
  EXPECT_FALSE(is_bimodal(Numbers{100, 100, 100, 114, 114, 114}));
  EXPECT_TRUE(is_bimodal(Numbers{100, 100, 100, 116, 116, 116}));
}

TEST(IsBimodal, NeedsAGapOfThreeTimesTheWiderGroup) {
  EXPECT_FALSE(is_bimodal(Numbers{10, 10, 12, 17.9, 18, 18}));  // gap 5.9, range 2
  EXPECT_TRUE(is_bimodal(Numbers{10, 10, 12, 18, 18, 18}));     // gap 6
  EXPECT_FALSE(is_bimodal(Numbers{10, 10, 10, 15.9, 18, 18}));  // the wider group is the upper one
}

TEST(IsBimodal, IsFalseForAnEvenSpreadAndForEqualValues) {
  EXPECT_FALSE(is_bimodal(countdown(10)));
  EXPECT_FALSE(is_bimodal(Numbers(10, 3.0)));
}

TEST(Statistics, RefuseNoValuesAndNaN) {
  for (const Numbers& bad : {Numbers{}, Numbers{1, std::numeric_limits<double>::quiet_NaN(), 2}}) {
    EXPECT_THROW((void)median(bad), std::invalid_argument);
    EXPECT_THROW((void)median_absolute_deviation(bad), std::invalid_argument);
    EXPECT_THROW((void)median_interval(bad), std::invalid_argument);
    EXPECT_THROW((void)outliers(bad), std::invalid_argument);
    EXPECT_THROW((void)is_bimodal(bad), std::invalid_argument);
  }
}

}  // namespace
}  // namespace pipebench
