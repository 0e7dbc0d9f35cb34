// Both ends of a stream in one thread.
#include "engine/end_pair.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

#include "samples.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t kib = 1024;

CaseSpec spec_of_sizes(std::uint64_t buffer_bytes, std::uint64_t pipe_bytes) {
  CaseSpec spec = spec_of("write", "read", Wait::busy);
  spec.buffer_bytes = buffer_bytes;
  spec.pipe_bytes = pipe_bytes;
  return spec;
}

/// The reports of writer and reader.
std::array<EndReport, 2> run(const CaseSpec& spec, std::uint64_t bytes, const StrategyDescriptor& writer) {
  Stage stage(1, {.runners = 1});
  stage.warmup_bytes = 0;
  stage.measured_bytes = bytes;
  stage.streams()[0].measured.control.final_bytes = bytes;
  const Pipe pipe(*spec.pipe_bytes, true);
  EndPair pair(topology(), stage, {.strategy = writer, .spec = spec, .pipes = {pipe.write_fd()}},
               {.strategy = *find_strategy(Role::reader, "read"), .spec = spec, .pipes = {pipe.read_fd()}});
  std::jthread([&] { pair.run(); }).join();  // which takes a descriptor table of its own
  const std::vector<EndReport> reports = pair.take_reports();
  return {reports.at(0), reports.at(1)};
}

std::array<EndReport, 2> run(const CaseSpec& spec, std::uint64_t bytes) {
  return run(spec, bytes, *find_strategy(Role::writer, spec.writer));
}

TEST(BothEnds, MoveAllBytesAndReportThemselves) {
  for (const std::uint64_t pipe_bytes : {16 * kib, 64 * kib}) {
    const auto [writer, reader] = run(spec_of_sizes(64 * kib, pipe_bytes), 640 * kib + 5);
    EXPECT_EQ(writer.failure + reader.failure, "");
    EXPECT_EQ(writer.role, Role::writer);
    EXPECT_EQ(reader.role, Role::reader);
    EXPECT_EQ(writer.tally.bytes, 640 * kib + 5);
    EXPECT_EQ(reader.tally.bytes, 640 * kib + 5);
    EXPECT_GT(reader.tally.end_ns, reader.start_ns);
    EXPECT_FALSE(writer.counters[Counter::user_seconds]) << "they share a thread";
  }
}

TEST(BothEnds, ReportWhatTheirThreadUsedOnce) {
  const auto [writer, reader] = run(spec_of_sizes(64 * kib, 64 * kib), 64 * 1024 * kib);
  ASSERT_TRUE(writer.used);
  EXPECT_GT(writer.used->user_seconds + writer.used->system_seconds, 0);
  EXPECT_FALSE(reader.used);
}

TEST(BothEnds, TimeEachTurnThatMovedSomething) {
  const auto [writer, reader] = run(spec_of_sizes(64 * kib, 64 * kib), 640 * kib);
  ASSERT_TRUE(writer.turns && reader.turns);
  EXPECT_EQ(writer.turns->ps_per_page.count(), 10U);
  EXPECT_EQ(reader.turns->ps_per_page.count(), 10U);
  EXPECT_GT(reader.turns->ps_per_page.quantile(0.5), 0);
}

TEST(BothEnds, NeverTryACallThatWouldHaveToWait) {
  const auto [writer, reader] = run(spec_of_sizes(64 * kib, 16 * kib), 640 * kib);
  EXPECT_EQ(writer.counters[Counter::would_block], 0);
  EXPECT_EQ(reader.counters[Counter::would_block], 0);
  EXPECT_EQ(writer.turns->ps_per_page.count(), 40U) << "a turn is what the pipe holds";
  EXPECT_EQ(reader.turns->ps_per_page.count(), 40U);
}

TEST(TurnTimes, AreOf4KiB) {
  TurnTimes times;
  times.clock_ps = 500;
  times.add(80, 16 * kib);
  times.add(7, 0);
  EXPECT_EQ(times.ps_per_page.count(), 1U) << "a turn that moved nothing has no price";
  EXPECT_NEAR(times.ps_per_page.quantile(0.5), 19'875, 80);
}

TEST(BothEnds, EndWhenOneFails) {
  const StrategyDescriptor broken = faulty_strategy(Role::writer, make_end<Role::writer, FaultyEnd>);
  const auto [writer, reader] = run(spec_of_sizes(64 * kib, 64 * kib), 640 * kib, broken);
  EXPECT_EQ(writer.failure,
            "The writer's teleport() of up to 65536 bytes failed after 0 bytes: EINVAL (Invalid argument).");
  EXPECT_EQ(reader.tally.bytes, 0U);
}

}  // namespace
}  // namespace pipebench
