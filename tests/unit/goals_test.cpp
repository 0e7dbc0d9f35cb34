// Runs whose length is decided by what they measure, on a machine and a clock that are made up.
#include "app/goals.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pipebench/analysis/completion.hpp"
#include "pipebench/analysis/precision.hpp"
#include "pipebench/analysis/summary.hpp"

namespace pipebench {
namespace {

constexpr double near = 40, far = 185;

CaseResult planned(std::string_view name, unsigned rounds) {
  CaseResult result;
  result.name = result.spec.writer = name;
  result.sampling.rounds = rounds;
  result.sampling.warmup_seconds = result.sampling.time_seconds = 0.5;
  return result;
}

Sample sample_of(double gib_per_second, double handover_ns = near) {
  Sample sample;
  sample.bytes = std::uint64_t{1} << 30U;
  sample.seconds = 1 / gib_per_second;
  sample.counted_seconds = 0.5;
  sample.conditions.handover_ns_before = sample.conditions.handover_ns_after = handover_ns;
  return sample;
}

/// Each sample takes a second, and `extra_seconds`.
class FakeMachine : private RunObserver {
 public:
  using Answer = std::function<Sample(const std::string& name, unsigned round)>;
  explicit FakeMachine(Answer answer) : answer_(std::move(answer)) {}

  bool run(std::vector<CaseResult>& cases, const RunGoals& goals) {
    const auto measure = [this](const CaseSpec& spec, const Sampling&, unsigned round) {
      SampleOutcome outcome;
      ++counts_[spec.writer];
      now_ += 1 + extra_seconds;
      if (spec.writer == failing) {
        outcome.failure = "It failed.";
      } else if (now_ >= interrupted_at) {
        outcome.interrupted = true;
      } else {
        outcome.sample = answer_(spec.writer, round);
        outcome.sample->round = round;
      }
      return outcome;
    };
    RunObserver* const observers[] = {this};
    PlanRecord plan;
    plan.goals = goals;
    Operations operations{.measure = measure, .verify = {}};
    operations.next = cases_until(
        plan, [this] { return now_; }, counts_events);
    if (counts_events) operations.count = measure;
    const RunEnd end = run_rounds(cases, {.seed = 1}, operations, observers);
    plan.complete = end != RunEnd::without_rounds;
    settle(cases, plan);
    return end == RunEnd::complete;
  }
  [[nodiscard]] unsigned count(const std::string& name) const { return counts_.at(name); }
  [[nodiscard]] double now() const { return now_; }
  [[nodiscard]] bool said_a_total() const { return said_a_total_; }
  std::string failing = {};
  double interrupted_at = 1e9;
  double extra_seconds = 0;
  bool counts_events = false;

 private:
  void before_sample(const CaseResult&, const Progress& progress) override {
    said_a_total_ = said_a_total_ || progress.total;
  }
  Answer answer_;
  std::map<std::string, unsigned> counts_;
  double now_ = 0;
  bool said_a_total_ = false;
};

// Noisy for six rounds; then quiet, unless it is called so.
Sample with_name(const std::string& name, unsigned round) {
  const double noise = round % 2 == 0 ? 1 : 2;
  if (name == "noisy") return sample_of(noise);
  return sample_of(name == "settling" && round < 6 ? noise : 1.5);
}

/// How many rounds a case takes whose interval stays wide.
unsigned rounds_of_noisy(unsigned planned_rounds, const RunGoals& goals) {
  std::vector cases{planned("noisy", planned_rounds)};
  FakeMachine machine(with_name);
  EXPECT_TRUE(machine.run(cases, goals));
  return machine.count("noisy");
}

TEST(Precision, EndsEachCaseWhenItIsReached) {
  std::vector cases{planned("first", 6), planned("settling", 6), planned("quiet", 6)};
  FakeMachine machine(with_name);
  EXPECT_TRUE(machine.run(cases, {.precision = 0.02}));
  EXPECT_EQ(machine.count("quiet"), 6U);
  EXPECT_GT(machine.count("settling"), 6U);
  EXPECT_LT(machine.count("settling"), 60U);
  EXPECT_EQ(machine.count("first"), machine.count("settling")) << "its ratio needs both";
  Document document;
  document.plan.goals.precision = 0.02;
  document.cases = cases;
  EXPECT_TRUE(missed_precision(document).empty());
  EXPECT_FALSE(machine.said_a_total());
}

TEST(Precision, TakesTheRoundsThatWereAskedFor) {
  std::vector cases{planned("quiet", 9), planned("other", 7)};
  FakeMachine machine(with_name);
  EXPECT_TRUE(machine.run(cases, {.precision = 0.02}));
  EXPECT_EQ(machine.count("quiet"), 9U);
  EXPECT_EQ(machine.count("other"), 7U);
}

TEST(Precision, ThatIsOutOfReachEndsAfterTenTimesTheRounds) { EXPECT_EQ(rounds_of_noisy(6, {.precision = 0.02}), 60U); }

TEST(Precision, IsNotWaitedForWhenACaseFails) {
  std::vector cases{planned("first", 6), planned("noisy", 6)};
  FakeMachine machine(with_name);
  machine.failing = "noisy";
  EXPECT_TRUE(machine.run(cases, {.precision = 0.02}));
  EXPECT_EQ(machine.count("noisy"), 1U);
  EXPECT_EQ(machine.count("first"), 6U);
  EXPECT_EQ(cases[0].status, Status::ok);
  EXPECT_EQ(cases[1].status, Status::failed);
}

TEST(Budget, EndsTheSearchForPrecision) {
  std::vector cases{planned("first", 6), planned("noisy", 6)};
  FakeMachine machine(with_name);
  EXPECT_TRUE(machine.run(cases, {.precision = 0.02, .budget_seconds = 31}));
  EXPECT_EQ(machine.count("noisy"), 15U) << "a sixteenth round would end after 32 s";
  EXPECT_EQ(machine.count("first"), 15U);
}

TEST(Budget, MayBeMoreThanTenTimesTheRounds) {
  EXPECT_EQ(rounds_of_noisy(6, {.precision = 0.02, .budget_seconds = 100}), 100U);
}

TEST(Budget, AloneEndsTheRounds) { EXPECT_EQ(rounds_of_noisy(10, {.budget_seconds = 7}), 7U); }

TEST(Budget, AloneAddsNoRounds) { EXPECT_EQ(rounds_of_noisy(10, {.budget_seconds = 100}), 10U); }

// Ratios need rounds that both have, but no more than were asked for.
TEST(Budget, AloneAddsNoRoundsToABaselineThatHasFewer) {
  std::vector cases{planned("few", 3), planned("many", 10)};
  FakeMachine machine(with_name);
  EXPECT_TRUE(machine.run(cases, {.budget_seconds = 100}));
  EXPECT_EQ(machine.count("few"), 3U);
  EXPECT_EQ(machine.count("many"), 10U);
}

TEST(Budget, HasRoomForTheFirstRoundInAnyEvent) { EXPECT_EQ(rounds_of_noisy(10, {.budget_seconds = 0.1}), 1U); }

TEST(Budget, CountsWhatSamplesTakeBesidesTheirPhases) {
  std::vector cases{planned("noisy", 10)};
  FakeMachine machine(with_name);
  machine.extra_seconds = 2;
  EXPECT_TRUE(machine.run(cases, {.budget_seconds = 11}));
  EXPECT_EQ(machine.count("noisy"), 3U);
  EXPECT_EQ(machine.now(), 9);
}

TEST(Budget, HoldsTheSamplesInWhichEventsAreCounted) {
  std::vector cases{planned("one", 10), planned("other", 10)};
  cases[1].sampling.hardware_events = true;  // in its own samples
  FakeMachine machine(with_name);
  machine.counts_events = true;
  EXPECT_TRUE(machine.run(cases, {.budget_seconds = 7}));
  EXPECT_EQ(machine.count("other"), 3U);
  EXPECT_EQ(machine.count("one"), 4U);
  EXPECT_TRUE(cases[0].counting);
  EXPECT_EQ(machine.now(), 7);
}

TEST(Budget, LeavesTheCasesPlannedThatItCutShort) {
  std::vector cases{planned("long", 10), planned("short", 3)};
  FakeMachine machine(with_name);
  EXPECT_TRUE(machine.run(cases, {.budget_seconds = 8}));
  EXPECT_EQ(cases[1].status, Status::ok);
  EXPECT_EQ(cases[0].status, Status::planned);
  EXPECT_EQ(cases[0].reason, "5 of 10 rounds, as another round did not fit into the budget of 8s.");
}

Sample disturbed_twice(const std::string&, unsigned round) {
  return round == 2 || round == 5 ? sample_of(1, far) : sample_of(2);
}

TEST(Steady, TakesAgainWhatWasTakenUnderOtherConditions) {
  std::vector cases{planned("one", 10)};
  FakeMachine machine(disturbed_twice);
  EXPECT_TRUE(machine.run(cases, {.steady = true}));
  EXPECT_EQ(machine.count("one"), 12U);
  ASSERT_EQ(cases[0].samples.size(), 12U) << "they are kept";
  EXPECT_TRUE(cases[0].samples[2].set_aside);
  EXPECT_TRUE(cases[0].samples[5].set_aside);
  const Summary summary = summarize(cases[0]);
  EXPECT_EQ(summary.n, 10U);
  EXPECT_EQ(summary.min, 2);
}

TEST(Steady, EndsWithTheBudget) {
  std::vector cases{planned("one", 10)};
  FakeMachine machine(disturbed_twice);
  EXPECT_TRUE(machine.run(cases, {.budget_seconds = 11, .steady = true}));
  EXPECT_EQ(machine.count("one"), 11U);
  EXPECT_EQ(counted_samples(cases[0]).size(), 9U);
}

TEST(Steady, TakesNothingAgainWhereNothingIsUnlike) {
  std::vector cases{planned("one", 10), planned("two", 4)};
  FakeMachine machine([](const std::string&, unsigned) { return sample_of(1); });
  EXPECT_TRUE(machine.run(cases, {.steady = true}));
  EXPECT_EQ(machine.count("one"), 10U);
  EXPECT_EQ(machine.count("two"), 4U);
}

// The budget ended the rounds, and what the figures are made of is there.
TEST(Budget, IsWhatCutACaseShortThoughAnInterruptEndsTheCounting) {
  std::vector cases{planned("one", 10), planned("other", 10)};
  FakeMachine machine(with_name);
  machine.counts_events = true;
  machine.interrupted_at = 7;
  EXPECT_FALSE(machine.run(cases, {.budget_seconds = 8}));
  EXPECT_FALSE(cases[0].counting && cases[1].counting);
  for (const CaseResult& result : cases)
    EXPECT_EQ(result.reason, "3 of 10 rounds, as another round did not fit into the budget of 8s.");
}

TEST(Goals, ArePutDownByAnInterrupt) {
  std::vector cases{planned("first", 6), planned("noisy", 6)};
  FakeMachine machine(with_name);
  machine.interrupted_at = 20;
  EXPECT_FALSE(machine.run(cases, {.precision = 0.02, .budget_seconds = 1000, .steady = true}));
  EXPECT_EQ(machine.count("first") + machine.count("noisy"), 20U);
  EXPECT_EQ(cases[0].status, Status::ok) << "it has the rounds that were asked for, if not the precision";
  EXPECT_TRUE(cases[0].reason.empty());
}

}  // namespace
}  // namespace pipebench
