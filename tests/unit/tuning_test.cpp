// The search of `tune`, on landscapes and a clock that are made up.
#include "pipebench/analysis/tuning.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace pipebench {
namespace {

using Place = std::vector<unsigned>;
using Speed = std::function<double(const Place& place, unsigned round)>;

/// A combination that is tried from the start, two options that are searched by steps and one that is not.
SearchSpace space_of(unsigned combinations, unsigned sizes, unsigned counts, unsigned kinds) {
  SearchSpace space{.axes = {{.trial = Trial::all},
                             {.trial = Trial::by_steps, .usual = sizes / 2},
                             {.trial = Trial::by_steps, .usual = counts / 2},
                             {.trial = Trial::freely, .usual = 0}},
                    .places = {}};
  for (unsigned a = 0; a < combinations; ++a)
    for (unsigned b = 0; b < sizes; ++b)
      for (unsigned c = 0; c < counts; ++c)
        for (unsigned d = 0; d < kinds; ++d) space.places.push_back({a, b, c, d});
  return space;
}

/// What a search on such a landscape comes to. A sample takes 0.1 s.
struct Outcome {
  SearchResult result;
  std::vector<std::size_t> samples;  // of each case
  std::vector<std::size_t> first;    // cases of the first large round
  double seconds = 0;
  [[nodiscard]] std::size_t tried() const {
    return samples.size() - static_cast<std::size_t>(std::ranges::count(samples, 0U));
  }
};

Outcome search(const SearchSpace& space, const Speed& speed, double budget_seconds, std::uint64_t seed = 1,
               const std::vector<std::size_t>& failing = {}) {
  Search search(space, {.budget_seconds = budget_seconds, .seed = seed});
  std::vector<CaseSoFar> cases(space.places.size());
  for (CaseSoFar& one : cases) one.seconds_per_sample = 0.1;
  Outcome outcome;
  for (unsigned round = 0;; ++round) {
    const std::vector<std::size_t> next = search.next(cases, outcome.seconds);
    if (round == 1) outcome.first = next;
    std::ranges::sort(outcome.first);
    if (next.empty()) break;
    for (const std::size_t index : next) {
      outcome.seconds += 0.1;
      if (std::ranges::find(failing, index) != failing.end()) {
        cases[index].over = true;
      } else {
        cases[index].samples.push_back({round, speed(space.places[index], round)});
      }
    }
  }
  outcome.result = search.result();
  for (const CaseSoFar& one : cases) outcome.samples.push_back(one.samples.size());
  return outcome;
}

const Place best_place{7, 7, 0, 2};

// One hill: the best combination at the start is also the best at its top.
double smooth(const Place& place) {
  double speed = 100;
  for (std::size_t i = 0; i < place.size(); ++i) {
    const double away = std::abs(static_cast<double>(place[i]) - static_cast<double>(best_place[i]));
    speed *= std::pow(i == 0 ? 0.8 : 0.9, away);
  }
  return speed;
}

// The same for all cases of a round, and a little for each.
double disturbed(double speed, const Place& place, unsigned round, double own) {
  std::mt19937_64 of_round(round),
      of_case(round * 1000003U + place[0] * 1009U + place[1] * 101U + place[2] * 11U + place[3]);
  std::uniform_real_distribution<double> all(0.5, 1), one(1 - own, 1 + own);
  return speed * all(of_round) * one(of_case);
}

TEST(Search, FindsTheTopOfAHill) {
  const SearchSpace space = space_of(16, 9, 3, 3);
  const Outcome outcome = search(
      space, [](const Place& place, unsigned) { return smooth(place); }, 60);
  ASSERT_TRUE(outcome.result.fastest);
  EXPECT_EQ(space.places[*outcome.result.fastest], best_place);
  EXPECT_TRUE(outcome.result.certain);
  EXPECT_LT(outcome.tried(), space.places.size() / 3) << "it did not try them all";
  EXPECT_EQ(outcome.first.size(), 16U) << "one of each combination";
  for (const std::size_t index : outcome.first)
    EXPECT_EQ(space.places[index], (Place{space.places[index][0], 4, 1, 0}));
}

TEST(Search, FindsItAlthoughRoundsAreDisturbed) {
  const SearchSpace space = space_of(16, 9, 3, 3);
  const Outcome outcome = search(
      space, [](const Place& place, unsigned round) { return disturbed(smooth(place), place, round, 0.03); }, 60);
  ASSERT_TRUE(outcome.result.fastest);
  EXPECT_EQ(space.places[*outcome.result.fastest], best_place);
  EXPECT_TRUE(outcome.result.certain);
  ASSERT_TRUE(outcome.result.has_interval());
  EXPECT_NEAR(outcome.result.ratio->median, 1 / 0.9, 0.02) << "the next best is one step away";
  EXPECT_LE(outcome.result.ratio->interval.low, outcome.result.ratio->median);
}

TEST(Search, FindsWhatIsGoodWithOtherValuesAlone) {
  const SearchSpace space = space_of(16, 9, 3, 3);
  const auto speed = [](const Place& place, unsigned) {
    const bool is_other = place[0] == 12;
    Place like_best = place;
    if (is_other) like_best[0] = best_place[0];
    const bool is_at_the_top = like_best == best_place;
    return smooth(like_best) * (!is_other ? 1 : is_at_the_top ? 1.2 : 0.1);
  };
  const Outcome outcome = search(space, speed, 60);
  ASSERT_TRUE(outcome.result.fastest);
  EXPECT_EQ(space.places[*outcome.result.fastest][0], 12U);
  EXPECT_TRUE(outcome.result.certain);
}

TEST(Search, IsNotCertainOfTwoThatAreEqual) {
  SearchSpace space{.axes = {{.trial = Trial::all}}, .places = {{0}, {1}, {2}, {3}, {4}}};
  const Outcome outcome = search(
      space,
      [](const Place& place, unsigned round) {
        const double speed = place[0] == 1 || place[0] == 3 ? 100 : 50;
        std::mt19937_64 random(round * 17U + place[0]);
        return speed * std::uniform_real_distribution<double>(0.95, 1.05)(random);
      },
      60);
  EXPECT_FALSE(outcome.result.certain);
  std::vector<std::size_t> both{*outcome.result.fastest, *outcome.result.runner_up};
  std::ranges::sort(both);
  EXPECT_EQ(both, (std::vector<std::size_t>{1, 3}));
  EXPECT_LT(outcome.result.ratio->interval.low, 1.01);
  EXPECT_LT(outcome.samples[2], 15U) << "what is slower for certain takes no further part";
  EXPECT_GT(outcome.samples[1], 80U) << "the budget goes to those that are not";
}

TEST(Search, IsTheSameForTheSameSeedAndFigures) {
  const SearchSpace space = space_of(40, 5, 3, 2);
  const auto speed = [](const Place& place, unsigned round) { return disturbed(smooth(place), place, round, 0.1); };
  EXPECT_EQ(search(space, speed, 3, 5).samples, search(space, speed, 3, 5).samples);
  EXPECT_NE(search(space, speed, 3, 5).first, search(space, speed, 3, 6).first) << "another draw";
}

TEST(Search, StaysWithinItsBudget) {
  const SearchSpace space = space_of(40, 9, 3, 3);
  for (const double budget : {2.0, 6.0, 8.0, 12.0, 30.0}) {
    const Outcome outcome = search(
        space, [](const Place& place, unsigned) { return smooth(place); }, budget);
    EXPECT_LE(outcome.seconds, budget + 1e-6);
    EXPECT_GT(outcome.result.rounds, 0U) << "something is left for the comparison of the best, of " << budget;
  }
}

TEST(Search, DrawsEvenlyWhereTheFirstRoundDoesNotFit) {
  const SearchSpace space = space_of(104, 1, 1, 1);
  const auto speed = [](const Place& place, unsigned) { return 1.0 + place[0]; };
  const Outcome outcome = search(space, speed, 6.9);
  EXPECT_EQ(outcome.first.size(), 20U) << "35 % of 6.9 s, without the four samples before";
  EXPECT_EQ(outcome.result.left_out, 84U);
  for (std::size_t quarter = 0; quarter < 4; ++quarter) {
    const auto there =
        std::ranges::count_if(outcome.first, [&](std::size_t i) { return space.places[i][0] / 26 == quarter; });
    EXPECT_GE(there, 4);
    EXPECT_LE(there, 6);
  }
  EXPECT_EQ(outcome.result.fastest, outcome.first.back());
  const Outcome tiny = search(space, speed, 0.001);
  EXPECT_EQ(tiny.tried(), 4U) << "there is always something to compare";
  EXPECT_TRUE(tiny.result.runner_up);
  EXPECT_FALSE(tiny.result.certain);
}

TEST(Search, BeginsAtTheNearestPlaceThatThereIs) {
  SearchSpace space{.axes = {{.trial = Trial::all}, {.trial = Trial::by_steps, .usual = 4}, {.trial = Trial::freely}},
                    .places = {{0, 1, 0}, {0, 8, 0}, {0, 4, 1}, {1, 0, 0}, {1, 9, 0}}};
  const Outcome outcome = search(
      space, [](const Place& place, unsigned) { return 1.0 + place[1]; }, 60);
  EXPECT_EQ(outcome.first, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(outcome.result.fastest, 4U) << "reached over places that have no case";
}

TEST(Search, GoesOnWithoutCasesThatFail) {
  const SearchSpace space = space_of(6, 3, 1, 1);
  std::vector<std::size_t> failing;
  for (std::size_t i = 0; i < space.places.size(); ++i) {
    if (space.places[i][0] == 5) failing.push_back(i);
  }
  const Outcome outcome = search(
      space, [](const Place& place, unsigned) { return 1.0 + place[0]; }, 60, 1, failing);
  ASSERT_TRUE(outcome.result.fastest);
  EXPECT_EQ(space.places[*outcome.result.fastest][0], 4U);
  std::vector<std::size_t> all(space.places.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  EXPECT_FALSE(search(
                   space, [](const Place&, unsigned) { return 1.0; }, 60, 1, all)
                   .result.fastest);
}

TEST(Search, OfAFewCasesNeedsNoDraw) {
  const SearchSpace space = space_of(4, 1, 1, 1);
  for (const double budget : {0.1, 0.5, 2.0}) {
    const Outcome outcome = search(
        space, [](const Place& place, unsigned) { return 1.0 + place[0]; }, budget);
    EXPECT_EQ(outcome.result.fastest, 3U) << budget;
    EXPECT_EQ(outcome.result.left_out, 0U) << budget;
  }
}

TEST(Search, OfOneCaseMeasuresThatOne) {
  const Outcome outcome = search(
      {.axes = {}, .places = {{}}}, [](const Place&, unsigned) { return 1.0; }, 60);
  EXPECT_EQ(outcome.result.fastest, 0U);
  EXPECT_FALSE(outcome.result.runner_up);
  EXPECT_FALSE(outcome.result.certain);
  EXPECT_GE(outcome.samples[0], 6U) << "enough for an interval";
}

CaseResult measured(std::string name, unsigned first_round, std::vector<double> speeds) {
  CaseResult result;
  result.name = std::move(name);
  for (const double speed : speeds) {
    Sample sample;
    sample.round = first_round++;
    sample.bytes = std::uint64_t{1} << 30U;
    sample.seconds = sample.counted_seconds = 1 / speed;
    result.samples.push_back(sample);
  }
  return result;
}

TEST(Ranked, HasThoseFirstThatCameFarthest) {
  std::vector<CaseResult> cases{measured("slow", 0, {10}),
                                measured("second", 0, {40, 50, 60}),
                                measured("never", 0, {}),
                                measured("first", 0, {30, 55, 61}),
                                measured("halved", 0, {20, 25}),
                                measured("neighbour", 1, {26}),
                                measured("interrupted", 0, {1, 2, 3, 4})};
  std::vector<std::string> names;
  for (const CaseResult& result : ranked(cases, {.fastest = "first", .runner_up = "second"}))
    names.push_back(result.name);
  EXPECT_EQ(names, (std::vector<std::string>{"first", "second", "interrupted", "neighbour", "halved", "slow"}));
}

}  // namespace
}  // namespace pipebench
