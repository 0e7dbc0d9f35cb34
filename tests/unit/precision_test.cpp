#include "pipebench/analysis/precision.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace pipebench {
namespace {

using Cases = std::vector<CaseSoFar>;
using Indices = std::vector<std::size_t>;
using Shortfalls = std::vector<Shortfall>;

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr PrecisionGoal goal{.precision = 0.02, .budget_seconds = 60};

CaseSoFar with(const std::vector<double>& speeds) {
  CaseSoFar made{.samples = {}, .seconds_per_sample = 1, .least_rounds = 6};
  for (const double speed : speeds) made.samples.push_back({static_cast<unsigned>(made.samples.size()), speed});
  return made;
}

CaseSoFar compared(CaseSoFar made, std::size_t baseline) {
  made.baseline = baseline;
  return made;
}

CaseSoFar over(CaseSoFar made) {
  made.over = true;
  return made;
}

const CaseSoFar steady = with({100, 100, 100, 100, 100, 100});
const CaseSoFar wide = with({50, 60, 70, 80, 90, 100});  // +-25 of 75

TEST(NextRound, IsOfThoseThatAreNotPreciseEnough) {
  const NextRound next = next_round(Cases{steady, wide, steady}, goal, 10);
  EXPECT_EQ(next.cases, Indices{1});
  EXPECT_EQ(next.missing, (Shortfalls{{1, 1.0 / 3}}));
}

TEST(NextRound, IsNoneWhenAllArePrecise) {
  const NextRound next = next_round(Cases{steady, steady}, goal, 10);
  EXPECT_EQ(next.cases, Indices{});
  EXPECT_EQ(next.missing, Shortfalls{});
}

TEST(NextRound, TakesAsManyRoundsAsItMust) {
  CaseSoFar ten = steady;
  ten.least_rounds = 10;
  const NextRound next = next_round(Cases{ten}, goal, 10);
  EXPECT_EQ(next.cases, Indices{0});
  EXPECT_EQ(next.missing, Shortfalls{}) << "it is precise, though it goes on";
}

TEST(NextRound, KeepsOnWithoutAnInterval) {
  EXPECT_EQ(next_round(Cases{with({100, 100, 100, 100, 100})}, goal, 10).missing, (Shortfalls{{0, infinite}}));
  EXPECT_EQ(next_round(Cases{with({})}, goal, 0).cases, Indices{0});
}

TEST(NextRound, BeginsOnlyIfItFitsIntoTheBudget) {
  EXPECT_EQ(next_round(Cases{wide, wide}, goal, 58).cases, (Indices{0, 1}));
  const NextRound next = next_round(Cases{wide, steady, wide}, goal, 58.1);
  EXPECT_EQ(next.cases, Indices{});
  EXPECT_EQ(next.missing, (Shortfalls{{0, 1.0 / 3}, {2, 1.0 / 3}}));
}

TEST(NextRound, IsTheFirstWhateverTheBudget) { EXPECT_EQ(next_round(Cases{with({})}, goal, 100).cases, Indices{0}); }

TEST(NextRound, LeavesOutCasesThatAreOver) {
  const NextRound next = next_round(Cases{over(wide), over(with({}))}, goal, 10);
  EXPECT_EQ(next.cases, Indices{});
  EXPECT_EQ(next.missing, Shortfalls{});
}

TEST(NextRound, GoesByRatiosWhereThereIsABaseline) {
  const CaseSoFar twice_as_fast = compared(with({100, 120, 140, 160, 180, 200}), 0);
  const NextRound next = next_round(Cases{wide, twice_as_fast}, goal, 10);
  EXPECT_EQ(next.cases, Indices{0}) << "the baseline has no ratio";
  EXPECT_EQ(next.missing, (Shortfalls{{0, 1.0 / 3}})) << "and the ratio is always the same";
}

TEST(NextRound, TakesTheBaselineAlongAlthoughItIsPrecise) {
  const NextRound next = next_round(Cases{steady, compared(wide, 0), compared(steady, 0)}, goal, 10);
  EXPECT_EQ(next.cases, (Indices{0, 1}));
  EXPECT_EQ(next.missing, (Shortfalls{{1, 1.0 / 3}}));
  EXPECT_EQ(next_round(Cases{steady, compared(wide, 0)}, goal, 58.1).cases, Indices{}) << "two samples, and not one";
}

// Samples that were set aside are taken again in later rounds.
TEST(NextRound, TakesAsManyPairsAsItMust) {
  CaseSoFar again = steady;
  again.samples.front().round = 6;
  const PrecisionGoal any{.precision = infinite, .budget_seconds = 60};
  EXPECT_EQ(next_round(Cases{again, compared(steady, 0)}, any, 10).cases, (Indices{0, 1}));
  EXPECT_EQ(next_round(Cases{steady, compared(steady, 0)}, any, 10).cases, Indices{});
}

TEST(NextRound, GoesBySpeedsWhenTheBaselineIsOver) {
  EXPECT_EQ(next_round(Cases{over(with({})), compared(steady, 0)}, goal, 10).cases, Indices{});
  EXPECT_EQ(next_round(Cases{over(with({})), compared(wide, 0)}, goal, 10).cases, Indices{1});
}

TEST(NextRound, RefusesABaselineThatIsNotThere) {
  EXPECT_THROW((void)next_round(Cases{compared(steady, 1)}, goal, 10), std::out_of_range);
}

CaseResult measured(std::string_view writer, const std::vector<double>& speeds) {
  CaseResult result;
  result.name = result.spec.writer = writer;
  result.sampling.warmup_seconds = 0.25;
  result.sampling.time_seconds = 0.5;
  result.sampling.rounds = 7;
  for (const double speed : speeds) {
    Sample& sample = result.samples.emplace_back();
    sample.round = static_cast<unsigned>(result.samples.size() - 1);
    sample.bytes = std::uint64_t{1} << 30U;
    sample.seconds = 1 / speed;
    sample.counted_seconds = 2;
  }
  return result;
}

TEST(CasesSoFar, HaveWhatCountsOfTheSamples) {
  std::vector<CaseResult> cases{measured("write", {1, 2, 4}), measured("read", {})};
  cases[0].samples[1].set_aside = true;
  const Cases so_far = cases_so_far(cases, "");
  ASSERT_EQ(so_far.size(), 2U);
  ASSERT_EQ(so_far[0].samples.size(), 2U);
  EXPECT_EQ(so_far[0].samples[1].round, 2U);
  EXPECT_EQ(so_far[0].samples[1].speed, 4);
  EXPECT_EQ(so_far[0].least_rounds, 7U);
  EXPECT_EQ(so_far[0].seconds_per_sample, 2.25);
  EXPECT_EQ(so_far[1].seconds_per_sample, 0.75);
}

TEST(CasesSoFar, AreComparedWithTheFirstThatMovesBytes) {
  std::vector<CaseResult> cases{measured("null", {1}), measured("skipped", {}), measured("write", {1}),
                                measured("x", {1})};
  cases[0].traits.moves_bytes = false;
  cases[1].status = Status::skipped;
  const Cases so_far = cases_so_far(cases, "");
  EXPECT_EQ(so_far[0].baseline, 2U);
  EXPECT_TRUE(so_far[1].over);
  EXPECT_FALSE(so_far[2].baseline);
  EXPECT_EQ(so_far[3].baseline, 2U);
}

TEST(CasesSoFar, AreComparedWithTheBaselineThatWasPicked) {
  const std::vector<CaseResult> cases{measured("write", {1}), measured("x", {1})};
  const Cases so_far = cases_so_far(cases, "x");
  EXPECT_EQ(so_far[0].baseline, 1U);
  EXPECT_FALSE(so_far[1].baseline);
}

TEST(MissedPrecision, IsOfCasesThatAreTooWide) {
  Document document;
  document.cases = {measured("a", {1, 1, 1, 1, 1, 1}), measured("b", {1, 2, 3, 4, 5, 6}),
                    measured("c", {2, 2, 2, 2, 2, 2}), measured("d", {})};
  for (CaseResult& result : document.cases) result.status = Status::ok;
  document.cases[3].status = Status::planned;
  EXPECT_TRUE(missed_precision(document).empty()) << "nobody wanted any";
  document.plan.goals.precision = 0.02;
  const auto missed = missed_precision(document);
  ASSERT_EQ(missed.size(), 1U);
  EXPECT_EQ(missed[0].index, 1U);
}

TEST(PairsOfRounds, AreOfRoundsThatBothHave) {
  const std::vector<RoundSpeed> some{{0, 10}, {2, 12}, {3, 13}};
  const std::vector<RoundSpeed> others{{1, 1}, {2, 2}, {3, 3}, {4, 4}};
  const auto pairs = pairs_of_rounds(some, others);
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(std::pair(pairs[0].value, pairs[0].reference), std::pair(12.0, 2.0));
  EXPECT_EQ(std::pair(pairs[1].value, pairs[1].reference), std::pair(13.0, 3.0));
  EXPECT_TRUE(pairs_of_rounds(some, {}).empty());
}

}  // namespace
}  // namespace pipebench
