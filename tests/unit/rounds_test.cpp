#include "pipebench/engine/rounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "pipebench/analysis/completion.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/base/shuffle.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

using Names = std::vector<std::string>;

CaseResult planned(std::string_view writer, unsigned rounds) {
  CaseResult result;
  result.name = std::string(writer);
  result.spec.writer = writer;
  result.sampling.rounds = rounds;
  return result;
}

SampleOutcome outcome_of(double gib_per_second, unsigned round) {
  SampleOutcome outcome;
  outcome.obtained.pipe_bytes = 65536;
  Sample sample;
  sample.round = round;
  sample.bytes = sample.counted_bytes = std::uint64_t{1} << 30U;
  sample.seconds = sample.counted_seconds = 1 / gib_per_second;
  outcome.sample = sample;
  return outcome;
}

/// Writes down what an observer is told.
struct Diary : RunObserver {
  void before_sample(const CaseResult& result, const Progress& progress) override {
    before.push_back(progress);
    names_before.push_back(result.name);
    entries.push_back("before " + result.name);
  }
  void after_sample(const CaseResult& result, const Progress& progress) override {
    entries.push_back("after " + result.name + " " + std::to_string(result.samples.size()) + ", " +
                      std::to_string(progress.done) + " of " + std::to_string(progress.total.value_or(0)));
  }
  void after_round(unsigned round) override { entries.push_back("round " + std::to_string(round)); }
  std::vector<Progress> before;
  Names names_before, entries;
};

/// Measures nothing, remembers what it was asked for, and answers 1 GiB/s where a test says nothing else.
class FakeKernel {
 public:
  using Answer = std::function<SampleOutcome(const CaseSpec&, unsigned round)>;
  explicit FakeKernel(Answer answer = [](const CaseSpec&, unsigned round) { return outcome_of(1, round); })
      : answer_(std::move(answer)) {}

  bool run(std::vector<CaseResult>& cases, const Schedule& schedule = {}) {
    const auto measure = [this](const CaseSpec& spec, const Sampling&, unsigned round) {
      asked_.push_back({std::string(spec.writer), round});
      return answer_(spec, round);
    };
    const auto verify = [this](const CaseSpec& spec, const Sampling&, const std::string& why_not) {
      verified_.emplace_back(spec.writer);
      VerifyOutcome outcome = verdict;
      if (!why_not.empty()) outcome.verification.outcome = Outcome::not_applicable;
      return outcome;
    };
    RunObserver* const observers[] = {&diary_};
    const bool complete =
        run_rounds(cases, schedule, {.measure = measure, .verify = verify}, observers) == RunEnd::complete;
    PlanRecord plan;
    plan.complete = complete;
    settle(cases, plan);
    for (CaseResult& result : cases) {
      if (!result.samples.empty()) result.summary = summarize(result);
    }
    return complete;
  }
  VerifyOutcome verdict;  ///< what verification answers
  [[nodiscard]] const Names& verified() const { return verified_; }
  [[nodiscard]] Names order_of(unsigned round) const {
    Names names;
    for (const auto& [name, of] : asked_) {
      if (of == round) names.push_back(name);
    }
    return names;
  }
  [[nodiscard]] std::size_t count(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::count_if(asked_, [&](const auto& one) { return one.first == name; }));
  }
  [[nodiscard]] const std::vector<std::pair<std::string, unsigned>>& asked() const { return asked_; }
  [[nodiscard]] const Names& told() const { return diary_.entries; }
  [[nodiscard]] const std::vector<Progress>& progress() const { return diary_.before; }
  [[nodiscard]] const Names& names_before() const { return diary_.names_before; }

 private:
  Names verified_;
  Answer answer_;
  std::vector<std::pair<std::string, unsigned>> asked_;
  Diary diary_;
};

std::vector<CaseResult> five_cases(unsigned rounds) {
  std::vector<CaseResult> cases;
  for (const char* name : {"a", "b", "c", "d", "e"}) cases.push_back(planned(name, rounds));
  return cases;
}

TEST(Rounds, MeasureEveryCaseOnceInEach) {
  auto cases = five_cases(4);
  FakeKernel kernel;
  EXPECT_TRUE(kernel.run(cases, {.seed = 1, .shuffled = true}));
  for (unsigned round = 0; round < 4; ++round) {
    const Names order = kernel.order_of(round);
    EXPECT_EQ(order.size(), 5U);
    EXPECT_EQ(std::set<std::string>(order.begin(), order.end()).size(), 5U);
  }
  for (const CaseResult& result : cases) {
    EXPECT_EQ(result.status, Status::ok);
    EXPECT_EQ(result.samples.size(), 4U);
    ASSERT_TRUE(result.summary.has_value());
    EXPECT_EQ(result.summary->n, 4U);
    EXPECT_EQ(result.obtained->pipe_bytes, 65536U);
  }
}

TEST(Rounds, FollowOneAnother) {
  auto cases = five_cases(3);
  FakeKernel kernel;
  (void)kernel.run(cases, {.seed = 1, .shuffled = true});
  EXPECT_TRUE(std::ranges::is_sorted(kernel.asked(), {}, [](const auto& one) { return one.second; }));
}

TEST(Rounds, TellTheirObserversWhatHappens) {
  std::vector<CaseResult> cases{planned("a", 2), planned("b", 1)};
  FakeKernel kernel;
  EXPECT_TRUE(kernel.run(cases, {.seed = 1, .shuffled = false}));
  EXPECT_EQ(kernel.told(), (Names{"before a", "after a 1, 1 of 3", "before b", "after b 1, 2 of 3", "round 0",
                                  "before a", "after a 2, 3 of 3", "round 1"}));
}

TEST(Rounds, DoNotCountAsDoneWhenTheyAreInterrupted) {
  std::vector<CaseResult> cases{planned("a", 1), planned("b", 1)};
  FakeKernel kernel([](const CaseSpec&, unsigned) {
    SampleOutcome outcome;
    outcome.interrupted = true;
    return outcome;
  });
  EXPECT_FALSE(kernel.run(cases, {.seed = 1, .shuffled = false}));
  EXPECT_EQ(kernel.told(), Names{"before a"});
}

// Else the sample before it would be told again.
TEST(Rounds, TellOfNoSampleWhereThereIsNone) {
  std::vector<CaseResult> cases{planned("a", 2), planned("b", 2)};
  FakeKernel kernel([](const CaseSpec& spec, unsigned round) {
    SampleOutcome outcome = outcome_of(1, round);
    if (round == 0) return outcome;
    outcome.sample.reset();
    if (spec.writer == "a")
      outcome.failure = "It broke.";
    else
      outcome.interrupted = true;
    return outcome;
  });
  EXPECT_FALSE(kernel.run(cases, {.seed = 1, .shuffled = false}));
  EXPECT_EQ(kernel.told(), (Names{"before a", "after a 1, 1 of 4", "before b", "after b 1, 2 of 4", "round 0",
                                  "before a", "before b"}));
}

TEST(Rounds, AreShuffledAsTheSeedSays) {
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}}) {
    auto cases = five_cases(3);
    FakeKernel kernel;
    (void)kernel.run(cases, {.seed = seed, .shuffled = true});
    for (unsigned round = 0; round < 3; ++round) {
      Names expected;
      for (const std::size_t at : shuffled_order(5, seed, round)) expected.push_back(five_cases(1)[at].name);
      EXPECT_EQ(kernel.order_of(round), expected);
    }
  }
}

TEST(Rounds, AreInTheOrderOfThePlanWhenSequential) {
  auto cases = five_cases(3);
  FakeKernel kernel;
  (void)kernel.run(cases, {.seed = 1, .shuffled = false});
  for (unsigned round = 0; round < 3; ++round) EXPECT_EQ(kernel.order_of(round), (Names{"a", "b", "c", "d", "e"}));
}

TEST(Rounds, OfACaseMayBeFewer) {
  std::vector<CaseResult> cases{planned("few", 2), planned("many", 5)};
  FakeKernel kernel;
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(kernel.count("few"), 2U);
  EXPECT_EQ(kernel.count("many"), 5U);
  EXPECT_EQ(kernel.progress().back().total, 7U);
}

TEST(Rounds, LeaveSkippedCasesAlone) {
  auto cases = five_cases(2);
  cases[1].status = Status::skipped;
  cases[1].reason = "It cannot.";
  FakeKernel kernel;
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(kernel.count("b"), 0U);
  EXPECT_EQ(cases[1].status, Status::skipped);
  EXPECT_EQ(cases[1].reason, "It cannot.");
  EXPECT_TRUE(cases[1].samples.empty());
  EXPECT_FALSE(cases[1].summary.has_value());
  EXPECT_EQ(kernel.progress().back().total, 8U);
}

TEST(Rounds, OfNoCaseAreOver) {
  std::vector<CaseResult> none;
  EXPECT_TRUE(FakeKernel().run(none));
}

TEST(Rounds, TellWhatRunsBeforeItDoes) {
  std::vector<CaseResult> cases{planned("a", 2), planned("b", 2)};
  FakeKernel kernel;
  (void)kernel.run(cases, {.seed = 0, .shuffled = false});
  ASSERT_EQ(kernel.progress().size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(kernel.progress()[i].done, i);
    EXPECT_EQ(kernel.progress()[i].total, 4U);
  }
  EXPECT_EQ(kernel.names_before(), (Names{"a", "b", "a", "b"}));
}

/// Runs the cases with a pass for hardware events, and returns which cases had one, with the round it was given.
Names counted_in(std::vector<CaseResult>& cases, const SampleOutcome& answer) {
  Names counted;
  const Operations operations{
      .measure = [](const CaseSpec&, const Sampling&, unsigned round) { return outcome_of(1, round); },
      .verify = {},
      .count =
          [&](const CaseSpec& spec, const Sampling& sampling, unsigned round) {
            EXPECT_TRUE(sampling.hardware_events);
            counted.push_back(spec.writer + " " + std::to_string(round));
            return answer;
          }};
  PlanRecord plan;
  EXPECT_EQ(run_rounds(cases, {}, operations), answer.interrupted ? RunEnd::without_counting : RunEnd::complete);
  plan.complete = true;
  settle(cases, plan);
  return counted;
}

TEST(HardwareEvents, AreCountedInASampleOfItsOwnWhereTheSamplesDoWithout) {
  std::vector<CaseResult> cases{planned("a", 2), planned("b", 2), planned("c", 2)};
  cases[1].sampling.hardware_events = true;
  cases[2].sampling.counters = false;
  EXPECT_EQ(counted_in(cases, outcome_of(0.5, 2)), (Names{"a 2"}));
  EXPECT_EQ(cases[0].samples.size(), 2U);
  ASSERT_TRUE(cases[0].counting);
  EXPECT_DOUBLE_EQ(cases[0].counting->gib_per_second(), 0.5);
  EXPECT_FALSE(cases[1].counting);
  EXPECT_FALSE(cases[2].counting);
}

TEST(HardwareEvents, AreSamplesOfTheProgress) {
  std::vector<CaseResult> cases{planned("a", 2), planned("b", 3)};
  cases[1].sampling.counters = false;
  const Measure sample = [](const CaseSpec&, const Sampling&, unsigned round) { return outcome_of(1, round); };
  Diary diary;
  RunObserver* const observers[] = {&diary};
  EXPECT_EQ(run_rounds(cases, {}, {.measure = sample, .verify = {}, .count = sample}, observers), RunEnd::complete);
  ASSERT_EQ(diary.before.size(), 6U);
  EXPECT_EQ(diary.names_before.back(), "a");
  EXPECT_EQ(diary.before.back().done, 5U);
  EXPECT_EQ(diary.before.back().total, 6U);
}

TEST(HardwareEvents, ThatCannotBeCountedDoNotFailTheCase) {
  std::vector<CaseResult> cases{planned("a", 2)};
  SampleOutcome broken;
  broken.failure = "It broke.";
  (void)counted_in(cases, broken);
  EXPECT_EQ(cases[0].status, Status::ok);
  EXPECT_EQ(cases[0].notes, (Names{"Hardware events could not be counted: It broke."}));
}

TEST(HardwareEvents, AreLeftAloneAfterAnInterrupt) {
  std::vector<CaseResult> cases{planned("a", 1), planned("b", 1)};
  SampleOutcome interrupted;
  interrupted.interrupted = true;
  EXPECT_EQ(counted_in(cases, interrupted).size(), 1U);
  EXPECT_EQ(cases[0].status, Status::ok) << "its samples are complete";
}

TEST(Failure, IsNotTriedAgainAndDoesNotStopTheOtherCases) {
  auto cases = five_cases(4);
  FakeKernel kernel([](const CaseSpec& spec, unsigned round) {
    if (spec.writer != "c" || round != 1) return outcome_of(1, round);
    SampleOutcome outcome;
    outcome.failure = "The writer's write() failed.";
    return outcome;
  });
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(kernel.count("c"), 2U);
  EXPECT_EQ(kernel.count("d"), 4U);
  EXPECT_EQ(cases[2].status, Status::failed);
  EXPECT_EQ(cases[2].reason, "The writer's write() failed.");
  EXPECT_EQ(cases[2].samples.size(), 1U);  // what was measured before stays
  EXPECT_EQ(cases[2].summary->n, 1U);
  EXPECT_EQ(cases[3].status, Status::ok);
}

TEST(Failure, AtOnceLeavesNoSummary) {
  std::vector<CaseResult> cases{planned("a", 3)};
  FakeKernel kernel([](const CaseSpec&, unsigned) {
    SampleOutcome outcome;
    outcome.failure = "No.";
    return outcome;
  });
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(kernel.count("a"), 1U);
  EXPECT_EQ(cases[0].status, Status::failed);
  EXPECT_FALSE(cases[0].summary.has_value());
}

SampleOutcome missed(const CaseSpec&, unsigned round) {
  SampleOutcome outcome = outcome_of(1, round);
  outcome.misses = {"Asked for thp, got 4k."};
  outcome.notes = {"Something else."};
  return outcome;
}

TEST(Misses, AreNotedOnce) {
  std::vector<CaseResult> cases{planned("a", 3)};
  FakeKernel kernel(missed);
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(cases[0].status, Status::ok);
  EXPECT_EQ(cases[0].notes, (Names{"Something else.", "Asked for thp, got 4k."}));
}

TEST(Misses, FailAStrictCase) {
  std::vector<CaseResult> cases{planned("a", 3), planned("b", 3)};
  cases[0].sampling.strict = true;
  FakeKernel kernel(missed);
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(kernel.count("a"), 1U);
  EXPECT_EQ(cases[0].status, Status::failed);
  EXPECT_TRUE(holds(cases[0].reason, "Asked for thp, got 4k."));
  EXPECT_TRUE(holds(cases[0].reason, "--strict"));
  EXPECT_EQ(cases[1].status, Status::ok);
}

TEST(Misses, BeforeTheFirstSampleFailAStrictCaseToo) {
  std::vector<CaseResult> cases{planned("strict", 3), planned("lenient", 3), planned("impossible", 3)};
  for (CaseResult& result : cases) {
    result.status = Status::skipped;
    result.reason = "It cannot.";
    result.sampling.strict = result.name != "lenient";
    result.obstacle = result.name == "impossible" ? ObstacleKind::unpaired : ObstacleKind::huge_pages;
  }
  FakeKernel kernel;
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_TRUE(kernel.asked().empty());
  EXPECT_EQ(cases[0].status, Status::failed);
  EXPECT_EQ(cases[0].reason, "--strict makes this a failure: It cannot.");
  EXPECT_EQ(cases[1].status, Status::skipped);
  EXPECT_EQ(cases[2].status, Status::skipped);
}

TEST(Interruption, KeepsWhatWasMeasured) {
  auto cases = five_cases(4);
  std::size_t calls = 0;
  FakeKernel kernel([&](const CaseSpec&, unsigned round) {
    if (++calls < 8) return outcome_of(1, round);
    SampleOutcome outcome;
    outcome.interrupted = true;
    return outcome;
  });
  EXPECT_FALSE(kernel.run(cases, {.seed = 0, .shuffled = false}));
  EXPECT_EQ(kernel.asked().size(), 8U);
  for (const CaseResult& result : cases) {
    EXPECT_EQ(result.status, Status::planned) << "each lacks rounds";
    EXPECT_EQ(result.samples.size(), result.name < "c" ? 2U : 1U) << result.name;
    EXPECT_TRUE(result.summary.has_value());
  }
}

TEST(Interruption, LeavesWhatWasNotMeasuredPlanned) {
  auto cases = five_cases(4);
  FakeKernel kernel([&](const CaseSpec&, unsigned) {
    SampleOutcome outcome;
    outcome.interrupted = true;
    return outcome;
  });
  EXPECT_FALSE(kernel.run(cases));
  EXPECT_EQ(kernel.asked().size(), 1U);
  for (const CaseResult& result : cases) {
    EXPECT_EQ(result.status, Status::planned);
    EXPECT_FALSE(result.summary.has_value());
  }
}

VerifyOutcome verdict_of(Outcome outcome) {
  VerifyOutcome verdict;
  verdict.verification.outcome = outcome;
  return verdict;
}

std::vector<CaseResult> cases_to_verify(bool safe) {
  std::vector<CaseResult> cases{planned("a", 1), planned("b", 1)};
  cases[0].sampling.verify = true;
  cases[0].traits.safe = safe;
  return cases;
}

TEST(VerifiedRounds, VerifyBeforeMeasuringAndOnlyWhereAsked) {
  FakeKernel kernel;
  kernel.verdict = verdict_of(Outcome::intact);
  auto cases = cases_to_verify(true);
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(kernel.verified(), Names{"a"});
  EXPECT_EQ(cases[0].verify->outcome, Outcome::intact);
  EXPECT_FALSE(cases[1].verify);
  EXPECT_EQ(cases[0].status, Status::ok);
}

TEST(VerifiedRounds, FailASafeCaseThatIsTornAndDoNotMeasureIt) {
  FakeKernel kernel;
  kernel.verdict = verdict_of(Outcome::torn);
  auto cases = cases_to_verify(true);
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(cases[0].status, Status::failed);
  EXPECT_EQ(kernel.count("a"), 0U);
  EXPECT_EQ(kernel.count("b"), 1U);
}

/// What becomes of an unsafe case.
CaseResult unsafe_case_with(Outcome outcome) {
  FakeKernel kernel;
  kernel.verdict = verdict_of(outcome);
  auto cases = cases_to_verify(false);
  EXPECT_TRUE(kernel.run(cases));
  return cases[0];
}

TEST(VerifiedRounds, MeasureAnUnsafeCaseThatIsTorn) {
  const CaseResult result = unsafe_case_with(Outcome::torn);
  EXPECT_EQ(result.status, Status::ok);
  EXPECT_EQ(result.samples.size(), 1U);
}

TEST(VerifiedRounds, SayWhenAnUnsafeCaseWasNotTorn) { EXPECT_EQ(unsafe_case_with(Outcome::intact).notes.size(), 1U); }

TEST(VerifiedRounds, SayNothingOfAnUnsafeCaseThatWasNotChecked) {
  EXPECT_TRUE(unsafe_case_with(Outcome::not_applicable).notes.empty());
}

TEST(VerifiedRounds, AreCountedBeforeTheSamples) {
  FakeKernel kernel;
  kernel.verdict = verdict_of(Outcome::intact);
  auto cases = cases_to_verify(true);
  EXPECT_TRUE(kernel.run(cases));
  ASSERT_EQ(kernel.progress().size(), 3U);
  EXPECT_TRUE(kernel.progress()[0].verifying);
  EXPECT_EQ(kernel.progress()[0].total, 1U);
  EXPECT_FALSE(kernel.progress()[1].verifying);
  EXPECT_EQ(kernel.progress()[1].done, 0U);
  EXPECT_EQ(kernel.progress()[1].total, 2U);
}

TEST(VerifiedRounds, EndWhenVerificationIsInterrupted) {
  FakeKernel kernel;
  kernel.verdict.interrupted = true;
  auto cases = cases_to_verify(true);
  EXPECT_FALSE(kernel.run(cases));
  EXPECT_TRUE(kernel.asked().empty());
  EXPECT_FALSE(cases[0].verify);
}

}  // namespace
}  // namespace pipebench
