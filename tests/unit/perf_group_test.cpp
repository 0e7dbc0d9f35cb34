// What is made of the numbers that the kernel gives for a group of counters: a PMU that others use as well cannot be
// had in a test.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

#include "engine/instruments.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/model/counters.hpp"
#include "system/perf/group.hpp"

namespace pipebench {
namespace {

using Words = std::vector<std::uint64_t>;
constexpr std::uint64_t ms = 1'000'000;

/// As an end's counters have it where all events are there.
EndCounters counters_of(const Words& before, const Words& after) {
  std::vector<std::optional<CounterGroup::Count>> counts;
  for (const auto& count : decode_group(before, after)) counts.emplace_back(count);
  EndCounters counters;
  record_counts(counts, counters);
  return counters;
}

TEST(Group, IsScaledAndMarkedWhereItSharedThePmu) {
  // Enabled for 400 ms of the interval, counting for 100 of them.
  const Words before{4, 1000 * ms, 900 * ms, 0, 0, 0, 0};
  const Words after{4, 1400 * ms, 1000 * ms, 1'000'000, 2'500'000, 40, 7};
  const EndCounters counters = counters_of(before, after);
  EXPECT_DOUBLE_EQ(*counters[Counter::cycles], 4'000'000);
  EXPECT_DOUBLE_EQ(*counters[Counter::instructions], 10'000'000);
  EXPECT_DOUBLE_EQ(*counters[Counter::cache_misses], 160);
  EXPECT_DOUBLE_EQ(*counters[Counter::dtlb_misses], 28);
  EXPECT_DOUBLE_EQ(*counters[Counter::hardware_enabled_seconds], 0.4);
  EXPECT_DOUBLE_EQ(*counters[Counter::hardware_counting_seconds], 0.1);
  EXPECT_TRUE(is_scaled(counters));
}

TEST(Group, ThatHadThePmuToItselfIsAsItWasCounted) {
  // What was lost before the interval does not count.
  const EndCounters counters =
      counters_of({4, 1000 * ms, 10 * ms, 0, 0, 0, 0}, {4, 1300 * ms, 310 * ms, 1'000'000, 2'500'000, 40, 7});
  EXPECT_EQ(*counters[Counter::cycles], 1'000'000);
  EXPECT_EQ(*counters[Counter::dtlb_misses], 7);
  EXPECT_FALSE(is_scaled(counters));
}

TEST(Group, ThatNeverCountedHasNoFigures) {
  const EndCounters counters = counters_of({2, 0, 0, 0, 0}, {2, 50 * ms, 0, 0, 0});
  EXPECT_FALSE(counters[Counter::cycles]) << "not 0";
  EXPECT_TRUE(is_scaled(counters)) << "and says why";
}

TEST(Group, LeavesOutWhatIsMissing) {
  EndCounters counters;
  const std::array<std::optional<CounterGroup::Count>, 4> counts{
      std::nullopt, CounterGroup::Count{.value = 5, .enabled_seconds = 1, .running_seconds = 0.5}};
  record_counts(counts, counters);
  EXPECT_FALSE(counters[Counter::cycles]);
  EXPECT_EQ(counters[Counter::instructions], 10);
  EXPECT_EQ(counters[Counter::hardware_counting_seconds], 0.5);
}

TEST(Group, ThatIsTooShortIsAnError) {
  EXPECT_THROW(static_cast<void>(decode_group(Words{1, 2, 3, 4}, Words{1, 2})), SystemError);
  EXPECT_THROW(static_cast<void>(decode_group(Words{}, Words{1, 2, 3, 4})), SystemError);
}

}  // namespace
}  // namespace pipebench
