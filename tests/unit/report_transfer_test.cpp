// Reports that go from one process to another.
#include "engine/report_transfer.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace pipebench {
namespace {

EndReport full_report() {
  EndReport report;
  report.stream = 3;
  report.role = Role::reader;
  report.tally.bytes = 77;
  report.tally.error = 5;
  report.start_ns = 42;
  report.tally.mismatch = Mismatch{.offset = 1, .expected = 2, .found = 3};
  report.counters[Counter::migrations] = 6;
  report.used = ThreadUsage{1.5};
  report.stacks.emplace();
  report.stacks->event = "cpu-clock";
  report.stacks->scope = EventScope::cpu;
  report.stacks->frequency_hz = 997;
  report.stacks->samples = {.samples = {{.addresses = {1, 2}, .is_user = true}, {.tag = 4}}, .lost = std::nullopt};
  report.stacks->obstacle = Finding{.figures = {"cycles"}, .what = "No PMU.", .mend = "reboot"};
  report.conditions.ns_per_add = 0.25;
  report.latency = ClockedTimes{.clock_ps = 7};
  report.latency->add(300, 2);
  report.pages = ObtainedPages::thp;
  report.in_file = true;
  report.nodes = {0, 2};
  report.failure = "It failed.";
  report.notes = {"", "a note"};
  report.misses = {"a miss"};
  return report;
}

TEST(Reports, ArriveWhole) {
  const std::vector<EndReport> sent{full_report(), EndReport{}};
  const std::vector<EndReport> arrived = unpack_reports(pack_reports(sent));
  ASSERT_EQ(arrived.size(), 2U);
  const EndReport& report = arrived[0];
  EXPECT_EQ(report.stream, 3U);
  EXPECT_EQ(report.role, Role::reader);
  EXPECT_EQ(report.tally.bytes, 77U);
  EXPECT_EQ(report.tally.mismatch->found, 3U);
  EXPECT_EQ(report.tally.error, 5);
  EXPECT_EQ(report.start_ns, 42U);
  EXPECT_EQ(report.counters[Counter::migrations], 6);
  EXPECT_FALSE(report.counters[Counter::cycles]);
  EXPECT_EQ(report.used->user_seconds, 1.5);
  EXPECT_FALSE(report.run_queue_seconds);
  EXPECT_EQ(report.stacks->event, "cpu-clock");
  EXPECT_EQ(report.stacks->scope, EventScope::cpu);
  EXPECT_EQ(report.stacks->frequency_hz, 997U);
  EXPECT_EQ(report.stacks->samples.samples, sent[0].stacks->samples.samples);
  EXPECT_FALSE(report.stacks->samples.lost);
  EXPECT_EQ(report.stacks->obstacle->figures, std::vector<std::string>{"cycles"});
  EXPECT_EQ(report.stacks->obstacle->mend, "reboot");
  EXPECT_EQ(report.conditions.ns_per_add, 0.25);
  EXPECT_EQ(report.latency->clock_ps, 7U);
  EXPECT_EQ(report.latency->ps.count(), 2U);
  EXPECT_EQ(report.latency->ps.quantile(1), sent[0].latency->ps.quantile(1));
  EXPECT_FALSE(report.round_trip);
  EXPECT_EQ(report.pages, ObtainedPages::thp);
  EXPECT_TRUE(report.in_file);
  EXPECT_EQ(report.nodes, (std::vector{0, 2}));
  EXPECT_EQ(report.failure, "It failed.");
  EXPECT_EQ(report.notes, (std::vector<std::string>{"", "a note"}));
  EXPECT_EQ(report.misses, std::vector<std::string>{"a miss"});
  EXPECT_FALSE(arrived[1].stacks);
}

TEST(Reports, ThatAreCutAreRefused) {
  const std::string whole = pack_reports(std::vector{full_report()});
  // A histogram is long.
  for (std::size_t size = 0; size < whole.size(); size += size < 2048 ? 1 : 997)
    EXPECT_THROW((void)unpack_reports(std::string_view(whole).substr(0, size)), std::runtime_error) << size;
}

}  // namespace
}  // namespace pipebench
