#include "pipebench/stats/ratio.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <vector>

namespace pipebench {
namespace {

using Pairs = std::vector<RoundPair>;
using Numbers = std::vector<double>;

constexpr double infinite = std::numeric_limits<double>::infinity();

TEST(MedianRatio, IsTheMedianOfTheRatiosWithTheirOrderStatistics) {
  const Ratio ratio = median_ratio(Pairs{{10, 1}, {45, 3}, {22, 2}, {52, 4}, {70, 5}, {66, 6}});  // 10 15 11 13 14 11
  EXPECT_EQ(ratio.median, 12);
  EXPECT_EQ(ratio.interval.low, 10);
  EXPECT_EQ(ratio.interval.high, 15);
  EXPECT_EQ(ratio.interval.coverage, 0.96875);
}

TEST(MedianRatio, IsNotTheRatioOfTheMedians) {
  EXPECT_EQ(median_ratio(Pairs{{1, 1}, {10, 2}, {3, 3}}).median, 1);  // of the medians: 3 / 2
}

// Each figure swings by a factor of two, and their ratio does not.
TEST(MedianRatio, DoesNotSeeWhatDisturbsBothFiguresOfARound) {
  const Ratio ratio = median_ratio(Pairs{{40, 4}, {80, 8}, {40, 4}, {80, 8}, {40, 4}, {80, 8}});
  EXPECT_EQ(ratio.interval.low, 10);
  EXPECT_EQ(ratio.interval.high, 10);
}

TEST(MedianRatio, SaysWhatFewPairsCover) {
  EXPECT_EQ(median_ratio(Pairs{{2, 1}}).interval.coverage, 0);
  EXPECT_EQ(median_ratio(Pairs{{2, 1}, {3, 1}}).interval.coverage, 0.5);
}

TEST(MedianRatio, RefusesNoPairsAndWhatIsNoFigure) {
  for (const Pairs& bad : {Pairs{}, Pairs{{1, 0}}, Pairs{{0, 1}}, Pairs{{1, -1}}, Pairs{{1, infinite}},
                           Pairs{{std::numeric_limits<double>::quiet_NaN(), 1}}})
    EXPECT_THROW((void)median_ratio(bad), std::invalid_argument);
}

TEST(Precision, IsHalfTheIntervalRelativeToTheMedian) {
  EXPECT_DOUBLE_EQ(precision_of(Numbers{98, 99, 100, 100, 101, 102}), 0.02);
  // Of 9 values the interval leaves out one at each end.
  EXPECT_DOUBLE_EQ(precision_of(Numbers{1, 199, 200, 200, 200, 200, 200, 203, 999}), 0.01);
  EXPECT_EQ(precision_of(Numbers(6, 3.0)), 0);
}

TEST(Precision, IsInfiniteWithoutAnIntervalOrAMedian) {
  EXPECT_EQ(precision_of(Numbers{}), infinite);
  EXPECT_EQ(precision_of(Numbers(5, 3.0)), infinite);
  EXPECT_EQ(precision_of(Numbers(6, 0.0)), infinite);
}

}  // namespace
}  // namespace pipebench
