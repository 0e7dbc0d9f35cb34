#include "pipebench/model/machine.hpp"

#include <gtest/gtest.h>

namespace pipebench {
namespace {

/// A CPU that shares nothing but the package with any other of its kind.
Cpu loner(int os, int package = 0) {
  Cpu cpu;
  cpu.os = os;
  cpu.core = cpu.l2 = cpu.l3 = cpu.node = os;
  cpu.package = package;
  return cpu;
}

/// Both orders must agree.
Relation relation(const Cpu& a, const Cpu& b) {
  EXPECT_EQ(relation_between(a, b), relation_between(b, a));
  return relation_between(a, b);
}

TEST(RelationBetween, NamesTheNearestThingShared) {
  const Cpu a = loner(0);
  Cpu b = loner(1);
  EXPECT_EQ(relation(a, b), Relation::package);
  b.node = a.node;
  EXPECT_EQ(relation(a, b), Relation::numa);
  b.l3 = a.l3;
  EXPECT_EQ(relation(a, b), Relation::l3);
  b.l2 = a.l2;
  EXPECT_EQ(relation(a, b), Relation::l2);
  b.core = a.core;
  EXPECT_EQ(relation(a, b), Relation::smt);
  b.os = a.os;
  EXPECT_EQ(relation(a, b), Relation::same_cpu);
}

TEST(RelationBetween, IsCrossPackageWhateverElseIsShared) {
  Cpu a = loner(0, 0);
  Cpu b = loner(1, 1);
  EXPECT_EQ(relation(a, b), Relation::cross_package);
  b.core = b.l2 = b.l3 = b.node = a.node;
  EXPECT_EQ(relation(a, b), Relation::cross_package);
}

TEST(RelationBetween, TakesUnknownGroupsForNotShared) {
  Cpu a = loner(0);
  Cpu b = loner(1);
  a.core = a.l2 = a.l3 = b.core = b.l2 = b.l3 = -1;
  EXPECT_EQ(relation(a, b), Relation::package);
}

TEST(RelationBetween, IsUnknownWhereNothingIsKnown) {
  Cpu a;
  Cpu b;
  a.os = 0;
  b.os = 1;
  EXPECT_EQ(relation(a, b), Relation::unknown);
  a.package = b.package = 0;  // which says nothing of nodes
  EXPECT_EQ(relation(a, b), Relation::unknown);
  EXPECT_EQ(relation(a, a), Relation::same_cpu);
}

TEST(RelationBetween, DoesNotGuessDifferentPackagesFromAnUnknownOne) {
  Cpu a = loner(0, 0);
  Cpu b = loner(1, -1);
  EXPECT_EQ(relation(a, b), Relation::package);
  b.l3 = a.l3;
  EXPECT_EQ(relation(a, b), Relation::l3);
}

TEST(RelationNames, FollowTheEnumerators) {
  EXPECT_EQ(name_of(Relation::same_cpu), "same-cpu");
  EXPECT_EQ(name_of(Relation::numa), "numa");
  EXPECT_EQ(name_of(Relation::cross_package), "cross-package");
}

TEST(Machine, FindsACpuByItsOsNumber) {
  Machine machine;
  machine.cpus = {loner(0), loner(4)};
  ASSERT_NE(machine.find(4), nullptr);
  EXPECT_EQ(machine.find(4), &machine.cpus[1]);
  EXPECT_EQ(machine.find(1), nullptr);
}

}  // namespace
}  // namespace pipebench
