#include "pipebench/engine/rounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

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

/// Measures nothing, remembers what it was asked for, and answers 1 GiB/s where a test says nothing else.
class FakeKernel {
 public:
  using Answer = std::function<SampleOutcome(const CaseSpec&, unsigned round)>;
  explicit FakeKernel(Answer answer = [](const CaseSpec&, unsigned round) { return outcome_of(1, round); })
      : answer_(std::move(answer)) {}

  bool run(std::vector<CaseResult>& cases, RoundsSettings settings = {}) {
    settings.on_progress = [this](const Progress& progress) { progress_.push_back(progress); };
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
    return run_rounds(cases, settings, {.measure = measure, .verify = verify});
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
  [[nodiscard]] const std::vector<Progress>& progress() const { return progress_; }

 private:
  Names verified_;
  Answer answer_;
  std::vector<std::pair<std::string, unsigned>> asked_;
  std::vector<Progress> progress_;
};

std::vector<CaseResult> five_cases(unsigned rounds) {
  std::vector<CaseResult> cases;
  for (const char* name : {"a", "b", "c", "d", "e"}) cases.push_back(planned(name, rounds));
  return cases;
}

TEST(Rounds, MeasureEveryCaseOnceInEach) {
  auto cases = five_cases(4);
  FakeKernel kernel;
  EXPECT_TRUE(kernel.run(cases, {.seed = 1, .shuffled = true, .on_progress = {}}));
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
  (void)kernel.run(cases, {.seed = 1, .shuffled = true, .on_progress = {}});
  EXPECT_TRUE(std::ranges::is_sorted(kernel.asked(), {}, [](const auto& one) { return one.second; }));
}

TEST(Rounds, AreShuffledAsTheSeedSays) {
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}}) {
    auto cases = five_cases(3);
    FakeKernel kernel;
    (void)kernel.run(cases, {.seed = seed, .shuffled = true, .on_progress = {}});
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
  (void)kernel.run(cases, {.seed = 1, .shuffled = false, .on_progress = {}});
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
  (void)kernel.run(cases, {.seed = 0, .shuffled = false, .on_progress = {}});
  ASSERT_EQ(kernel.progress().size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(kernel.progress()[i].done, i);
    EXPECT_EQ(kernel.progress()[i].total, 4U);
    EXPECT_EQ(kernel.progress()[i].name, i % 2 == 0 ? "a" : "b");
  }
}

TEST(Failure, IsNotTriedAgainAndStopsNobodyElse) {
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
    result.unobtained = result.name != "impossible";
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
  EXPECT_FALSE(kernel.run(cases, {.seed = 0, .shuffled = false, .on_progress = {}}));
  EXPECT_EQ(kernel.asked().size(), 8U);
  for (const CaseResult& result : cases) {
    EXPECT_EQ(result.status, Status::ok);
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

CaseResult with_speeds(const std::vector<double>& speeds) {
  CaseResult result = planned("a", static_cast<unsigned>(speeds.size()));
  unsigned round = 0;
  for (const double speed : speeds) result.samples.push_back(*outcome_of(speed, round++).sample);
  return result;
}

void use_cpu(CaseResult& result, double user, double system) {
  for (Sample& sample : result.samples) {
    for (EndCounters* end : {&sample.writer, &sample.reader}) {
      (*end)[Counter::user_seconds] = user;
      (*end)[Counter::system_seconds] = system;
    }
  }
}

TEST(Summarize, GivesTheFiguresOfTheSamples) {
  const Summary summary = summarize(with_speeds({1.00, 1.01, 1.02, 1.03, 1.04, 1.05, 2.0}));
  EXPECT_EQ(summary.n, 7U);
  EXPECT_DOUBLE_EQ(summary.median_gib_per_second, 1.03);
  EXPECT_DOUBLE_EQ(summary.min, 1.0);
  EXPECT_DOUBLE_EQ(summary.max, 2.0);
  EXPECT_DOUBLE_EQ(summary.ci95_low, 1.0);
  EXPECT_DOUBLE_EQ(summary.ci95_high, 2.0);
  EXPECT_NEAR(summary.ci_coverage, 1 - 2.0 / 128, 1e-12);
  EXPECT_NEAR(summary.mad, 0.02, 1e-12);
  EXPECT_EQ(summary.outliers, 1U);
  EXPECT_NEAR(summary.ns_per_page, 1e9 / (1.03 * 262144), 1e-6);
  EXPECT_FALSE(summary.stable);  // 2.0 is far from the median
}

TEST(Summarize, AddsUpTheCpuOfBothEndsPerGiB) {
  CaseResult result = with_speeds({1, 2, 4});  // a GiB each
  use_cpu(result, 0.25, 0.5);
  EXPECT_NEAR(summarize(result).cpu_seconds_per_gib.value(), 1.5, 1e-12);
  for (Sample& sample : result.samples) sample.bytes /= 2;  // while all streams ran; the counters are of all
  EXPECT_NEAR(summarize(result).cpu_seconds_per_gib.value(), 1.5, 1e-12);
  result.samples[1].reader[Counter::system_seconds].reset();
  EXPECT_FALSE(summarize(result).cpu_seconds_per_gib.has_value());
}

TEST(Summarize, CallsALikeSamplesStable) {
  const Summary summary = summarize(with_speeds({1, 1.001, 1.002, 1.003, 1.002, 1.001}));
  EXPECT_TRUE(summary.stable);
  EXPECT_TRUE(summary.advice.empty());
}

TEST(Summarize, LooksAtTheSwitchesOfTheWorseEnd) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});  // a second each
  for (Sample& sample : result.samples) sample.reader[Counter::involuntary_switches] = 90;
  EXPECT_TRUE(summarize(result).stable);
  for (Sample& sample : result.samples) sample.reader[Counter::involuntary_switches] = 110;
  EXPECT_FALSE(summarize(result).stable);
  result.spec.placement = {.writer_cpu = 3, .reader_cpu = 3, .relation = Relation::same_cpu};
  EXPECT_TRUE(summarize(result).stable) << "where switching is all they can do";
}

CaseResult with_streams(const std::vector<Placement>& placements) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});
  result.spec.streams = static_cast<std::uint32_t>(placements.size());
  result.spec.placement = placements[0];
  result.spec.further_placements.assign(placements.begin() + 1, placements.end());
  return result;
}

void switch_often(CaseResult& result, double times_a_sample) {
  for (Sample& sample : result.samples) sample.writer[Counter::involuntary_switches] = times_a_sample;
}

TEST(Summarize, HoldsTheSwitchesOfOneThreadAgainstALimitForOne) {
  CaseResult result = with_streams({{0, 1, Relation::l3}, {2, 3, Relation::l3}, {4, 5, Relation::l3}});
  switch_often(result, 290);  // a second, of three writers
  EXPECT_TRUE(summarize(result).stable);
  switch_often(result, 310);
  EXPECT_FALSE(summarize(result).stable);
}

TEST(Summarize, CountsTheSwitchesOverTheTimeInWhichTheyHappened) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});
  switch_often(result, 150);
  EXPECT_FALSE(summarize(result).stable);
  for (Sample& sample : result.samples) sample.counted_seconds = 2;  // before and after all streams ran
  EXPECT_TRUE(summarize(result).stable);
}

TEST(Summarize, DoesNotSpeakOfASwitchInAShortSample) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});
  for (Sample& sample : result.samples) {
    sample.bytes = sample.counted_bytes = 1U << 20U;
    sample.seconds = sample.counted_seconds = 0.001;
  }
  switch_often(result, 1);
  EXPECT_TRUE(summarize(result).stable);
}

TEST(Summarize, ExpectsSwitchesWhereStreamsShareCpus) {
  CaseResult result = with_streams({{0, 1, Relation::l3}, {1, 2, Relation::l3}});
  switch_often(result, 1000);
  EXPECT_TRUE(summarize(result).stable);
  result.spec.further_placements[0] = {};  // not pinned
  EXPECT_FALSE(summarize(result).stable);
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

TEST(VerifiedRounds, MeasureAnUnsafeCaseThatIsTorn) {
  FakeKernel kernel;
  kernel.verdict = verdict_of(Outcome::torn);
  auto cases = cases_to_verify(false);
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(cases[0].status, Status::ok);
  EXPECT_EQ(cases[0].samples.size(), 1U);
}

TEST(VerifiedRounds, SayWhenAnUnsafeCaseWasNotTorn) {
  FakeKernel kernel;
  kernel.verdict = verdict_of(Outcome::intact);
  auto cases = cases_to_verify(false);
  EXPECT_TRUE(kernel.run(cases));
  EXPECT_EQ(cases[0].notes.size(), 1U);
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
