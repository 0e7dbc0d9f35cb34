// --cpus: which pairs of CPUs a plan accepts, and which it picks.
#include <gtest/gtest.h>

#include "fake_machine.hpp"
#include "pipebench/plan/plan.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

std::vector<CaseResult> plan(const Machine& machine, const std::vector<std::string>& cpus,
                             const std::string& wait = "block") {
  const Catalog catalog = fake_catalog();
  Group group;
  group.axes["wait"].push_back({.text = wait, .origin = "--wait"});
  for (const std::string& text : cpus) group.axes["cpus"].push_back({.text = text, .origin = "--cpus"});
  const Plan plan({group}, {.catalog = catalog, .machine = machine});
  std::vector<CaseResult> cases;
  for (std::size_t i = 0; i < plan.size(); ++i) cases.push_back(plan.at(i));
  return cases;
}

Placement placed(const Machine& machine, const std::string& cpus) { return plan(machine, {cpus}).at(0).spec.placement; }
Placement automatic(const Machine& machine) { return plan(machine, {}).at(0).spec.placement; }
std::string refused(const std::string& cpus) {
  return refusal([&] { (void)plan(fake_machine(), {cpus}); });
}

void expect_placement(const Placement& placement, int writer, int reader, Relation relation) {
  EXPECT_EQ(placement.writer_cpu, writer);
  EXPECT_EQ(placement.reader_cpu, reader);
  ASSERT_TRUE(placement.relation.has_value());
  EXPECT_EQ(name_of(*placement.relation), name_of(relation));
}

TEST(Cpus, AreTheWritersAndTheReadersOsNumber) {
  const Machine machine = fake_machine();
  expect_placement(placed(machine, "2,3"), 2, 3, Relation::l3);
  expect_placement(placed(machine, "3,2"), 3, 2, Relation::l3);
  expect_placement(placed(machine, " 2 , 3 "), 2, 3, Relation::l3);
}

TEST(Cpus, RecordHowNearTheyAre) {
  const Machine machine = fake_machine();
  expect_placement(placed(machine, "2,2"), 2, 2, Relation::same_cpu);
  expect_placement(placed(machine, "2,10"), 2, 10, Relation::smt);
  expect_placement(placed(machine, "2,11"), 2, 11, Relation::l3);
  expect_placement(placed(machine, "0,2"), 0, 2, Relation::numa);
  expect_placement(placed(machine, "0,4"), 0, 4, Relation::cross_package);
}

TEST(Cpus, GivenAgainAreAnotherCase) {
  const auto cases = plan(fake_machine(), {"2,3", "auto", "any"});
  ASSERT_EQ(cases.size(), 3U);
  EXPECT_EQ(cases[0].name, "vmsplice-splice:cpus=2,3");
  EXPECT_EQ(cases[1].name, "vmsplice-splice:cpus=auto");
  EXPECT_EQ(cases[2].name, "vmsplice-splice:cpus=any");
}

TEST(Cpus, ThatDoNotExistAreRefused) {
  const std::string text = refused("0,16");
  EXPECT_TRUE(holds(text, "--cpus: CPU 16 does not exist"));
  EXPECT_TRUE(holds(text, "0,2-6,8,10-15"));  // what would do
  EXPECT_TRUE(holds(refused("99,0"), "CPU 99 does not exist"));
}

TEST(Cpus, ThatAreOfflineAreRefusedWithTheReason) {
  EXPECT_TRUE(holds(refused("7,0"), "CPU 7 cannot be used (offline)"));
  EXPECT_TRUE(holds(refused("0,7"), "CPU 7 cannot be used (offline)"));
}

TEST(Cpus, ThatAreNotAllowedAreRefusedWithTheReason) {
  EXPECT_TRUE(holds(refused("0,1"), "CPU 1 cannot be used (outside the affinity mask)"));
}

TEST(Cpus, ThatAreNoPairAreRefused) {
  for (const char* text : {"0", "0,2,3", "0-3", "", ",", "0,", ",0", "-1,0", "+2,0", "0x2,0", "2.0,0",
                           "99999999999999999999,0", "2;3", "a,b", "0,auto"}) {
    EXPECT_TRUE(holds(refused(text), "--cpus")) << text;
    EXPECT_TRUE(holds(refused(text), "W,R")) << text;
  }
}

TEST(Cpus, ThatAreAWordGetTheNearestOne) {
  EXPECT_TRUE(holds(refused("atuo"), "did you mean 'auto'?"));
  EXPECT_TRUE(holds(refused("Any"), "did you mean 'any'?"));
}

TEST(AutoCpus, AreTheNearestThatAreNotSiblings) {
  // 0's neighbour is not allowed, so the nearest pair is 2 and 3; 0 with its sibling 8 would be nearer still.
  expect_placement(automatic(fake_machine()), 2, 3, Relation::l3);
  expect_placement(placed(fake_machine(), "auto"), 2, 3, Relation::l3);
}

TEST(AutoCpus, GoFurtherAwayBeforeTheyShareACore) {
  expect_placement(automatic(fake_machine_with({0, 8, 2})), 0, 2, Relation::numa);
  expect_placement(automatic(fake_machine_with({0, 8, 4})), 0, 4, Relation::cross_package);
}

TEST(AutoCpus, ShareACoreBeforeTheyShareACpu) {
  expect_placement(automatic(fake_machine_with({3, 11})), 3, 11, Relation::smt);
}

TEST(AutoCpus, ShareTheOnlyCpu) { expect_placement(automatic(fake_machine_with({5})), 5, 5, Relation::same_cpu); }

TEST(AutoCpus, AreNotPinnedWhereNoCpuIsKnown) {
  const Placement placement = automatic(fake_machine_with({}));
  EXPECT_FALSE(placement.writer_cpu.has_value());
  EXPECT_FALSE(placement.reader_cpu.has_value());
}

TEST(AnyCpus, AreNotPinned) {
  const Placement placement = placed(fake_machine(), "any");
  EXPECT_FALSE(placement.writer_cpu.has_value());
  EXPECT_FALSE(placement.reader_cpu.has_value());
  EXPECT_FALSE(placement.relation.has_value());
}

TEST(ClassesOfCpus, AreACaseForEachRelation) {
  const auto cases = plan(fake_machine(), {"classes"});
  ASSERT_EQ(cases.size(), 5U);
  EXPECT_EQ(cases[0].name, "vmsplice-splice:cpus=0,0");
  expect_placement(cases[4].spec.placement, 0, 4, Relation::cross_package);
}

TEST(ClassesOfCpus, AreSaidToBeOneWhereThereIsOneCpu) {
  for (const char* word : {"classes", "pairs"}) {
    const auto cases = plan(fake_machine_with({5}), {word});
    ASSERT_EQ(cases.size(), 1U);
    expect_placement(cases[0].spec.placement, 5, 5, Relation::same_cpu);
    ASSERT_EQ(cases[0].notes.size(), 1U);
    EXPECT_TRUE(holds(cases[0].notes[0], "no relation but same-cpu"));
  }
  EXPECT_TRUE(plan(fake_machine_with({5}), {"5,5"}).at(0).notes.empty());
  EXPECT_TRUE(plan(fake_machine_with({2, 3}), {"classes"}).at(0).notes.empty());
}

TEST(PairsOfCpus, AreACaseForEachOrderedPair) {
  EXPECT_EQ(plan(fake_machine_with({0, 2, 3}), {"pairs"}).size(), 9U);
  EXPECT_EQ(plan(fake_machine_with({0, 2, 3}), {"pairs", "classes", "0,2"}).size(), 9U) << "no pair twice";
}

TEST(PairsOfCpus, AreRefusedWhereThereAreTooManyToMeasure) {
  Machine machine;
  for (int os = 0; os < 2001; ++os) machine.cpus.push_back({.os = os, .logical = os, .core = os, .why_not = {}});
  EXPECT_TRUE(holds(refusal([&] { (void)plan(machine, {"pairs"}); }),
                    "2001 CPUs have 4004001 ordered pairs, and a plan has at most 4000000 cases"));
}

TEST(PairsOfCpus, AreRefusedWhereThereIsNone) {
  EXPECT_TRUE(
      holds(refusal([] { (void)plan(fake_machine_with({}), {"pairs"}); }), "no CPU of this machine may be used"));
}

TEST(SharedCpu, IsWorthANoteWhereTheEndsSpin) {
  for (const char* wait : {"busy", "busy-poll"}) {
    const auto notes = plan(fake_machine(), {"2,2"}, wait).at(0).notes;
    ASSERT_EQ(notes.size(), 1U) << wait;
    EXPECT_TRUE(holds(notes[0], "share one CPU")) << wait;
  }
  for (const char* wait : {"block", "poll"})
    EXPECT_TRUE(plan(fake_machine(), {"2,2"}, wait).at(0).notes.empty()) << wait;
  EXPECT_TRUE(plan(fake_machine(), {"2,3"}, "busy").at(0).notes.empty());
  EXPECT_FALSE(plan(fake_machine_with({5}), {}, "busy").at(0).notes.empty());
}

}  // namespace
}  // namespace pipebench
