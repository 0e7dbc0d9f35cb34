#include "pipebench/stats/bootstrap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace pipebench {
namespace {

using Numbers = std::vector<double>;

TEST(BootstrapRatio, IsAPointWhereNothingVaries) {
  const Interval interval = bootstrap_ratio_interval(Numbers(5, 3.0), Numbers(4, 2.0), 1);
  EXPECT_DOUBLE_EQ(interval.low, 1.5);
  EXPECT_DOUBLE_EQ(interval.high, 1.5);
}

TEST(BootstrapRatio, IsTheSameForTheSameSeed) {
  const Numbers some{1, 2, 3, 4, 5, 6, 7}, others{2, 3, 5, 7, 11};
  const Interval first = bootstrap_ratio_interval(some, others, 1);
  const Interval again = bootstrap_ratio_interval(some, others, 1);
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
}

TEST(BootstrapRatio, AllowsForWhatRunsDifferBy) {
  const Interval interval =
      bootstrap_ratio_interval(Numbers(5, 3.0), Numbers(4, 2.0), 1, {.values = 0.03, .references = 0.04});
  // 1.96 times 5 %, of the logarithm.
  EXPECT_NEAR(std::log(interval.high / 1.5), 0.098, 0.005);
  EXPECT_NEAR(std::log(interval.low / 1.5), -0.098, 0.005);
}

TEST(BootstrapRatio, RefusesWhatHasNoRatio) {
  EXPECT_THROW((void)bootstrap_ratio_interval(Numbers{}, Numbers{1}, 1), std::invalid_argument);
  EXPECT_THROW((void)bootstrap_ratio_interval(Numbers{1}, Numbers{0}, 1), std::invalid_argument);
}

}  // namespace
}  // namespace pipebench
