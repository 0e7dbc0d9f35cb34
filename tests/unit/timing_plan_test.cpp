// Plans with --latency and --message, and what is no pipe.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fake_machine.hpp"
#include "pipebench/plan/plan.hpp"
#include "pipebench/strategies/registry.hpp"
#include "plans.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

std::vector<CaseResult> plan(const Texts& texts) {
  static const Machine machine = fake_machine();
  static const Catalog catalog = whole_catalog();
  return cases_of({group_of(texts, "s")}, catalog, machine);
}

std::string reason(const Texts& texts, ObstacleKind kind = ObstacleKind::timing) {
  const CaseResult result = plan(texts).at(0);
  EXPECT_EQ(result.status, Status::skipped);
  EXPECT_EQ(result.obstacle, kind);
  return result.reason;
}

TEST(LatencyPlan, IsASwitchOfACase) {
  EXPECT_FALSE(plan({}).at(0).spec.latency);
  EXPECT_TRUE(plan({{"latency", "on"}}).at(0).spec.latency);
  EXPECT_EQ(plan({{"latency", "off,on"}}).at(1).name, "s:latency=on");
}

TEST(LatencyPlan, SaysWhereNothingStaysInAPipe) {
  EXPECT_TRUE(holds(reason({{"latency", "on"}, {"isolation", "none"}}), "bytes never wait"));
  EXPECT_TRUE(holds(reason({{"latency", "on"}, {"writer", "null"}, {"reader", "null"}}), "null has no pipe"));
  EXPECT_TRUE(holds(reason({{"latency", "on"}, {"reader-threads", "2"}}), "nothing tells whose bytes"));
  EXPECT_EQ(plan({{"latency", "on"}, {"streams", "2"}, {"stripe", "2"}}).at(0).status, Status::planned);
}

TEST(LatencyPlan, LeavesTheCeilingsCasesWithoutIt) {
  static const Machine machine = fake_machine();
  static const Catalog catalog = whole_catalog();
  for (const Texts& texts : {Texts{{"latency", "on"}}, Texts{{"message", "64"}, {"writer", "write"}}}) {
    Group group{.name = "s", .axes = {}, .sampling = {}};
    for (const auto& [axis, text] : texts) group.axes[axis].push_back({.text = text, .origin = "--" + axis});
    const Plan plan({group}, {.catalog = catalog, .machine = machine});
    std::vector<CaseResult> cases{plan.at(0)};
    for (const CaseResult& more : plan.add_ceilings(cases)) {
      EXPECT_EQ(more.status, Status::planned) << more.name << ": " << more.reason;
      EXPECT_FALSE(more.spec.latency || more.spec.is_ping_pong());
    }
  }
}

TEST(MessagePlan, MakesABufferOfAMessage) {
  const CaseResult result = plan({{"writer", "write"}, {"reader", "read"}, {"message", "64"}}).at(0);
  EXPECT_EQ(result.status, Status::planned);
  EXPECT_EQ(result.spec.message_bytes, 64U);
  EXPECT_EQ(result.spec.buffer_bytes, 64U);
  EXPECT_TRUE(result.traits.safe);
  EXPECT_EQ(result.notes, Names{});
  EXPECT_FALSE(plan({}).at(0).spec.is_ping_pong());
}

TEST(MessagePlan, TakesAListOfSizesAndNone) {
  Names names;
  for (const CaseResult& result : plan({{"writer", "write"}, {"message", "none,1..4,4K"}}))
    names.push_back(result.name);
  EXPECT_EQ(names, (Names{"s:message=none", "s:message=1", "s:message=2", "s:message=4", "s:message=4K"}));
  EXPECT_TRUE(holds(refusal([] { (void)plan({{"message", "2G"}}); }), "more than the largest buffer"));
  EXPECT_TRUE(holds(refusal([] { (void)plan({{"message", "0"}}); }), "--message"));
}

TEST(MessagePlan, IsSafeForPagesByReferenceAsTheAnswerSaysThatTheyAreFree) {
  const CaseResult result =
      plan({{"writer", "vmsplice"}, {"reader", "relay"}, {"message", "64K"}, {"pipe-size", "1M"}}).at(0);
  EXPECT_TRUE(result.traits.safe);
  EXPECT_TRUE(holds(refusal([] { (void)plan({{"writer", "vmsplice"}, {"message", "64"}}); }), "--message 64"));
}

TEST(MessagePlan, SaysWhatMakesNoDifference) {
  const std::vector<CaseResult> cases =
      plan({{"writer", "write"}, {"message", "64"}, {"buffer-size", "4K,8K"}, {"latency", "off,on"}});
  ASSERT_EQ(cases.size(), 4U);
  EXPECT_EQ(cases[0].status, Status::planned);
  ASSERT_EQ(cases[0].notes.size(), 1U);
  EXPECT_TRUE(holds(cases[0].notes[0], "--buffer-size has no effect"));
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(cases[i].obstacle, ObstacleKind::same_case) << i;
}

TEST(MessagePlan, SaysWhereNobodyAnswers) {
  const auto why = [](Texts texts) {
    texts.emplace_back("message", "64K");
    return reason(texts);
  };
  EXPECT_TRUE(holds(why({{"isolation", "none"}}), "nobody waits for an answer"));
  EXPECT_TRUE(holds(why({{"stripe", "2"}}), "one pipe each way"));
  EXPECT_TRUE(holds(why({{"writer-threads", "2"}}), "several threads share"));
  EXPECT_TRUE(holds(why({{"writer", "null"}, {"reader", "null"}}), "null has no pipe"));
  EXPECT_TRUE(holds(why({{"writer", "recycle"}, {"reader", "recycle"}}), "come back by themselves"));
}

TEST(WhatIsNoPipe, PairsWithItselfAndIsNoPartOfAll) {
  for (const CaseResult& result : plan({{"writer", "all"}, {"reader", "all"}}))
    EXPECT_EQ(result.traits.transport, Transport::pipe) << result.name;
  for (const std::string name : {"socketpair", "shm"}) {
    const CaseResult result = plan({{"writer", name}, {"reader", name}}).at(0);
    EXPECT_EQ(result.status, Status::planned) << result.reason;
    EXPECT_NE(result.traits.transport, Transport::pipe);
    EXPECT_TRUE(result.traits.safe);
    EXPECT_EQ(result.traits.touched, Touched::both);
    EXPECT_TRUE(holds(reason({{"writer", name}, {"reader", "read"}}, ObstacleKind::unpaired), "is no pipe"));
    EXPECT_TRUE(holds(reason({{"writer", "write"}, {"reader", name}}, ObstacleKind::unpaired), "is no pipe"));
  }
}

TEST(WhatIsNoPipe, SaysWhatItCannot) {
  const Texts ring{{"writer", "shm"}, {"reader", "shm"}};
  for (const std::string wait : {"poll", "busy-poll"}) {
    Texts texts = ring;
    texts.emplace_back("wait", wait);
    EXPECT_TRUE(holds(reason(texts, ObstacleKind::waiting), "no descriptor for poll(2)"));
  }
  Texts texts = ring;
  texts.emplace_back("writer-threads", "2");
  EXPECT_TRUE(holds(reason(texts, ObstacleKind::threads), "one writer and one reader"));
  EXPECT_EQ(plan({{"writer", "socketpair"}, {"reader", "socketpair"}, {"writer-threads", "2"}}).at(0).status,
            Status::planned);
}

}  // namespace
}  // namespace pipebench
