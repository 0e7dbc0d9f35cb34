#include "pipebench/analysis/summary.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pipebench/analysis/baseline.hpp"
#include "pipebench/analysis/completion.hpp"
#include "recordings.hpp"

namespace pipebench {
namespace {

/// Samples of a GiB each.
CaseResult with_speeds(const std::vector<double>& speeds) {
  CaseResult result;
  result.sampling.time_seconds = 1;
  for (const double speed : speeds) {
    Sample& sample = result.samples.emplace_back();
    sample.round = static_cast<unsigned>(result.samples.size() - 1);
    sample.bytes = sample.counted_bytes = std::uint64_t{1} << 30U;
    sample.seconds = sample.counted_seconds = 1 / speed;
    sample.conditions.involuntary_switches = 0;
  }
  return result;
}

void use_cpu(CaseResult& result, double user, double system) {
  for (Sample& sample : result.samples) {
    for (EndCounters* end : {&sample.writer, &sample.reader}) {
      (*end)[Counter::user_seconds] = user;
      (*end)[Counter::system_seconds] = system;
    }
    sample.worker_seconds = 0;
  }
}

TEST(Summarize, DoesNotExplainSpeedsByTheSwitchesOfEndsThatShareACpu) {
  CaseResult result = with_speeds({20, 20.1, 20.2, 20.3, 20.4, 30, 30.1, 30.2, 30.3, 30.4});
  for (std::size_t i = 0; i < 10; ++i) {
    result.samples[i].conditions.involuntary_switches = i < 5 ? 100 : 5000;
    result.samples[i].conditions.run_queue_seconds = i < 5 ? 0.001 : 0.02;
  }
  result.spec.placement = {.writer_cpu = 2, .reader_cpu = 3, .relation = {}};
  EXPECT_TRUE(summarize(result).explanation);
  result.spec.placement.reader_cpu = 2;
  EXPECT_FALSE(summarize(result).explanation) << "the more they take the CPU from each other, the faster they are";
}

TEST(Summarize, LeavesOutSamplesThatWereSetAside) {
  CaseResult result = with_speeds({1, 100, 1, 1, 100});
  use_cpu(result, 0.25, 0.25);
  result.samples[1].set_aside = result.samples[4].set_aside = true;
  result.samples[4].writer[Counter::user_seconds] = 1000;
  result.samples[4].writer[Counter::involuntary_switches] = 1'000'000;
  const Summary summary = summarize(result);
  EXPECT_EQ(summary.n, 3U);
  EXPECT_EQ(summary.max, 1);
  EXPECT_EQ(summary.cpu_seconds_per_gib, 1);
  EXPECT_EQ(summary.doubts, std::vector{Doubt::few_samples});
  EXPECT_EQ(counted_samples(result).size(), 3U);
}

TEST(Summarize, GivesNoFigureWhereNothingCounts) {
  Document document;
  document.cases = {with_speeds({1})};
  document.cases[0].samples[0].set_aside = true;
  summarize(document);
  EXPECT_FALSE(document.cases[0].summary);
}

TEST(Summarize, GivesTheFiguresOfTheSamples) {
  const Summary summary = summarize(with_speeds({1.00, 1.01, 1.02, 1.03, 1.04, 1.05, 2.0}));
  EXPECT_EQ(summary.n, 7U);
  EXPECT_DOUBLE_EQ(summary.median_gib_per_second, 1.03);
  EXPECT_DOUBLE_EQ(summary.min, 1.0);
  EXPECT_DOUBLE_EQ(summary.max, 2.0);
  EXPECT_DOUBLE_EQ(summary.ci95_low, 1.0);
  EXPECT_DOUBLE_EQ(summary.ci95_high, 2.0);
  EXPECT_NEAR(summary.ci_coverage, 1 - 2.0 / 128, 1e-12);
  EXPECT_NEAR(summary.mad, 0.02, 1e-12);
  EXPECT_EQ(summary.outliers, 1U);
  EXPECT_NEAR(summary.ns_per_page, 1e9 / (1.03 * 262144), 1e-6);
  EXPECT_FALSE(summary.stable());  // 2.0 is far from the median
}

TEST(Summarize, JudgesEndsThatTakeTurnsByTheirPrices) {
  CaseResult result = with_speeds({1, 1, 1, 1, 2, 2, 2, 2});
  for (Sample& sample : result.samples) {
    const double noise = 0.01 * sample.round;
    sample.writer_turns = {.count = 1000, .median_ns_per_page = 15 + noise};
    sample.reader_turns = {.count = 1000, .median_ns_per_page = 45 - noise};
  }
  const Summary summary = summarize(result);
  EXPECT_DOUBLE_EQ(summary.writer_ns_per_page.value(), 15.035);
  EXPECT_DOUBLE_EQ(summary.reader_ns_per_page.value(), 44.965);
  EXPECT_TRUE(summary.stable()) << "the speeds are in two groups, but the prices are not";
  for (std::size_t i = 0; i < 4; ++i) result.samples[i].reader_turns.median_ns_per_page = 90;
  EXPECT_FALSE(summarize(result).stable());
}

/// Prices of a second each, in one thread.
CaseResult with_prices(const std::vector<double>& prices) {
  CaseResult result = with_speeds(std::vector<double>(prices.size(), 1));
  result.spec.isolation = Isolation::none;
  result.spec.wait = Wait::busy;
  result.spec.placement = {.writer_cpu = 3, .reader_cpu = 3, .relation = Relation::same_cpu};
  for (std::size_t i = 0; i < prices.size(); ++i) {
    Sample& sample = result.samples[i];
    sample.writer_turns = {.count = 1000, .median_ns_per_page = 5};
    sample.reader_turns = {.count = 1000, .median_ns_per_page = prices[i] - 5};
    sample.conditions.involuntary_switches = 3;
  }
  return result;
}

TEST(Summarize, GivesTheIntervalOfThePriceOfBothEnds) {
  CaseResult result = with_prices({20, 24, 21, 23, 22});
  Summary summary = summarize(result);
  EXPECT_EQ(summary.turns_ns_per_page, 22);
  EXPECT_FALSE(summary.turns_ns_per_page_ci95_low || summary.turns_ns_per_page_ci95_high) << "5 are too few";
  summary = summarize(with_prices({20, 24, 21, 23, 22, 25}));
  EXPECT_EQ(summary.turns_ns_per_page, 22.5);
  EXPECT_EQ(summary.turns_ns_per_page_ci95_low, 20);
  EXPECT_EQ(summary.turns_ns_per_page_ci95_high, 25);
  for (Sample& sample : result.samples) sample.reader_turns = {};
  EXPECT_FALSE(summarize(result).turns_ns_per_page) << "half a price is none";
}

TEST(Summarize, HasNoPricesOfThreads) {
  EXPECT_FALSE(summarize(with_speeds({1, 2})).turns_ns_per_page);
  EXPECT_FALSE(summarize(with_speeds({1, 2})).writer_ns_per_page);
  EXPECT_FALSE(summarize(with_speeds({1, 2})).reader_ns_per_page);
}

TEST(Summarize, AddsUpTheCpuOfBothEndsPerGiB) {
  CaseResult result = with_speeds({1, 2, 4});  // a GiB each
  use_cpu(result, 0.25, 0.5);
  EXPECT_NEAR(summarize(result).cpu_seconds_per_gib.value(), 1.5, 1e-12);
  for (Sample& sample : result.samples) sample.bytes /= 2;  // while all streams ran; the counters are of all
  EXPECT_NEAR(summarize(result).cpu_seconds_per_gib.value(), 1.5, 1e-12);
  for (Sample& sample : result.samples) sample.worker_seconds = 0.5;
  EXPECT_NEAR(summarize(result).cpu_seconds_per_gib.value(), 2, 1e-12);
  result.samples[1].worker_seconds.reset();
  EXPECT_FALSE(summarize(result).cpu_seconds_per_gib.has_value());
  result.samples[1].worker_seconds = 0.5;
  result.samples[1].reader[Counter::system_seconds].reset();
  EXPECT_FALSE(summarize(result).cpu_seconds_per_gib.has_value());
}

TEST(Summarize, TakesTheCpuOfAThreadThatRunsBothEnds) {
  CaseResult result = with_speeds({1, 2, 4});
  result.spec.isolation = Isolation::none;
  for (Sample& sample : result.samples) sample.both_ends_seconds = 0.75;
  EXPECT_FALSE(summarize(result).cpu_seconds_per_gib) << "the kernel's workers are not known";
  for (Sample& sample : result.samples) sample.worker_seconds = 0.25;
  EXPECT_NEAR(summarize(result).cpu_seconds_per_gib.value(), 1, 1e-12);
  result.samples[1].both_ends_seconds.reset();
  EXPECT_FALSE(summarize(result).cpu_seconds_per_gib);
}

TEST(Summarize, CallsALikeSamplesStable) {
  const Summary summary = summarize(with_speeds({1, 1.001, 1.002, 1.003, 1.002, 1.001}));
  EXPECT_TRUE(summary.stable());
}

TEST(Summarize, LooksAtTheSwitchesOfTheWorseEnd) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});  // a second each
  for (Sample& sample : result.samples) sample.reader[Counter::involuntary_switches] = 90;
  EXPECT_TRUE(summarize(result).stable());
  for (Sample& sample : result.samples) sample.reader[Counter::involuntary_switches] = 110;
  EXPECT_FALSE(summarize(result).stable());
  result.spec.placement = {.writer_cpu = 3, .reader_cpu = 3, .relation = Relation::same_cpu};
  EXPECT_TRUE(summarize(result).stable()) << "where switching is all they can do";
}

CaseResult with_streams(const std::vector<Placement>& placements) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});
  result.spec.streams = static_cast<std::uint32_t>(placements.size());
  result.spec.placement = placements[0];
  result.spec.further_placements.assign(placements.begin() + 1, placements.end());
  return result;
}

void switch_often(CaseResult& result, double times_a_sample) {
  for (Sample& sample : result.samples) sample.writer[Counter::involuntary_switches] = times_a_sample;
}

TEST(Summarize, HoldsTheSwitchesOfOneThreadAgainstALimitForOne) {
  CaseResult result = with_streams({{0, 1, Relation::l3}, {2, 3, Relation::l3}, {4, 5, Relation::l3}});
  switch_often(result, 290);  // a second, of three writers
  EXPECT_TRUE(summarize(result).stable());
  switch_often(result, 310);
  EXPECT_FALSE(summarize(result).stable());
}

TEST(Summarize, CountsTheSwitchesOverTheTimeInWhichTheyHappened) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});
  switch_often(result, 150);
  EXPECT_FALSE(summarize(result).stable());
  for (Sample& sample : result.samples) sample.counted_seconds = 2;  // before and after all streams ran
  EXPECT_TRUE(summarize(result).stable());
}

TEST(Summarize, DoesNotSpeakOfASwitchInAShortSample) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});
  for (Sample& sample : result.samples) {
    sample.bytes = sample.counted_bytes = 1U << 20U;
    sample.seconds = sample.counted_seconds = 0.001;
  }
  switch_often(result, 1);
  EXPECT_TRUE(summarize(result).stable());
}

TEST(Summarize, AddsUpTheSwitchesOfShortSamples) {
  CaseResult result = with_speeds(std::vector<double>(10, 1));
  for (Sample& sample : result.samples) {
    sample.bytes = sample.counted_bytes = 1U << 24U;
    sample.seconds = sample.counted_seconds = 0.015;
  }
  switch_often(result, 2);
  EXPECT_TRUE(summarize(result).stable());
  switch_often(result, 3);
  result.sampling.bytes = 1U << 24U;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::interrupted});
}

TEST(Summarize, LooksAtTheSwitchesOfAThreadThatRunsBothEnds) {
  CaseResult result = with_prices({20, 20, 20, 20, 20, 20});
  EXPECT_TRUE(summarize(result).stable());
  for (Sample& sample : result.samples) sample.conditions.involuntary_switches = 110;
  EXPECT_TRUE(summarize(result).stable()) << "the price is the same all the same";
  result.samples.pop_back();
  EXPECT_EQ(summarize(result).doubts, (std::vector{Doubt::few_samples, Doubt::interrupted}))
      << "nobody else has to be on its CPU";
  result = with_prices({20, 24, 21, 23, 22, 25});
  for (Sample& sample : result.samples) sample.conditions.involuntary_switches = 110;
  EXPECT_EQ(summarize(result).doubts, (std::vector{Doubt::wide_interval, Doubt::interrupted}));
  result.spec.streams = 2;
  result.spec.further_placements = {{.writer_cpu = 4, .reader_cpu = 4, .relation = Relation::same_cpu}};
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::wide_interval}) << "55 each";
  for (Sample& sample : result.samples) sample.conditions.involuntary_switches = 300;
  EXPECT_EQ(summarize(result).doubts, (std::vector{Doubt::wide_interval, Doubt::interrupted}));
  result.spec.further_placements[0] = result.spec.placement;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::wide_interval}) << "two threads on one CPU";
}

TEST(Summarize, ExplainsPricesByTheSpeedOfTheOneCpu) {
  CaseResult result = with_prices({20, 30, 20, 30, 20, 30, 20, 30});
  EXPECT_FALSE(summarize(result).explanation);
  for (std::size_t i = 0; i < result.samples.size(); ++i) {
    Conditions& conditions = result.samples[i].conditions;
    conditions.writer_ns_per_add = conditions.reader_ns_per_add = i % 2 == 0 ? 0.2 : 0.3;
  }
  const Summary summary = summarize(result);
  ASSERT_TRUE(summary.explanation);
  EXPECT_EQ(summary.explanation->condition, Condition::writer_speed);
  EXPECT_EQ(summary.explanation->low.figure, 20);
  EXPECT_EQ(summary.explanation->high.figure, 30);
  EXPECT_TRUE(summary.explanation->low.is_price && summary.explanation->high.is_price);
  EXPECT_EQ(summary.doubts, std::vector{Doubt::conditions});
}

// 4 samples against 4 are told apart by one condition, but no longer when two were tried.
TEST(Summarize, CountsTheSpeedOfTheOneCpuOnce) {
  CaseResult result = with_prices({20, 30, 20, 30, 20, 30, 20, 30});
  for (std::size_t i = 0; i < result.samples.size(); ++i) {
    Conditions& conditions = result.samples[i].conditions;
    conditions.writer_ns_per_add = i % 2 == 0 ? 0.2 : 0.3;
    conditions.reader_ns_per_add = i % 2 == 0 ? 0.3 : 0.2;
    conditions.reader_frequency_hz = i % 2 == 0 ? 4e9 : 3e9;
  }
  EXPECT_TRUE(summarize(result).explanation);
}

TEST(Summarize, ComparesWhatSamplesTookWithTheirTime) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});  // a second each
  result.sampling.time_seconds = 0.6;
  EXPECT_TRUE(summarize(result).stable());
  result.sampling.time_seconds = 0.02;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::overrun});
  for (int i = 0; i < 2; ++i) result.samples[static_cast<std::size_t>(i)].counted_seconds = 28;
  result.sampling.time_seconds = 0.6;
  EXPECT_TRUE(summarize(result).stable()) << "most took as long as they should";
  result.sampling.time_seconds = 0.02;
  result.sampling.bytes = 1;
  EXPECT_TRUE(summarize(result).stable()) << "no time was set";
}

TEST(Summarize, BlamesDrainingWhereBuffersAndPipesAreLong) {
  CaseResult result = with_speeds({1, 1, 1, 1, 1, 1});  // a second each
  result.sampling.time_seconds = 1.0 / 64;              // which moves 16 MiB
  result.spec.buffer_bytes = 4U << 20U;
  result.spec.buffers = 2;
  result.spec.stripe = 1;
  result.spec.pipe_bytes = 1U << 20U;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::overrun});
  result.spec.pipe_bytes = 8U << 20U;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::draining});
  result.spec.pipe_bytes = 1U << 20U;
  result.spec.stripe = 2;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::draining}) << "all pipes have to be drained";
  result.spec.buffer_bytes = 4096;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::overrun});
}

TEST(Summarize, ExpectsSwitchesWhereStreamsShareCpus) {
  CaseResult result = with_streams({{0, 1, Relation::l3}, {1, 2, Relation::l3}});
  switch_often(result, 1000);
  EXPECT_TRUE(summarize(result).stable());
  result.spec.further_placements[0] = {};  // not pinned
  EXPECT_FALSE(summarize(result).stable());
}

TEST(Summarize, CountsHowOftenAThreadSleeps) {
  CaseResult result = with_streams({{0, 1, Relation::l3}, {2, 3, Relation::l3}});
  EXPECT_FALSE(summarize(result).sleeps_per_second) << "nobody counted";
  for (Sample& sample : result.samples) {
    sample.writer[Counter::voluntary_switches] = 100;
    sample.reader[Counter::voluntary_switches] = 3000;
    sample.counted_seconds = 0.5;
  }
  EXPECT_DOUBLE_EQ(summarize(result).sleeps_per_second.value(), 3000) << "of two readers in half a second";
}

const std::vector<double> varying{0.8, 1, 0.9, 1.1, 1.2, 1.3};

void sleep_often(CaseResult& result) {
  for (Sample& sample : result.samples) sample.reader[Counter::voluntary_switches] = 5000 * sample.seconds;
}

TEST(Summarize, TellsSleepingEndsFromDisturbedOnes) {
  CaseResult result = with_speeds(varying);
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::wide_interval});
  sleep_often(result);
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::sleeping});
  result.spec.wait = Wait::busy;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::wide_interval}) << "they wait in another way already";
  result.spec.wait = Wait::poll;
  result.spec.placement = {.writer_cpu = 3, .reader_cpu = 3, .relation = Relation::same_cpu};
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::wide_interval}) << "one CPU has no other way";
}

TEST(Summarize, TellsASleeperThatHadToWaitForItsCpu) {
  CaseResult result = with_speeds(varying);
  sleep_often(result);
  for (Sample& sample : result.samples)
    sample.conditions.run_queue_seconds = sample.seconds * (sample.gib_per_second() < 1.05 ? 0.18 : 0.02);
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::interrupted});
  for (Sample& sample : result.samples) sample.conditions.run_queue_seconds = sample.seconds * 0.18;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::sleeping}) << "fast samples waited as long";
  for (Sample& sample : result.samples) sample.conditions.run_queue_seconds = sample.seconds * 0.22;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::interrupted}) << "each of two threads a ninth of the time";
}

// The same ratios in another order: where the machine drifts, the rounds are worth fewer.
TEST(Summarize, TrustsRatiosOfADriftingMachineLess) {
  const std::vector<double> drifting{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21};
  const std::vector<double> mixed{10, 17, 12, 21, 13, 18, 11, 20, 15, 19, 14, 16};
  const auto ratio_of = [](const std::vector<double>& speeds) {
    Document document;
    document.cases.push_back(with_speeds(std::vector<double>(speeds.size(), 1)));
    for (int i = 0; i < 5; ++i) document.cases.push_back(with_speeds(speeds));
    summarize(document);
    return *document.cases.back().summary;
  };
  EXPECT_EQ(ratio_of(mixed).ratio, ratio_of(drifting).ratio);
  EXPECT_EQ(ratio_of(mixed).ratio_ci95_low, 12);
  EXPECT_EQ(ratio_of(mixed).ratio_ci95_high, 19);
  EXPECT_FALSE(ratio_of(drifting).ratio_ci95_low) << "worth fewer than 6";
  EXPECT_FALSE(ratio_of(drifting).ratio_ci95_high);
}

TEST(Summarize, DoubtsWhatAnotherPipebenchMayHaveDisturbed) {
  Document document;
  document.cases = {with_speeds(varying), with_speeds(std::vector<double>(6, 1))};
  sleep_often(document.cases[0]);
  document.plan.others = 1;
  document.plan.complete = true;
  summarize(document);
  EXPECT_EQ(document.cases[0].summary->doubts, std::vector{Doubt::others});
  EXPECT_TRUE(document.cases[1].summary->stable());
}

TEST(Summarize, AsksForConditionsThatWereNotTaken) {
  CaseResult result = with_speeds(varying);
  for (Sample& sample : result.samples) sample.conditions = {};
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::no_conditions});
  result.samples[0].conditions.handover_ns_before = 40;
  EXPECT_EQ(summarize(result).doubts, std::vector{Doubt::wide_interval});
}

TEST(Summarize, ComparesNoSpeedWithAPriceThatIsMissing) {
  Document document;
  document.cases = {with_prices({20, 20, 20, 20, 20, 20}), with_prices({20, 20, 20, 20, 20, 20})};
  document.cases[0].name = document.plan.baseline = "first";
  for (Sample& sample : document.cases[1].samples) sample.writer_turns.median_ns_per_page.reset();
  summarize(document);
  EXPECT_FALSE(document.cases[1].summary->writer_ns_per_page);
  EXPECT_FALSE(document.cases[1].summary->turns_ns_per_page);
  EXPECT_FALSE(document.cases[1].summary->ratio);
}

TEST(Summarize, DoubtsNoSpeedThatVariesAsTheBaselineDoes) {
  Document document;
  std::vector<double> thrice = varying;
  for (double& speed : thrice) speed *= 3;
  document.cases = {with_speeds(varying), with_speeds(thrice)};
  std::vector<double> otherwise = thrice;
  std::ranges::reverse(otherwise);
  document.cases.push_back(with_speeds(otherwise));
  document.plan.complete = true;
  summarize(document);
  EXPECT_EQ(document.cases[0].summary->doubts, std::vector{Doubt::wide_interval}) << "it has no ratio";
  EXPECT_TRUE(document.cases[1].summary->stable());
  EXPECT_EQ(document.cases[2].summary->doubts, std::vector{Doubt::wide_interval});
}

CaseResult with_samples(const std::vector<Observation>& samples) {
  CaseResult result;
  for (const Observation& sample : samples) {
    CaseResult one = with_speeds({sample.speed});
    one.samples[0].round = static_cast<unsigned>(result.samples.size());
    one.samples[0].conditions = sample.conditions;
    result.samples.push_back(one.samples[0]);
  }
  result.sampling.bytes = 1U << 30U;
  result.spec.wait = Wait::busy;
  return result;
}

TEST(Recorded, TwoModesAreExplained) {
  const Summary found = summarize(with_samples(recorded("two-modes.csv")));
  EXPECT_EQ(found.doubts, std::vector{Doubt::conditions});
  ASSERT_TRUE(found.explanation);
  EXPECT_EQ(found.explanation->condition, Condition::handover);
  EXPECT_EQ(found.explanation->low.count, 12U);
  EXPECT_EQ(found.explanation->high.count, 11U);
  EXPECT_EQ(found.explanation->undecided, 1U);
}

TEST(Recorded, WhatNothingExplainsIsAWideInterval) {
  for (const char* name : {"one-mode.csv", "disturbed.csv"}) {
    const Summary found = summarize(with_samples(recorded(name)));
    EXPECT_EQ(found.doubts, std::vector{Doubt::wide_interval}) << name;
    EXPECT_FALSE(found.explanation) << name;
  }
}

TEST(Summarize, IsForTheCasesThatHaveSamples) {
  Document document;
  document.cases = {with_speeds({1, 2}), CaseResult{}};
  summarize(document);
  EXPECT_EQ(document.cases[0].summary->n, 2U);
  EXPECT_FALSE(document.cases[1].summary);
}

TEST(Summarize, DoubtsCasesThatAnInterruptCutShort) {
  Document document;
  document.plan.complete = false;
  for (const double speed : {1.0, 1.0, 1.0}) {
    document.cases.push_back(with_speeds(std::vector<double>(6, speed)));
    document.cases.back().sampling.rounds = 10;
  }
  document.cases[1].sampling.rounds = 6;  // has them all
  document.cases[2].status = Status::failed;
  settle(document.cases, document.plan);
  summarize(document);
  EXPECT_EQ(document.cases[0].summary->doubts, std::vector{Doubt::cut_short});
  EXPECT_TRUE(document.cases[1].summary->stable());
  EXPECT_TRUE(document.cases[2].summary->stable()) << "a failure ended it";
  document.plan.complete = true;
  summarize(document);
  EXPECT_TRUE(document.cases[0].summary->stable());
}

CaseResult called(const std::string& name, const std::vector<double>& speeds) {
  CaseResult result = with_speeds(speeds);
  result.name = name;
  return result;
}

/// Summaries of cases of which others are relative to the first, or to `baseline`.
std::vector<Summary> summaries_of(const std::vector<CaseResult>& cases, const std::string& baseline = "") {
  Document document;
  document.cases = cases;
  document.plan.baseline = baseline;
  summarize(document);
  std::vector<Summary> summaries;
  for (const CaseResult& result : document.cases) summaries.push_back(result.summary.value());
  return summaries;
}

TEST(Ratios, AreOfTheRoundsPairByPair) {
  const std::vector<Summary> found = summaries_of({called("a", {1, 4, 2, 8, 3, 5}), called("b", {2, 8, 4, 16, 6, 10})});
  EXPECT_EQ(found[1].ratio, 2.0);
  EXPECT_EQ(found[1].ratio_ci95_low, 2.0) << "steadier than either";
  EXPECT_EQ(found[1].ratio_ci95_high, 2.0);
  EXPECT_EQ(found[1].relative_to, "a");
}

TEST(Ratios, AreNotThoseOfTheMedians) {
  const Summary found = summaries_of({called("a", {1, 1, 1, 2, 2, 2, 2}), called("b", {3, 3, 3, 2, 2, 2, 1})})[1];
  EXPECT_DOUBLE_EQ(found.ratio.value(), 1.0);
  EXPECT_DOUBLE_EQ(found.ratio_ci95_low.value(), 0.5);
  EXPECT_DOUBLE_EQ(found.ratio_ci95_high.value(), 3.0);
  EXPECT_TRUE(found.may_equal_baseline());
}

TEST(Ratios, AreNoneOfTheBaselineItself) {
  const Summary found = summaries_of({called("a", {1, 1, 1, 1, 1, 1}), called("b", {1, 1, 1, 1, 1, 1})})[0];
  EXPECT_FALSE(found.ratio);
  EXPECT_FALSE(found.ratio_ci95_low);
  EXPECT_FALSE(found.may_equal_baseline());
  EXPECT_EQ(found.relative_to, "");
}

TEST(Ratios, AreOfTheRoundsThatBothHave) {
  CaseResult late = called("late", {6, 6, 6});
  for (Sample& sample : late.samples) sample.round += 2;
  Summary found = summaries_of({called("a", {1, 1, 1, 2, 3, 9}), late})[1];
  EXPECT_DOUBLE_EQ(found.ratio.value(), 3) << "of 6, 3 and 2";
  EXPECT_FALSE(found.ratio_ci95_low) << "3 rounds are too few for 95 %";
  for (Sample& sample : late.samples) sample.round += 10;
  found = summaries_of({called("a", {1, 1, 1, 2, 3, 9}), late})[1];
  EXPECT_FALSE(found.ratio);
  EXPECT_EQ(found.relative_to, "");
}

TEST(Ratios, DoNotMindTheOrderOfSamplesNorRoundsInWhichNothingMoved) {
  CaseResult result = called("b", {2, 4, 6, 8});
  result.samples[1].bytes = 0;
  std::ranges::reverse(result.samples);
  EXPECT_DOUBLE_EQ(summaries_of({called("a", {1, 2, 3, 4}), result})[1].ratio.value(), 2);
  std::vector<CaseResult> cases{called("a", {1, 2, 3, 4}), result};
  std::ranges::reverse(cases[0].samples);
  EXPECT_DOUBLE_EQ(summaries_of(cases)[1].ratio.value(), 2);
}

TEST(Ratios, AreToTheCaseThatThePlanNames) {
  const std::vector<CaseResult> cases{called("a", {1}), called("b", {4})};
  const std::vector<Summary> found = summaries_of(cases, "b");
  EXPECT_EQ(found[0].relative_to, "b");
  EXPECT_DOUBLE_EQ(found[0].ratio.value(), 0.25);
  EXPECT_FALSE(found[1].ratio);
}

TEST(Baseline, IsTheFirstCaseWithAFigureThatMovesBytes) {
  Document document;
  EXPECT_EQ(baseline_of(document), nullptr);
  document.cases = {CaseResult{}, with_speeds({1}), with_speeds({1}), with_speeds({1})};
  document.cases[1].traits.moves_bytes = false;
  summarize(document);
  EXPECT_EQ(baseline_of(document), &document.cases[2]);
}

TEST(Baseline, IsTheCaseThatThePlanNamesOrNone) {
  Document document;
  document.cases = {called("a", {1}), called("b", {1}), CaseResult{}};
  document.cases[1].traits.moves_bytes = false;
  document.cases[2].name = "c";
  document.plan.baseline = "b";
  EXPECT_EQ(baseline_of(document), &document.cases[1]) << "also one that moves nothing";
  document.plan.baseline = "c";
  EXPECT_EQ(baseline_of(document), nullptr) << "no other in place of one that was skipped";
}

}  // namespace
}  // namespace pipebench
