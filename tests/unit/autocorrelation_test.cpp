#include "pipebench/stats/autocorrelation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

using Series = std::vector<double>;

/// Around 0; neighbours are correlated by `alike`, and what is k places apart by its k-th power.
class Machine {
 public:
  Series take(std::size_t n, double alike) {
    Series series;
    double value = noise();
    for (std::size_t i = 0; i < n; ++i) {
      series.push_back(value);
      value = alike * value + std::sqrt(1 - alike * alike) * noise();
    }
    return series;
  }

  std::vector<Series> take_all(std::size_t count, std::size_t n, double alike) {
    std::vector<Series> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(take(n, alike));
    return all;
  }

 private:
  // Nearly normal, and the same with every standard library.
  double noise() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random_()) / 4294967296.0;
    return sum;
  }

  std::mt19937 random_{20220601};
};

double share_of(const std::vector<Series>& series) { return independent_share(series); }

TEST(IndependentShare, IsOneWhereNeighboursAreNotAlike) {
  Machine machine;
  EXPECT_GT(share_of(machine.take_all(20, 200, 0)), 0.95);
  EXPECT_EQ(share_of(std::vector(10, Series{1, 9, 2, 8, 3, 7, 4, 6})), 1) << "far from alike";
  EXPECT_EQ(share_of(std::vector(10, Series(15, 3.0))), 1) << "all equal: there is nothing to be alike";
}

TEST(IndependentShare, FallsWithWhatNeighboursHaveInCommon) {
  Machine machine;
  // 1 / (1 + 4/pi * (asin(0.6) + asin(0.6^2) + ...)), to the term that is no longer above 0.001
  EXPECT_NEAR(share_of(machine.take_all(20, 400, 0.6)), 0.336, 0.03);
  EXPECT_NEAR(share_of(machine.take_all(20, 400, 0.3)), 0.645, 0.03);
}

TEST(IndependentShare, IsNearlyTheSameOfShortSeries) {
  Machine machine;
  // It would be 0.82 with the bias.
  EXPECT_NEAR(share_of(machine.take_all(800, 10, 0.3)), 0.645, 0.07);
}

TEST(IndependentShare, IsNotToldByFewFigures) {
  const Series rising{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_EQ(share_of({}), 1);
  EXPECT_EQ(share_of(std::vector(5, rising)), 1) << "50 figures";
  EXPECT_LT(share_of(std::vector(6, rising)), 0.5);
  EXPECT_EQ(share_of(std::vector(100, Series{1, 2, 3, 4, 5, 6, 7})), 1) << "each is too short";
}

TEST(IndependentShare, GoesByRanks) {
  Machine machine;
  std::vector<Series> series = machine.take_all(10, 30, 0.5);
  const double share = share_of(series);
  for (Series& values : series) {
    for (double& value : values) value = std::exp(3 * value);
  }
  EXPECT_EQ(share_of(series), share);
}

/// How many of 400 machines have their true median, 0, in the interval of nine cases each, in per cent.
double covered(double alike, bool is_told) {
  constexpr int machines = 400;
  constexpr std::size_t cases = 9;
  Machine machine;
  int inside = 0;
  for (int i = 0; i < machines; ++i) {
    const std::vector<Series> all = machine.take_all(cases, 15, alike);
    const double share = is_told ? independent_share(all) : 1;
    for (const Series& series : all) {
      const Interval interval = median_interval(series, 0.95, share);
      if (interval.low <= 0 && 0 <= interval.high) ++inside;
    }
  }
  return 100.0 * inside / (machines * static_cast<double>(cases));
}

TEST(IndependentShare, KeepsThePromiseOfIntervalsOnAMachineThatDrifts) {
  EXPECT_GE(covered(0, true), 95);
  EXPECT_LT(covered(0.4, false), 91) << "without it they promise too much";
  EXPECT_GE(covered(0.4, true), 95);
  EXPECT_GE(covered(0.6, true), 95);
}

}  // namespace
}  // namespace pipebench
