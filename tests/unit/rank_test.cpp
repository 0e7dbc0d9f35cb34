#include "pipebench/stats/rank_test.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace pipebench {
namespace {

using Numbers = std::vector<double>;

Numbers from(double first, std::size_t n) {
  Numbers values(n);
  std::iota(values.begin(), values.end(), first);
  return values;
}

TEST(MannWhitney, CountsTheWaysToChooseRanks) {
  // All above all: one of the ways, on either side.
  EXPECT_DOUBLE_EQ(mann_whitney_p(from(1, 3), from(10, 3)), 2.0 / 20);
  EXPECT_DOUBLE_EQ(mann_whitney_p(from(10, 2), from(1, 8)), 2.0 / 45);
  EXPECT_DOUBLE_EQ(mann_whitney_p(from(1, 5), from(10, 5)), 2.0 / 252);
  // 3 and 3 values can be interleaved in 1, 1, 2, 3, 3, 3, 3, 2, 1, 1 ways with 0, 1, ... 9 pairs in one order.
  EXPECT_DOUBLE_EQ(mann_whitney_p(Numbers{1, 2, 4}, Numbers{3, 5, 6}), 2.0 * 2 / 20);
  EXPECT_DOUBLE_EQ(mann_whitney_p(Numbers{1, 3, 4}, Numbers{2, 5, 6}), 2.0 * 4 / 20);
  EXPECT_DOUBLE_EQ(mann_whitney_p(Numbers{1, 4, 5}, Numbers{2, 3, 6}), 1);
}

TEST(MannWhitney, TakesEqualValuesForHalfAPairRoundedUp) {
  // Of 2 and 2 values: 1, 1, 2, 1, 1 ways. Half a pair is out of order, which counts as one.
  EXPECT_DOUBLE_EQ(mann_whitney_p(Numbers{1, 2}, Numbers{2, 3}), 2.0 * 2 / 6);
  EXPECT_EQ(mann_whitney_p(Numbers(9, 1.0), Numbers(9, 1.0)), 1);
}

TEST(MannWhitney, IsTheSameWhicheverSetIsNamedFirst) {
  EXPECT_DOUBLE_EQ(mann_whitney_p(Numbers{1, 2, 4, 9}, Numbers{3, 5}),
                   mann_whitney_p(Numbers{3, 5}, Numbers{1, 2, 4, 9}));
}

// Against the exact counts for 31 and 31 values.
TEST(MannWhitney, IsNearlyExactForManyValues) {
  EXPECT_NEAR(mann_whitney_p(from(1, 31), from(1.5, 31)), 0.83393603, 0.002);
  EXPECT_NEAR(mann_whitney_p(from(1, 31), from(6.5, 31)), 0.02838105, 0.001);
  EXPECT_NEAR(mann_whitney_p(from(1, 31), from(9.5, 31)), 0.00112217, 0.0003);
  EXPECT_LT(mann_whitney_p(from(1, 500), from(1000, 500)), 1e-12);
  EXPECT_EQ(mann_whitney_p(Numbers(500, 1.0), Numbers(500, 1.0)), 1);
}

TEST(MannWhitney, RefusesNoValuesAndNaN) {
  EXPECT_THROW((void)mann_whitney_p(Numbers{}, Numbers{1}), std::invalid_argument);
  EXPECT_THROW((void)mann_whitney_p(Numbers{1}, Numbers{}), std::invalid_argument);
  EXPECT_THROW((void)mann_whitney_p(Numbers{1}, Numbers{std::numeric_limits<double>::quiet_NaN()}),
               std::invalid_argument);
}

TEST(SignTest, CountsTheWaysThatPairsMayLie) {
  EXPECT_DOUBLE_EQ(sign_test_p(5, 5), 2.0 / 32);
  EXPECT_DOUBLE_EQ(sign_test_p(0, 5), 2.0 / 32);
  EXPECT_DOUBLE_EQ(sign_test_p(1, 6), 2.0 * 7 / 64);
  EXPECT_EQ(sign_test_p(3, 6), 1);
  EXPECT_EQ(sign_test_p(0, 0), 1);
}

TEST(Holm, RaisesTheSmallestMost) {
  const std::vector<double> adjusted = holm_adjusted(Numbers{0.01, 0.04, 0.03, 0.005});
  EXPECT_DOUBLE_EQ(adjusted[3], 4 * 0.005);
  EXPECT_DOUBLE_EQ(adjusted[0], 3 * 0.01);
  EXPECT_DOUBLE_EQ(adjusted[2], 2 * 0.03);
  EXPECT_DOUBLE_EQ(adjusted[1], 2 * 0.03) << "never below a smaller one's";
  EXPECT_EQ(holm_adjusted(Numbers{0.9, 0.8}), (Numbers{1, 1}));
  EXPECT_TRUE(holm_adjusted(Numbers{}).empty());
}

}  // namespace
}  // namespace pipebench
