#include "app/estimate.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "pipebench/engine/ceilings.hpp"

namespace pipebench {
namespace {

/// Ten rounds of a second. The ends may sleep, so that their events are counted apart.
CaseResult planned() {
  CaseResult result;
  result.spec.buffer_bytes = 65536;
  result.spec.buffers = 1;
  result.sampling.time_seconds = 1;
  result.sampling.warmup_seconds = 0;
  result.sampling.conditions = false;
  return result;
}

/// Of the whole plan.
double estimate_of(const std::vector<CaseResult>& cases, bool counts_events) {
  return estimated_seconds({.cases = cases, .all = cases.size(), .counts_events = counts_events}).value();
}

constexpr double overhead = 0.3;  // more than samples take besides their time

TEST(Estimate, IsTheTimeOfAllSamples) {
  EXPECT_NEAR(estimate_of({planned(), planned()}, false), 20, overhead);
  CaseResult skipped = planned();
  skipped.status = Status::skipped;
  EXPECT_NEAR(estimate_of({planned(), skipped}, false), 10, overhead);
  EXPECT_EQ(estimate_of({}, false), 0);
}

TEST(Estimate, OfTheFirstCasesIsThatOfAll) {
  const std::vector cases{planned(), planned()};
  EXPECT_NEAR(estimated_seconds({.cases = cases, .all = 20}).value(), 200, 10 * overhead);
}

TEST(Estimate, CountsTheSamplesThatOnlyCountEvents) {
  EXPECT_NEAR(estimate_of({planned(), planned()}, true), 22, overhead);
  std::vector without{planned(), planned(), planned()};
  without[0].sampling.counters = false;
  without[1].sampling.hardware_events = true;
  without[2].spec.isolation = Isolation::none;
  EXPECT_NEAR(estimate_of(without, true), 30, overhead);
}

TEST(Estimate, TakesTheSampleThatCountsOnceHoweverManyRoundsThereAre) {
  const std::vector cases{planned()};
  EXPECT_NEAR(estimated_seconds({.cases = cases, .all = 1, .counts_events = true}, 10).value(), 101, 10 * overhead);
}

TEST(Estimate, OfSamplesInBytesIsUnknown) {
  std::vector cases{planned(), planned()};
  cases[1].sampling.bytes = 4096;
  EXPECT_FALSE(estimated_seconds({.cases = cases, .all = 2}));
}

TEST(Estimate, EndsWithTheBudget) {
  const std::vector cases{planned()};
  PlanRecord record;
  record.goals.budget_seconds = 5;
  estimate(record, {.cases = cases, .all = 1});
  EXPECT_EQ(record.estimated_seconds, 5);
  EXPECT_EQ(record.longest_seconds, 5);
  record.goals = {.precision = 0.02};
  estimate(record, {.cases = cases, .all = 1});
  EXPECT_FALSE(record.estimated_seconds);
  EXPECT_NEAR(record.longest_seconds.value(), 100, 10 * overhead);
}

TEST(Estimate, CountsWhatOneCoreDoesTwice) {
  std::vector cases{planned()};
  cases[0].ceilings.emplace();
  PlanRecord with, without;
  with.ceilings = true;
  estimate(with, {.cases = cases, .all = 1});
  estimate(without, {.cases = cases, .all = 1});
  EXPECT_NEAR(with.estimated_seconds.value() - without.estimated_seconds.value(),
              2 * estimated_core_ceilings_seconds(cases), 1e-9);
}

}  // namespace
}  // namespace pipebench
