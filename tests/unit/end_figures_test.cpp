#include "pipebench/analysis/end_figures.hpp"

#include <gtest/gtest.h>

namespace pipebench {
namespace {

constexpr std::uint64_t one_gib = std::uint64_t{1} << 30U;

/// A GiB in a second, in so many calls of each end.
Sample sample_of(double calls) {
  Sample sample;
  sample.bytes = sample.counted_bytes = one_gib;
  sample.seconds = sample.counted_seconds = 1;
  sample.writer[Counter::calls] = sample.reader[Counter::calls] = calls;
  return sample;
}

CaseResult case_of(std::vector<Sample> samples) {
  CaseResult result;
  result.samples = std::move(samples);
  return result;
}

void count_events(EndCounters& end, double cycles, double instructions) {
  end[Counter::cycles] = cycles;
  end[Counter::instructions] = instructions;
  end[Counter::cache_misses] = end[Counter::dtlb_misses] = 262144;  // one a page
}

TEST(EndFigures, OfCallsAreMediansOverTheSamples) {
  const EndFigures figures = end_figures(case_of({sample_of(1024), sample_of(2048), sample_of(8192)}), Role::reader);
  EXPECT_DOUBLE_EQ(figures.bytes_per_call.value(), one_gib / 2048);
  EXPECT_DOUBLE_EQ(figures.ns_per_call.value(), 1e9 / 2048);
}

TEST(EndFigures, OfSeveralStreamsSpeakOfOneEndsCalls) {
  CaseResult result = case_of({sample_of(4000)});  // of both streams, each in one second
  result.spec.streams = 2;
  EXPECT_DOUBLE_EQ(end_figures(result, Role::writer).ns_per_call.value(), 1e9 / 2000);
}

TEST(EndFigures, OfEndsThatTakeTurnsTakeTheTimeOfTheirOwnTurns) {
  CaseResult result = case_of({sample_of(262144)});  // a page a call
  result.spec.isolation = Isolation::none;
  EXPECT_FALSE(end_figures(result, Role::writer).ns_per_call);
  result.samples[0].writer_turns.median_ns_per_page = 50;
  EXPECT_DOUBLE_EQ(end_figures(result, Role::writer).ns_per_call.value(), 50);
}

TEST(EndFigures, CountSwitchesOfBothKinds) {
  CaseResult result = case_of({sample_of(1024)});
  EXPECT_FALSE(end_figures(result, Role::reader).switches_per_gib);
  result.samples[0].reader[Counter::voluntary_switches] = 30;
  result.samples[0].reader[Counter::involuntary_switches] = 2;
  EXPECT_DOUBLE_EQ(end_figures(result, Role::reader).switches_per_gib.value(), 32);
}

TEST(EndFigures, OfHardwareEventsComeFromTheSamplesThatCountedThem) {
  CaseResult result = case_of({sample_of(1024)});
  EXPECT_FALSE(end_figures(result, Role::writer).cycles_per_byte);
  count_events(result.samples[0].writer, 2.0 * one_gib, 3.0 * one_gib);
  const EndFigures figures = end_figures(result, Role::writer);
  EXPECT_DOUBLE_EQ(figures.cycles_per_byte.value(), 2);
  EXPECT_DOUBLE_EQ(figures.instructions_per_byte.value(), 3);
  EXPECT_DOUBLE_EQ(figures.instructions_per_cycle.value(), 1.5);
  EXPECT_DOUBLE_EQ(figures.cache_misses_per_page.value(), 1);
  EXPECT_DOUBLE_EQ(figures.dtlb_misses_per_page.value(), 1);
  EXPECT_FALSE(end_figures(result, Role::reader).cycles_per_byte);
}

TEST(EndFigures, OfHardwareEventsComeFromTheSampleOfItsOwnWhereThereIsOne) {
  CaseResult result = case_of({sample_of(1024)});
  result.counting = sample_of(4096);
  count_events(result.counting->reader, 4.0 * one_gib, one_gib);
  const EndFigures figures = end_figures(result, Role::reader);
  EXPECT_DOUBLE_EQ(figures.cycles_per_byte.value(), 4);
  EXPECT_DOUBLE_EQ(figures.bytes_per_call.value(), one_gib / 1024) << "calls are counted in the samples";
}

TEST(EndFigures, AreEmptyWithoutCallsAndWithoutSamplesThatCount) {
  const EndFigures figures = end_figures(case_of({sample_of(0)}), Role::writer);
  EXPECT_FALSE(figures.bytes_per_call);
  EXPECT_FALSE(figures.ns_per_call);
}

TEST(HardwareEvents, AreScaledWhereTheyDidNotCountAllTheTime) {
  EndCounters end;
  EXPECT_FALSE(is_scaled(end));
  end[Counter::hardware_enabled_seconds] = 0.5;
  end[Counter::hardware_counting_seconds] = 0.5;
  EXPECT_FALSE(is_scaled(end));
  end[Counter::hardware_counting_seconds] = 0.25;
  EXPECT_TRUE(is_scaled(end));
}

}  // namespace
}  // namespace pipebench
