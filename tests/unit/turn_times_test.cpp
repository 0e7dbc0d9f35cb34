#include "engine/turn_times.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace pipebench {
namespace {

Turns turns_with(std::initializer_list<std::uint64_t> all_ns) {
  TurnTimes times{.clock_ps = 20'000};
  for (const std::uint64_t ns : all_ns) times.add(ns, 4096);
  return turns_of(times.ps_per_page);
}

TEST(TurnTimes, ArePricesWithoutTheClock) {
  const Turns turns = turns_with({120, 220, 320});
  EXPECT_EQ(turns.count, 3U);
  EXPECT_NEAR(turns.median_ns_per_page.value(), 200, 1);
}

TEST(TurnTimes, BelowWhatTheClockTellsHaveNoFigure) {
  const Turns turns = turns_with({20, 19, 20, 120});
  EXPECT_EQ(turns.count, 4U);
  EXPECT_FALSE(turns.min_ns_per_page);
  EXPECT_FALSE(turns.median_ns_per_page) << "never 0";
}

TEST(TurnTimes, HaveNoFigureWhereThereWereNone) { EXPECT_FALSE(turns_with({}).median_ns_per_page); }

}  // namespace
}  // namespace pipebench
