// Where the ends of a sample run.
#include <gtest/gtest.h>

#include "cpus.hpp"
#include "pipebench/engine/sample.hpp"
#include "refusal.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

TEST(Placed, OnOneCpuBothEndsTakeTurns) {
  const int cpu = allowed_cpus().front();
  for (const Wait wait : {Wait::block, Wait::poll, Wait::busy}) {
    CaseSpec spec = spec_of("write", "read", wait);
    spec.placement = {.writer_cpu = cpu, .reader_cpu = cpu, .relation = Relation::same_cpu};
    const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_EQ(outcome.sample->bytes, 1U << 20U);
    EXPECT_EQ(outcome.sample->writer[Counter::migrations].value_or(0), 0);
  }
}

TEST(Placed, NowhereRunsUnpinned) {
  const SampleOutcome outcome = take(spec_of("write", "read"), time_of(0.02));
  EXPECT_TRUE(outcome.sample.has_value()) << outcome.failure;
}

TEST(Placed, OnACpuThatIsNotThereFailsWithoutHanging) {
  for (const bool writer : {true, false}) {
    CaseSpec spec = spec_of("write", "read");
    (writer ? spec.placement.writer_cpu : spec.placement.reader_cpu) = 4095;
    const SampleOutcome outcome = take(spec, time_of(endless));
    EXPECT_FALSE(outcome.sample.has_value());
    EXPECT_TRUE(holds(outcome.failure, "4095"));
  }
}

TEST(Placed, LeavesTheCallerWhereItWas) {
  const auto before = allowed_cpus();
  CaseSpec spec = spec_of("write", "read");
  spec.placement = {.writer_cpu = before.front(), .reader_cpu = before.front(), .relation = Relation::same_cpu};
  (void)take(spec, bytes_of(65536));
  EXPECT_EQ(allowed_cpus(), before);
}

}  // namespace
}  // namespace pipebench
