#include "pipebench/stats/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace pipebench {
namespace {

constexpr double relative_error = 0.005;

TEST(Histogram, HoldsSmallNumbersExactly) {
  for (std::uint64_t value = 0; value < 512; ++value) {
    Histogram histogram;
    histogram.add(value);
    EXPECT_EQ(histogram.quantile(0.5), static_cast<double>(value));
  }
}

TEST(Histogram, HoldsAnyNumberWithinHalfAPercent) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = random() >> (random() % 64);
    Histogram histogram;
    histogram.add(value);
    const double exact = static_cast<double>(value);
    ASSERT_NEAR(histogram.quantile(1), exact, relative_error * exact) << value;
  }
}

TEST(Histogram, CountsAValueAnyNumberOfTimes) {
  Histogram histogram;
  histogram.add(100, 98);
  histogram.add(200);
  histogram.add(300, 0);
  histogram.add(400);
  EXPECT_EQ(histogram.count(), 100U);
  EXPECT_EQ(histogram.quantile(0.98), 100);
  EXPECT_EQ(histogram.quantile(0.99), 200);
  EXPECT_EQ(histogram.quantile(1), 400);
  Histogram copy;
  copy.add_counts(histogram.counts());
  EXPECT_EQ(copy.count(), 100U);
  EXPECT_EQ(copy.quantile(0.99), 200);
}

TEST(Histogram, HoldsTheLargestNumber) {
  Histogram histogram;
  histogram.add(std::numeric_limits<std::uint64_t>::max());
  EXPECT_NEAR(histogram.quantile(0), std::ldexp(1.0, 64), relative_error * std::ldexp(1.0, 64));
}

TEST(Histogram, HoldsManyOfOneNumberWithinHalfAPercentAtAnyRank) {
  for (const std::uint64_t power : {1ULL << 9U, 1ULL << 14U, 1ULL << 40U, 1ULL << 63U}) {
    for (const std::uint64_t value : {power, power + power / 512, 2 * (power - 1) + 1}) {  // wherever in its bucket
      Histogram histogram;
      for (int i = 0; i < 1000; ++i) histogram.add(value);
      const double exact = static_cast<double>(value);
      for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0})
        EXPECT_NEAR(histogram.quantile(share), exact, relative_error * exact) << value << ' ' << share;
    }
  }
}

// Of 0.05 %, which is an eighth of a bucket.
TEST(Histogram, FollowsASmallChange) {
  const auto median_of_normal = [](double middle) {
    std::mt19937_64 random(3);
    Histogram histogram;
    for (int i = 0; i < 20'000; ++i) {
      double sum = 0;
      for (int k = 0; k < 12; ++k) sum += static_cast<double>(random() % 1024) / 1024 - 0.5;
      histogram.add(static_cast<std::uint64_t>(middle * (1 + 0.01 * sum)));
    }
    return histogram.quantile(0.5);
  };
  double middle = 50'000;
  for (double before = median_of_normal(middle); middle < 51'000;) {
    middle *= 1.0005;
    const double now = median_of_normal(middle);
    EXPECT_NEAR(now / before, 1.0005, 0.0003) << middle;
    before = now;
  }
}

TEST(Histogram, GivesTheQuantilesOfWhatWasAdded) {
  std::mt19937_64 random(2);
  std::vector<std::uint64_t> values;
  Histogram histogram;
  for (int i = 0; i < 10'001; ++i) {
    values.push_back(1000 + random() % 100'000);
    histogram.add(values.back());
  }
  std::ranges::sort(values);
  for (const double share : {0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(share * 10'001))) - 1;
    const auto exact = static_cast<double>(values[rank]);
    EXPECT_NEAR(histogram.quantile(share), exact, relative_error * exact) << share;
  }
  EXPECT_EQ(histogram.count(), 10'001U);
}

TEST(Histogram, AddsAnother) {
  Histogram histogram;
  Histogram more;
  for (const std::uint64_t value : {1U, 2U, 3U}) histogram.add(value);
  for (const std::uint64_t value : {3U, 4U, 5U, 6U}) more.add(value);
  histogram.add(more);
  EXPECT_EQ(histogram.count(), 7U);
  EXPECT_EQ(histogram.quantile(0.5), 3);
  EXPECT_EQ(histogram.quantile(1), 6);
}

TEST(Histogram, IsEmptyAtFirstAndWhenCleared) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0);
  histogram.add(7);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.quantile(1), 0);
}

}  // namespace
}  // namespace pipebench
