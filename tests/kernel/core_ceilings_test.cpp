// What one core can do, measured on this machine. How fast it is, is nobody's to say.
#include <gtest/gtest.h>

#include "pipebench/engine/ceilings.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

const std::atomic<int> uninterrupted{0};

std::vector<CaseResult> case_with_ceilings(std::optional<int> cpu = {}) {
  std::vector<CaseResult> cases(1);
  cases[0].spec = spec_of("write", "read");
  cases[0].spec.placement.writer_cpu = cases[0].spec.placement.reader_cpu = cpu;
  cases[0].ceilings.emplace();
  return cases;
}

// Nothing at all, which a compiler might make of a copy that nobody looks at, would be terabytes a second.
TEST(MemorySpeeds, AreThoseOfMemoryThatIsReallyMoved) {
  const MemorySpeeds speeds = measure_memory_speeds({.block_bytes = 65536, .blocks = 2, .pages = Pages::k4});
  EXPECT_GT(speeds.read_gib_per_second, 0);
  EXPECT_LT(speeds.read_gib_per_second, 4096);
  EXPECT_GT(speeds.copy_gib_per_second, 0);
  EXPECT_LT(speeds.copy_gib_per_second, 4096);
}

TEST(MemorySpeeds, AreMeasuredWithBlocksOfAnySize) {
  EXPECT_GT(measure_memory_speeds({.block_bytes = 1, .blocks = 1}).copy_gib_per_second, 0);
  EXPECT_GT(measure_memory_speeds({.block_bytes = 4U << 20U, .blocks = 2, .pages = Pages::thp}).copy_gib_per_second, 0);
}

TEST(SystemCall, TakesTime) { EXPECT_GT(measure_system_call_ns(), 0); }

TEST(CoreCeilings, AreFilledInForCasesThatHaveThem) {
  std::vector<CaseResult> cases = case_with_ceilings();
  cases.push_back(cases[0]);
  cases[1].ceilings.reset();
  EXPECT_TRUE(measure_core_ceilings(cases, topology(), uninterrupted).empty());
  EXPECT_TRUE(cases[0].ceilings->read_gib_per_second);
  EXPECT_TRUE(cases[0].ceilings->copy_gib_per_second);
  EXPECT_TRUE(cases[0].ceilings->system_call_ns);
  EXPECT_FALSE(cases[1].ceilings);
  EXPECT_GT(estimated_core_ceilings_seconds(cases), 0);
}

TEST(CoreCeilings, KeepTheBest) {
  std::vector<CaseResult> cases = case_with_ceilings();
  cases[0].ceilings->copy_gib_per_second = 1e9;
  cases[0].ceilings->system_call_ns = 1e-9;
  (void)measure_core_ceilings(cases, topology(), uninterrupted);
  EXPECT_EQ(cases[0].ceilings->copy_gib_per_second, 1e9);
  EXPECT_EQ(cases[0].ceilings->system_call_ns, 1e-9);
}

TEST(CoreCeilings, AreMissingWithTheReasonWhereTheCpuIs) {
  std::vector<CaseResult> cases = case_with_ceilings(1'000'000);
  const std::vector<Finding> findings = measure_core_ceilings(cases, topology(), uninterrupted);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_NE(findings[0].what.find("1000000"), std::string::npos) << findings[0].what;
  EXPECT_FALSE(cases[0].ceilings->copy_gib_per_second);
}

TEST(CoreCeilings, AreNotMeasuredOnceInterrupted) {
  const std::atomic<int> interrupted{2};
  std::vector<CaseResult> cases = case_with_ceilings();
  EXPECT_TRUE(measure_core_ceilings(cases, topology(), interrupted).empty());
  EXPECT_FALSE(cases[0].ceilings->copy_gib_per_second);
}

}  // namespace
}  // namespace pipebench
