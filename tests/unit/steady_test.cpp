#include "pipebench/analysis/steady.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pipebench {
namespace {

constexpr double near = 40, far = 185;

Sample with_handover(double ns) {
  Sample sample;
  sample.counted_seconds = 1;
  sample.conditions.handover_ns_before = sample.conditions.handover_ns_after = ns;
  return sample;
}

CaseResult with_handovers(const std::vector<double>& all) {
  CaseResult result;
  for (const double ns : all) result.samples.push_back(with_handover(ns));
  return result;
}

std::vector<bool> marks_of(const CaseResult& result) {
  std::vector<bool> marks;
  for (const Sample& sample : result.samples) marks.push_back(sample.set_aside);
  return marks;
}
using Marks = std::vector<bool>;

TEST(SetAside, AreTheSamplesUnderOtherConditionsThanMost) {
  std::vector cases{with_handovers({near, far, near, near})};
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), (Marks{false, true, false, false}));
}

TEST(SetAside, AreOthersWhenMostChange) {
  std::vector cases{with_handovers({near, far, near})};
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), (Marks{false, true, false}));
  for (int i = 0; i < 4; ++i) cases[0].samples.push_back(with_handover(far));
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), (Marks{true, false, true, false, false, false, false}));
}

TEST(SetAside, AreNoneWhereNoneAreMost) {
  std::vector cases{with_handovers({}), with_handovers({near}), with_handovers({near, far, near, far})};
  cases[2].spec.placement = {.writer_cpu = 2, .reader_cpu = 3, .relation = {}};
  set_aside_others(cases);
  for (const CaseResult& result : cases) EXPECT_EQ(marks_of(result), Marks(result.samples.size(), false));
}

TEST(SetAside, AreTheSameInAllCasesOnTheSameCpus) {
  std::vector cases{with_handovers({near, near, near, near}), with_handovers({near, far, far, near, far})};
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[1]), (Marks{false, true, true, false, true})) << "though most of its own are far";
  cases[1].spec.placement = {.writer_cpu = 2, .reader_cpu = 3, .relation = {}};
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[1]), (Marks{true, false, false, true, false})) << "other CPUs";
}

TEST(SetAside, AreItsOwnInACaseThatIsUnlikeAllOthers) {
  std::vector cases{with_handovers({near, near, near, near, near, near, near}),
                    with_handovers({far, far, far, far, 300})};
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[1]), (Marks{false, false, false, false, true}));
}

TEST(SetAside, AreNoneWhereOneConditionAfterTheOtherWouldLeaveFew) {
  std::vector cases{with_handovers({far, far, far, near, near, near, near, near})};
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), (Marks{true, true, true, false, false, false, false, false}));
  for (std::size_t i = 3; i < 6; ++i) cases[0].samples[i].conditions.writer_ns_per_add = 0.4;
  for (const std::size_t i : {0U, 1U, 2U, 6U, 7U}) cases[0].samples[i].conditions.writer_ns_per_add = 0.23;
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), Marks(8, false)) << "6 of 8 cannot be unlike most";
}

TEST(SetAside, GoByTheSwitchesOfThoseThatAreLeft) {
  std::vector cases{with_handovers({far, far, far, near, near, near, near, near})};
  for (std::size_t i = 0; i < 8; ++i) cases[0].samples[i].conditions.involuntary_switches = i == 3 || i == 4 ? 500 : 0;
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), (Marks{true, true, true, true, true, false, false, false}));
  cases[0].samples[5].conditions.involuntary_switches = 500;
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), (Marks{true, true, true, false, false, false, true, true}))
      << "most of those have such switches";
}

TEST(SetAside, AreNotThoseThatTookLonger) {
  std::vector cases{with_handovers(std::vector<double>(10, near))};
  for (std::size_t i = 0; i < 10; ++i) {
    Sample& sample = cases[0].samples[i];
    sample.counted_seconds = i < 6 ? 0.2 : 0.4;
    sample.conditions.involuntary_switches = 100 * sample.counted_seconds;
    sample.conditions.steal_seconds = sample.counted_seconds / 4;
  }
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), Marks(10, false));
}

TEST(SetAside, DoNotGoByTheSwitchesOfEndsThatShareACpu) {
  std::vector cases{with_handovers({near, near, near})};
  cases[0].samples[1].conditions.involuntary_switches = 100'000;
  cases[0].samples[1].conditions.run_queue_seconds = 0.5;
  cases[0].samples[0].conditions.involuntary_switches = cases[0].samples[2].conditions.involuntary_switches = 0;
  cases[0].samples[0].conditions.run_queue_seconds = cases[0].samples[2].conditions.run_queue_seconds = 0;
  cases[0].spec.placement = {.writer_cpu = 2, .reader_cpu = 3, .relation = {}};
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), (Marks{false, true, false}));
  cases[0].spec.placement.reader_cpu = 2;
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), Marks(3, false)) << "they take the CPU from each other";
}

TEST(SetAside, GoByTheSwitchesOfEachCase) {
  std::vector cases{with_handovers({near, near, near}), with_handovers({near, near, near})};
  for (std::size_t i = 0; i < 3; ++i) {
    cases[0].samples[i].conditions.involuntary_switches = i == 1 ? 500 : 0;
    cases[1].samples[i].conditions.involuntary_switches = 500;  // as it has to be there
  }
  set_aside_others(cases);
  EXPECT_EQ(marks_of(cases[0]), (Marks{false, true, false}));
  EXPECT_EQ(marks_of(cases[1]), (Marks{false, false, false}));
}

}  // namespace
}  // namespace pipebench
