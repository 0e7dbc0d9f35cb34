#include "pipebench/stats/runs.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace pipebench {
namespace {

using Numbers = std::vector<double>;

TEST(RunSpread, IsThatOfTheSamples) {
  EXPECT_NEAR(run_spread(Numbers{95, 100, 105, 90, 110}), 1.4826 * std::log(1.05), 0.005);
  EXPECT_DOUBLE_EQ(run_spread(Numbers{1, 2, 4}), run_spread(Numbers{10, 20, 40})) << "it has no unit";
  EXPECT_EQ(run_spread(Numbers{100, 100.1, 99.9, 500}), least_run_spread) << "a single one does not decide";
}

TEST(BetweenRuns, DifferByMoreThanTheirSamplesTell) {
  const Numbers one{97, 98, 99, 100, 101, 102, 103};
  const auto times = [&](double factor) {
    Numbers more;
    for (const double value : one) more.push_back(factor * value);
    return more;
  };
  EXPECT_DOUBLE_EQ(between_runs_p(one, one), 1);
  EXPECT_GT(between_runs_p(one, times(1.05)), 0.05);
  EXPECT_LT(between_runs_p(one, times(1.2)), 0.01);
  EXPECT_DOUBLE_EQ(between_runs_p(one, times(1.1)), between_runs_p(times(1.1), one));
  Numbers many;
  for (int i = 0; i < 100; ++i) many.insert(many.end(), one.begin(), one.end());
  Numbers others;
  for (const double value : many) others.push_back(1.05 * value);
  EXPECT_GT(between_runs_p(many, others), 0.05) << "more samples of the same two runs do not help";
}

TEST(BetweenRuns, RefuseWhatHasNoRatio) {
  EXPECT_THROW((void)run_spread(Numbers{}), std::invalid_argument);
  EXPECT_THROW((void)between_runs_p(Numbers{1}, Numbers{0}), std::invalid_argument);
}

}  // namespace
}  // namespace pipebench
