// Pairs of CPUs: which relations exist, which pairs stand for them, and how many fit side by side.
#include "pipebench/plan/pairs.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "fake_machine.hpp"

namespace pipebench {
namespace {

using Pair = std::pair<int, int>;

Pair cpus(const Placement& placement) { return {*placement.writer_cpu, *placement.reader_cpu}; }

TEST(Relations, AreCountedNearestFirst) {
  std::vector<std::pair<std::string_view, std::uint64_t>> counted;
  std::uint64_t all = 0;
  for (const RelationCount& count : count_relations(machine_of(2, 2, 4, 2))) {
    counted.emplace_back(name_of(count.relation), count.pairs);
    all += count.pairs;
    EXPECT_EQ(name_of(*count.example.relation), name_of(count.relation));
  }
  // 32 CPUs: each has itself, a sibling, 3 x 2 in its L3 group, 8 in the other one, 16 in the other package.
  const std::vector<std::pair<std::string_view, std::uint64_t>> expected{
      {"same-cpu", 32}, {"smt", 32}, {"l3", 192}, {"numa", 256}, {"cross-package", 512}};
  EXPECT_EQ(counted, expected);
  EXPECT_EQ(all, 32U * 32);
}

TEST(Relations, LeaveOutWhatIsNotAllowed) {
  const auto counts = count_relations(fake_machine_with({3, 11}));
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].pairs, 2U);
  EXPECT_EQ(cpus(counts[1].example), Pair(3, 11));
  EXPECT_TRUE(count_relations(fake_machine_with({})).empty());
}

TEST(ClassPairs, AreOneForEachRelation) {
  std::vector<std::string_view> relations;
  for (const Placement& pair : class_pairs(fake_machine())) relations.push_back(name_of(*pair.relation));
  EXPECT_EQ(relations, (std::vector<std::string_view>{"same-cpu", "smt", "l3", "numa", "cross-package"}));
}

TEST(ClassPairs, GoBothWaysBetweenCoreKinds) {
  Machine machine = machine_of(1, 1, 4, 1);
  for (Cpu& cpu : machine.cpus) cpu.kind = cpu.os < 2 ? 1 : 0;
  std::set<Pair> pairs;
  for (const Placement& pair : class_pairs(machine)) pairs.insert(cpus(pair));
  EXPECT_EQ(pairs, (std::set<Pair>{{0, 0}, {2, 2}, {0, 1}, {0, 2}, {2, 0}, {2, 3}}));
}

TEST(EveryPair, IsOrderedAndIncludesACpuWithItself) {
  const auto pairs = every_pair(fake_machine_with({0, 3}));
  ASSERT_EQ(pairs.size(), 4U);
  EXPECT_EQ(cpus(pairs[0]), Pair(0, 0));
  EXPECT_EQ(cpus(pairs[1]), Pair(0, 3));
  EXPECT_EQ(cpus(pairs[2]), Pair(3, 0));
  EXPECT_EQ(*pairs[1].relation, Relation::numa);
}

TEST(UnorderedPairs, AreOfTwoCpusEachOnce) {
  const auto all = drawn_unordered_pairs(fake_machine_with({0, 2, 8}), 100, 1);
  std::vector<Pair> pairs;
  for (const Placement& pair : all) pairs.push_back(cpus(pair));
  EXPECT_EQ(pairs, (std::vector<Pair>{{0, 8}, {0, 2}, {2, 8}})) << "nearest relation first";
}

TEST(UnorderedPairs, AreDrawnFromEachRelation) {
  const Machine machine = machine_of(2, 2, 4, 2);
  const auto drawn = drawn_unordered_pairs(machine, 3, 1);
  EXPECT_EQ(drawn.size(), 12U) << "smt, l3, numa, cross-package";
  EXPECT_EQ(drawn, drawn_unordered_pairs(machine, 3, 1));
  for (const Placement& pair : drawn) EXPECT_LT(*pair.writer_cpu, *pair.reader_cpu);
}

TEST(DrawnPairs, AreSoManyOfEachRelation) {
  const Machine machine = machine_of(2, 2, 4, 2);
  std::map<Relation, std::set<Pair>> drawn;
  for (const Placement& pair : drawn_pairs(machine, 5, 1)) drawn[*pair.relation].insert(cpus(pair));
  ASSERT_EQ(drawn.size(), 5U);
  for (const auto& [relation, pairs] : drawn) EXPECT_EQ(pairs.size(), 5U) << name_of(relation);
  EXPECT_EQ(drawn_pairs(machine, 100, 1).size(), 32U + 32 + 100 + 100 + 100) << "all, where there are fewer";
}

TEST(DrawnPairs, AreTheSameForTheSameSeed) {
  const Machine machine = machine_of(2, 2, 4, 2);
  const auto drawn = [&](std::uint64_t seed) {
    std::vector<Pair> pairs;
    for (const Placement& pair : drawn_pairs(machine, 3, seed)) pairs.push_back(cpus(pair));
    return pairs;
  };
  EXPECT_EQ(drawn(7), drawn(7));
  EXPECT_NE(drawn(7), drawn(8));
}

/// How many pairs fit, after checking that they share no CPU and all stand in the first's relation.
std::size_t fitting(const Machine& machine, const Placement& first, std::size_t count) {
  const auto pairs = DisjointPairs(machine).find(first, count);
  EXPECT_EQ(cpus(pairs.at(0)), cpus(first));
  std::set<int> used;
  for (const Placement& pair : pairs) {
    EXPECT_EQ(name_of(*pair.relation), name_of(*first.relation));
    EXPECT_TRUE(used.insert(*pair.writer_cpu).second) << *pair.writer_cpu;
    if (first.relation != Relation::same_cpu) {
      EXPECT_TRUE(used.insert(*pair.reader_cpu).second) << *pair.reader_cpu;
    }
  }
  return pairs.size();
}

TEST(DisjointPairs, AreAsManyAsWereAskedFor) {
  const Machine machine = machine_of(2, 2, 4, 2);
  for (const RelationCount& count : count_relations(machine)) {
    for (const std::size_t streams : {1U, 2U, 3U, 8U})
      EXPECT_EQ(fitting(machine, count.example, streams), streams) << name_of(count.relation);
  }
}

TEST(DisjointPairs, UseEveryCpuBeforeTheyGiveUp) {
  // Three cores of two threads in an L3 group: taking what lies first would leave the two threads of one core over.
  const Machine machine = machine_of(1, 2, 3, 2);
  for (const RelationCount& count : count_relations(machine)) {
    const std::size_t most = count.relation == Relation::same_cpu ? 12 : 6;
    EXPECT_EQ(fitting(machine, count.example, 100), most) << name_of(count.relation);
  }
}

TEST(DisjointPairs, FitWhicheverComesFirst) {
  const Machine machine = machine_of(2, 1, 4, 2);
  const DisjointPairs disjoint(machine);
  for (const Placement& first : every_pair(machine)) {
    const std::size_t most = first.relation == Relation::same_cpu ? 16 : 8;
    EXPECT_EQ(fitting(machine, first, most), most) << *first.writer_cpu << "," << *first.reader_cpu;
    EXPECT_EQ(disjoint.find(first, most).size(), most) << "asked again";
  }
}

TEST(DisjointPairs, StayWithinWhatIsAllowed) {
  EXPECT_EQ(fitting(fake_machine_with({0, 2, 3, 4}), every_pair(fake_machine_with({2, 3}))[1], 4), 1U);
}

}  // namespace
}  // namespace pipebench
