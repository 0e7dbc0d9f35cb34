#include "pipebench/analysis/matching.hpp"

#include <gtest/gtest.h>

namespace pipebench {
namespace {

CaseResult case_of(const std::string& name, const std::string& writer, int reader_cpu = 1) {
  CaseResult result;
  result.name = name;
  result.spec.writer = writer;
  result.spec.reader = "read";
  result.spec.placement = {.writer_cpu = 0, .reader_cpu = reader_cpu, .relation = Relation::l3};
  return result;
}

// That pairs are found by what they measure, then without regard to CPUs: compare_test.cpp.

TEST(CommonCases, AreThoseOfTwoListsOrMore) {
  const CaseResult here = case_of("a", "write"), renamed = case_of("b", "write"), other = case_of("a", "tee");
  const CaseResult elsewhere = case_of("a", "write", 7), late = case_of("c", "splice"), later = late;
  const std::vector<Cases> lists{{&here}, {&other, &renamed, &late}, {&elsewhere}, {&later}};
  const std::vector<Cases> common = common_cases(lists);
  ASSERT_EQ(common.size(), 2U);
  EXPECT_EQ(common[0], (Cases{&here, &renamed, &elsewhere, nullptr}));
  EXPECT_EQ(common[1], (Cases{nullptr, &late, nullptr, &later})) << "the first list does not have it";
}

TEST(CommonCases, AreNoneOfOneList) {
  const CaseResult one = case_of("a", "write"), another = case_of("b", "tee");
  EXPECT_TRUE(common_cases(std::vector<Cases>{{&one, &another}}).empty());
  EXPECT_TRUE(common_cases({}).empty());
}

}  // namespace
}  // namespace pipebench
