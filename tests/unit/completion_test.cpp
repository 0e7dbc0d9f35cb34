// Which cases have their rounds, and how every format says so.
#include "pipebench/analysis/completion.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipebench/analysis/summary.hpp"
#include "pipebench/report/report.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

CaseResult with_rounds(const std::string& name, unsigned taken, unsigned planned = 10) {
  CaseResult result;
  result.name = name;
  result.spec.writer = "write";
  result.spec.reader = "read";
  result.sampling.rounds = planned;
  for (unsigned round = 0; round < taken; ++round) {
    Sample sample;
    sample.round = round;
    sample.bytes = sample.counted_bytes = std::uint64_t{1} << 30U;
    sample.seconds = sample.counted_seconds = 0.5;
    result.samples.push_back(sample);
  }
  return result;
}

PlanRecord interrupted() {
  PlanRecord plan;
  plan.finished = "2024-01-02T03:05:06Z";
  return plan;
}

PlanRecord complete(const RunGoals& goals) {
  PlanRecord plan = interrupted();
  plan.goals = goals;
  plan.complete = true;
  return plan;
}

std::string reason_of(CaseResult result, const PlanRecord& plan) {
  std::vector cases{std::move(result)};
  settle(cases, plan);
  EXPECT_EQ(cases[0].status == Status::planned, !cases[0].reason.empty());
  return cases[0].reason;
}

TEST(Settle, CallsOnlyThoseOkThatHaveTheirRounds) {
  std::vector cases{with_rounds("all", 10), with_rounds("more", 12), with_rounds("some", 9), with_rounds("none", 0)};
  settle(cases, interrupted());
  EXPECT_EQ(cases[0].status, Status::ok) << "the interrupt came later";
  EXPECT_TRUE(cases[0].reason.empty());
  EXPECT_EQ(cases[1].status, Status::ok);
  EXPECT_EQ(cases[2].status, Status::planned);
  EXPECT_TRUE(is_cut_short(cases[2]));
  EXPECT_EQ(cases[3].status, Status::planned);
  EXPECT_FALSE(is_cut_short(cases[3]));
}

TEST(Settle, SaysWhatEndedTheRounds) {
  EXPECT_EQ(reason_of(with_rounds("a", 2), interrupted()), "2 of 10 rounds, as the run was interrupted.");
  EXPECT_EQ(reason_of(with_rounds("a", 0, 1), interrupted()), "0 of 1 round, as the run was interrupted.");
  EXPECT_EQ(reason_of(with_rounds("a", 2), complete({.budget_seconds = 60})),
            "2 of 10 rounds, as another round did not fit into the budget of 1m.");
  EXPECT_EQ(reason_of(with_rounds("a", 9), complete({.steady = true})),
            "9 of 10 rounds, as conditions never settled long enough.");
  EXPECT_EQ(reason_of(with_rounds("a", 10), complete({.budget_seconds = 60})), "");
}

TEST(Settle, CountsNoSamplesThatWereSetAside) {
  CaseResult result = with_rounds("a", 10);
  result.samples[4].set_aside = true;
  EXPECT_EQ(reason_of(std::move(result), interrupted()), "9 of 10 rounds, as the run was interrupted.");
}

TEST(Settle, LeavesFailedAndSkippedCasesAlone) {
  std::vector cases{with_rounds("failed", 3), with_rounds("skipped", 0)};
  cases[0].status = Status::failed;
  cases[1].status = Status::skipped;
  for (CaseResult& result : cases) result.reason = "It broke.";
  settle(cases, interrupted());
  EXPECT_EQ(cases[0].status, Status::failed);
  EXPECT_EQ(cases[1].status, Status::skipped);
  for (const CaseResult& result : cases) EXPECT_EQ(result.reason, "It broke.");
}

Document settled(const PlanRecord& plan) {
  Document document;
  document.plan = plan;
  document.cases = {with_rounds("whole", 10), with_rounds("part", 7), with_rounds("nothing", 0)};
  settle(document.cases, document.plan);
  summarize(document);
  return document;
}

constexpr View wide{.width = 1000};

TEST(ACaseThatWasCutShort, IsCalledSoInEveryFormat) {
  const Document document = settled(interrupted());
  const std::string reason = "7 of 10 rounds, as the run was interrupted.";
  EXPECT_TRUE(holds(results_as_csv(document, {}), "\nwhole,ok,,write,"));
  EXPECT_TRUE(holds(results_as_csv(document, {}), "\npart,planned,\"" + reason + "\",write,"));
  const std::string json = results_as_json(document, {});
  EXPECT_TRUE(holds(json, "\"status\": \"planned\",\n      \"reason\": \"" + reason + "\""));
  EXPECT_TRUE(holds(json, "\"reason\": \"0 of 10 rounds, as the run was interrupted.\""));
  for (const std::string& text : {results_as_table(document, wide), results_as_markdown(document, {})}) {
    EXPECT_TRUE(holds(text, "~: part: " + reason + " The figure rests on fewer samples than planned"));
    EXPECT_TRUE(holds(text, "rounds: nothing: 0 of 10 rounds, as the run was interrupted.\n"));
    EXPECT_TRUE(holds(text, "\n1 ok, 2 planned (1 cut short, 1 not measured); seed 0. Interrupted.\n"));
  }
}

TEST(ACaseThatWasCutShort, IsInNoDoubtWhereABudgetDidIt) {
  const Document document = settled(complete({.budget_seconds = 60}));
  EXPECT_TRUE(document.cases[1].summary->stable()) << "its user chose so, and 7 samples have an interval";
  const std::string reason = "7 of 10 rounds, as another round did not fit into the budget of 1m.";
  EXPECT_TRUE(holds(results_as_csv(document, {}), "\npart,planned,\"" + reason + "\",write,"));
  const std::string text = results_as_table(document, wide);
  EXPECT_TRUE(holds(text, "\nrounds: part: " + reason + "\n"));
  EXPECT_TRUE(holds(text, "\n1 ok, 2 planned (1 cut short, 1 not measured); seed 0.\n"));
}

}  // namespace
}  // namespace pipebench
