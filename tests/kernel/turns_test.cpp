// Every pair that can be planned works with both ends in one thread.
#include <gtest/gtest.h>

#include <map>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "pipebench/plan/plan.hpp"
#include "pipebench/system/usage.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t buffer_bytes = 128U << 10U;
using Options = std::map<std::string, std::string>;

std::vector<CaseResult> cases_of(Options options) {
  static const Catalog catalog = probe_catalog();
  static const Machine machine = topology().machine();
  options.insert({{"isolation", "none"}, {"buffer-size", "128K"}});
  Group group{.name = "s", .axes = {}, .sampling = bytes_of(12 * buffer_bytes)};
  for (const auto& [name, text] : options) group.axes[name] = {{.text = text, .origin = "--" + name}};
  const Plan plan({group}, {.catalog = catalog, .machine = machine, .oversubscribe = true});
  std::vector<CaseResult> cases;
  for (std::size_t i = 0; i < plan.size(); ++i) cases.push_back(plan.at(i));
  return cases;
}

void expect_prices(const CaseResult& result, std::uint64_t turns) {
  SCOPED_TRACE(result.name);
  const SampleOutcome outcome = take(result.spec, result.sampling);
  EXPECT_EQ(outcome.failure, "");
  if (!outcome.sample) return;
  const Sample& sample = *outcome.sample;
  EXPECT_EQ(sample.bytes, 12 * buffer_bytes);
  EXPECT_TRUE(sample.clock_ns);
  for (const Turns& of_end : {sample.writer_turns, sample.reader_turns}) {
    EXPECT_EQ(of_end.count, turns);
    EXPECT_LE(of_end.min_ns_per_page, of_end.q1_ns_per_page);
    EXPECT_LE(of_end.q1_ns_per_page, of_end.median_ns_per_page);
    EXPECT_LE(of_end.median_ns_per_page, of_end.q3_ns_per_page);
  }
  for (const EndCounters& end : {sample.writer, sample.reader}) {
    EXPECT_EQ(end[Counter::would_block], 0) << "a call that fails has its price, too";
    EXPECT_FALSE(end[Counter::system_seconds]) << "whose they are is not known";
    EXPECT_FALSE(end[Counter::involuntary_switches]);
  }
  EXPECT_TRUE(sample.both_ends_seconds);
  EXPECT_TRUE(sample.conditions.involuntary_switches);
  EXPECT_EQ(sample.conditions.run_queue_seconds.has_value(), RunQueueClock().read_ns().has_value());
}

void expect_all_work(const Options& options, std::uint64_t turns) {
  std::size_t planned = 0;
  for (const CaseResult& result : cases_of(options)) {
    if (result.status != Status::planned) continue;
    ++planned;
    expect_prices(result, turns);
  }
  EXPECT_GT(planned, 0U);
}

TEST(Turns, WorkForEveryPair) {
  for (const CaseResult& result : cases_of({{"writer", "all"}, {"reader", "all"}})) {
    const bool is_pair = result.obstacle != ObstacleKind::unpaired && result.obstacle != ObstacleKind::unavailable;
    EXPECT_EQ(result.status, is_pair ? Status::planned : Status::skipped) << result.name << ": " << result.reason;
    if (is_pair) expect_prices(result, 12);
  }
}

TEST(Turns, AreWhatThePipeHolds) { expect_all_work({{"writer", "all"}, {"reader", "all"}, {"pipe-size", "32K"}}, 48); }

TEST(Turns, GoRoundTheStripes) {
  expect_all_work({{"writer", "write,vmsplice,recycle,splice"}, {"reader", "all"}, {"stripe", "3"}}, 12);
}

TEST(Turns, HaveNewBytesThatAreLookedAt) {
  expect_all_work({{"writer", "all"}, {"reader", "all"}, {"payload", "fresh"}, {"consume", "checksum"}}, 12);
}

TEST(Turns, OfHugePagesAndOfPagesOfSockets) {
  expect_all_work({{"writer", "vmsplice,splice"}, {"reader", "read,splice"}, {"pages", "thp"}}, 12);
  expect_all_work({{"writer", "tee,recycle"}, {"reader", "splice,read,recycle"}, {"pages", "skb"}}, 12);
}

TEST(Turns, OfSeveralStreamsAreCountedTogether) {
  CaseResult result = cases_of({{"writer", "write"}, {"reader", "read"}, {"cpus", "any"}, {"streams", "2"}}).at(0);
  result.sampling = time_of(0.02);
  const SampleOutcome outcome = take(result.spec, result.sampling);
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_GE(outcome.sample->reader_turns.count.value() * buffer_bytes, outcome.sample->bytes);
}

// Of null, most turns take no longer than reading the clock, or a moment more.
TEST(Turns, HaveNoPriceOf0) {
  const SampleOutcome outcome = take(cases_of({{"writer", "null"}, {"reader", "null"}}).at(0).spec, time_of(0.02));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  bool lacks_price = false;
  for (const Turns& turns : {outcome.sample->writer_turns, outcome.sample->reader_turns}) {
    EXPECT_GT(turns.median_ns_per_page.value_or(1), 0);
    lacks_price = lacks_price || !turns.median_ns_per_page;
  }
  EXPECT_EQ(lacks_price, !outcome.notes.empty());
}

TEST(Turns, OfThreadsAreNotTimed) {
  const SampleOutcome outcome = take(spec_of("write", "read", Wait::poll), bytes_of(buffer_bytes));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_FALSE(outcome.sample->writer_turns.count);
  EXPECT_FALSE(outcome.sample->clock_ns);
  EXPECT_FALSE(outcome.sample->both_ends_seconds) << "each has its own";
}

CaseSpec write_and_read() { return cases_of({{"writer", "write"}, {"reader", "read"}}).at(0).spec; }

TEST(Turns, HaveTheCpuTimeOfBothEnds) {
  Sampling sampling = bytes_of(512 * buffer_bytes);
  const double before = cpu_seconds_of_this_process();
  const SampleOutcome outcome = take(write_and_read(), sampling);
  const double all = cpu_seconds_of_this_process() - before;
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_GT(outcome.sample->both_ends_seconds.value_or(0), 0);
  EXPECT_LT(outcome.sample->both_ends_seconds.value_or(all), all);
  EXPECT_LE(outcome.sample->both_ends_system_seconds.value_or(all), *outcome.sample->both_ends_seconds);
  sampling.counters = false;
  EXPECT_FALSE(take(write_and_read(), sampling).sample.value().both_ends_seconds);
  sampling.profile_hz = 100;
  EXPECT_TRUE(take(write_and_read(), sampling).sample.value().both_ends_system_seconds) << "shares are of it";
}

TEST(Turns, CountHowOftenTheirThreadLostItsCpu) {
  const CaseSpec spec = write_and_read();
  const std::jthread hog([&](const std::stop_token& stop) {
    topology().pin_this_thread(*spec.placement.writer_cpu);
    while (!stop.stop_requested()) continue;
  });
  double switches = 0;
  for (const std::uint64_t start = monotonic_ns(); switches == 0 && seconds_since(start) < patience_seconds;)
    switches = take(spec, time_of(0.05)).sample.value().conditions.involuntary_switches.value_or(0);
  EXPECT_GT(switches, 0);
}

}  // namespace
}  // namespace pipebench
