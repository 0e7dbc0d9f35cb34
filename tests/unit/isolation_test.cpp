// Plans of cases whose ends share a thread.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fake_machine.hpp"
#include "pipebench/engine/sample.hpp"
#include "pipebench/plan/plan.hpp"
#include "plans.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

std::vector<CaseResult> plan(const Texts& texts) {
  static const Machine machine = fake_machine();
  static const Catalog catalog = fake_catalog();
  return cases_of({group_of(texts, "s")}, catalog, machine);
}

CaseResult plan_one(Texts texts) {
  texts.emplace_back("isolation", "none");
  const std::vector<CaseResult> cases = plan(texts);
  EXPECT_EQ(cases.size(), 1U);
  return cases.at(0);
}

Names names(const Texts& texts) { return names_of(plan(texts)); }

TEST(OneThread, HasNoWaitsThatMultiplyThePlan) {
  EXPECT_EQ(names({{"wait", "block,busy"}, {"isolation", "threads,none"}}),
            (Names{"s:wait=block,isolation=threads", "s:wait=busy,isolation=threads", "s:isolation=none"}));
  EXPECT_EQ(names({{"wait", "all"}, {"isolation", "none"}}), Names{"s"});
  EXPECT_EQ(plan_one({{"wait", "block"}}).spec.wait, Wait::busy) << "its calls do not block";
}

TEST(OneThread, SaysThatAWaitHasNoEffect) {
  const Names note{"With --isolation none no call waits, so --wait has no effect."};
  for (const std::string wait : {"credit", "busy", "poll"}) {
    const CaseResult result = plan_one({{"wait", wait}});
    EXPECT_EQ(result.notes, note) << wait;
    EXPECT_EQ(result.spec.wait, Wait::busy) << wait;
  }
  EXPECT_EQ(plan_one({}).notes, Names{}) << "nobody asked for one";
  EXPECT_EQ(plan({{"wait", "busy"}}).at(0).notes, Names{});
}

TEST(OneThread, SaysThatTheCpuOfTheReaderHasNoEffect) {
  const Names note{"With --isolation none both ends run on the writer's CPU, so the reader's in --cpus has no effect."};
  EXPECT_EQ(plan_one({{"cpus", "0,2"}}).notes, note);
  for (const std::string cpus : {"2,2", "any", "auto"}) EXPECT_EQ(plan_one({{"cpus", cpus}}).notes, Names{}) << cpus;
  EXPECT_EQ(plan({{"cpus", "0,2"}}).at(0).notes, Names{});
}

// The axes say so themselves, so that the plan needs none of their names.
TEST(OneThread, ChangesAxesThatSayWhatBecomesOfThem) {
  std::vector<std::string_view> changed;
  for (const Axis& axis : axes()) {
    if (axis.in_turns != nullptr) changed.push_back(axis.name);
  }
  EXPECT_EQ(changed, (std::vector<std::string_view>{"wait", "cpus"}));
}

TEST(OneThread, RunsOnTheCpuOfTheWriter) {
  const CaseSpec spec = plan_one({}).spec;
  EXPECT_EQ(spec.isolation, Isolation::none);
  EXPECT_TRUE(spec.placement.writer_cpu);
  EXPECT_EQ(spec.placement.reader_cpu, spec.placement.writer_cpu);
  EXPECT_EQ(spec.placement.relation, Relation::same_cpu);
  EXPECT_EQ(plan_one({{"cpus", "any"}}).spec.placement, Placement{});
}

TEST(OneThread, MakesOneCaseOfPairsThatComeToTheSameCpu) {
  EXPECT_EQ(names({{"cpus", "0,2"}, {"cpus", "2,0"}, {"cpus", "0,0"}, {"isolation", "none"}}),
            (Names{"s:cpus=0,0", "s:cpus=2,2"}));
}

TEST(OneThread, GivesEachStreamACpu) {
  const CaseResult result = plan_one({{"streams", "2"}});
  EXPECT_EQ(result.status, Status::planned);
  EXPECT_EQ(result.spec.further_placements.at(0).relation, Relation::same_cpu);
  EXPECT_NE(result.spec.further_placements.at(0).writer_cpu, result.spec.placement.writer_cpu);
}

TEST(OneThread, IsSafeWhateverTheSizes) {
  for (const std::string reader : {"splice", "relay"}) {
    const CaseResult result = plan_one({{"reader", reader}, {"buffers", "1"}, {"pipe-size", "1M"}});
    EXPECT_TRUE(result.traits.safe) << reader;
    EXPECT_EQ(result.notes, Names{}) << reader;
  }
  EXPECT_EQ(plan_one({{"buffers", "1"}}).spec.pipe_bytes, fake_machine().pipe_max_bytes) << "any capacity is safe";
}

TEST(OneThread, LetsNullShareItsBytes) {
  const CaseResult result =
      plan_one({{"writer", "null"}, {"reader", "null"}, {"payload", "fresh"}, {"consume", "checksum"}});
  EXPECT_EQ(result.reason, "");
}

TEST(OneThread, IsVerifiedWithoutHandOvers) {
  CaseSpec spec = plan_one({}).spec;
  const double alone = estimated_verification_seconds(spec);
  spec.isolation = Isolation::threads;
  EXPECT_LT(alone, estimated_verification_seconds(spec));
}

TEST(Processes, MultiplyThePlanAsThreadsDo) {
  EXPECT_EQ(names({{"wait", "block,busy"}, {"isolation", "threads,processes"}}),
            (Names{"s:wait=block,isolation=threads", "s:wait=busy,isolation=threads",
                   "s:wait=block,isolation=processes", "s:wait=busy,isolation=processes"}));
  EXPECT_EQ(plan({{"isolation", "processes"}}).at(0).spec.isolation, Isolation::processes);
}

TEST(Processes, CannotAddBytesUpWhereOnlyTheOtherSeesThem) {
  for (const std::string isolation : {"threads", "processes"}) {
    const bool apart = isolation == "processes";
    const Texts circulating{
        {"writer", "recycle"}, {"reader", "recycle"}, {"consume", "checksum"}, {"isolation", isolation}};
    const Texts none{
        {"writer", "null"}, {"reader", "null"}, {"wait", "credit"}, {"consume", "checksum"}, {"isolation", isolation}};
    for (const Texts& texts : {circulating, none}) {
      const CaseResult result = plan(texts).at(0);
      EXPECT_EQ(result.status, apart ? Status::skipped : Status::planned) << result.reason;
      const std::string why = apart ? "the writer's memory, which another process does not see" : "";
      EXPECT_TRUE(holds(result.reason, why));
    }
  }
  EXPECT_EQ(plan({{"reader", "read"}, {"consume", "checksum"}, {"isolation", "processes"}}).at(0).status,
            Status::planned);
}

TEST(Isolation, LetsOneKindFitWhereTheOtherCannot) {
  const Machine machine = fake_machine();
  const auto cpus = std::to_string(std::ranges::count(machine.cpus, true, &Cpu::allowed));
  const std::vector<CaseResult> cases = plan({{"streams", cpus}, {"isolation", "threads,none"}});
  EXPECT_EQ(cases.at(0).status, Status::skipped);
  EXPECT_EQ(cases.at(1).status, Status::planned);
}

}  // namespace
}  // namespace pipebench
