// Ends that are run over pipes of somebody else.
#include "engine/runner.hpp"

#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "engine/single_end.hpp"
#include "engine/thread_runner.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t page = 4096;

const std::atomic<int> never{0};

TEST(Streams, RunOverThePipesThatTheyAreGiven) {
  const CaseSpec spec = spec_of("write", "read");
  const Sampling sampling{.bytes = 64 * page, .warmup_seconds = 0};
  std::vector<StreamPipes> pipes(1);
  pipes[0].pipes.emplace_back(32 * page, false);
  const std::vector<char> foreign(page, 'x');
  ASSERT_EQ(::write(pipes[0].pipes[0].write_fd(), foreign.data(), page), static_cast<ssize_t>(page));
  Streams streams(strategies_of(spec), sampling, std::move(pipes));
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), never);
  EXPECT_EQ(run.failure, "");
  int left = 0;
  ASSERT_EQ(::ioctl(streams.pipes[0].pipes[0].read_fd(), FIONREAD, &left), 0);
  ASSERT_EQ(run.readers.size(), 1U);
  EXPECT_EQ(run.readers[0].tally.bytes + static_cast<std::uint64_t>(left), 65 * page) << "with the page of before";
}

TEST(Ends, NeedNoWriterOfOurs) {
  constexpr std::uint64_t bytes = 64 * page;
  const CaseSpec spec = spec_of("write", "read");
  const Sampling sampling{.bytes = bytes, .warmup_seconds = 0};
  Stage stage(1, {.writers = 0});
  stage.warmup_bytes = 0;
  stage.streams()[0].measured.control.final_bytes = bytes;
  const Pipe pipe(*spec.pipe_bytes, false);
  const std::jthread program([&] {
    const std::vector<char> data(page);
    for (std::uint64_t sent = 0; sent < bytes; sent += page)
      EXPECT_EQ(::write(pipe.write_fd(), data.data(), page), static_cast<ssize_t>(page));
  });
  const EndTask reader{.strategy = *find_strategy(Role::reader, "read"), .spec = spec, .pipes = {pipe.read_fd()}};
  const pipebench::Run run = run_ends(stage, {reader}, topology(), {.sampling = sampling, .interrupt = never});
  EXPECT_EQ(run.failure, "");
  EXPECT_TRUE(run.writers.empty());
  ASSERT_EQ(run.readers.size(), 1U);
  EXPECT_EQ(run.readers[0].tally.bytes, bytes);
}

TEST(Ends, CanBeSeveralWritersOfOnePipe) {
  for (const Wait wait : {Wait::block, Wait::busy}) {
    const CaseSpec spec = spec_of("write", "read", wait);
    const Sampling sampling = time_of(0.02);
    Stage stage(1, {.writers = 2});
    const Pipe pipe(*spec.pipe_bytes, wait != Wait::block);
    const EndTask first{
        .strategy = *find_strategy(Role::writer, spec.writer), .spec = spec, .pipes = {pipe.write_fd()}};
    EndTask second = first;
    second.index = 1;
    const EndTask reader{
        .strategy = *find_strategy(Role::reader, spec.reader), .spec = spec, .pipes = {pipe.read_fd()}};
    const pipebench::Run run =
        run_ends(stage, {first, second, reader}, topology(), {.sampling = sampling, .interrupt = never});
    EXPECT_EQ(run.failure, "");
    ASSERT_EQ(run.writers.size(), 2U);
    ASSERT_EQ(run.readers.size(), 1U);
    const std::uint64_t sent[] = {run.writers[0].tally.bytes, run.writers[1].tally.bytes};
    EXPECT_GT(sent[0], 0U);
    EXPECT_GT(sent[1], 0U);
    EXPECT_EQ(run.readers[0].tally.bytes, sent[0] + sent[1]) << "the reader goes on until both have ended";
    EXPECT_EQ(stage.moved(0, 2, Role::writer), sent[0] + sent[1]);
  }
}

TEST(Runners, DoNothingBeforeTheyAreStarted) {
  const CaseSpec spec = spec_of("write", "read");
  const Pipe pipe(*spec.pipe_bytes, false);
  Stage stage(1, {.readers = 0});
  stage.warmup_bytes = 0;
  stage.measured_bytes = page;
  const EndTask task{.strategy = *find_strategy(Role::writer, spec.writer), .spec = spec, .pipes = {pipe.write_fd()}};
  { const ThreadRunner idle(stage, std::make_unique<SingleEnd>(topology(), stage, task)); }
  EXPECT_EQ(stage.share().runners_done, 0U);
  ThreadRunner runner(stage, std::make_unique<SingleEnd>(topology(), stage, task));
  runner.start();
  while (!runner.done()) stage.await_all_done(1'000'000'000);
  EXPECT_EQ(runner.take_reports().at(0).tally.bytes, page);
}

TEST(Ends, ReportTheirStreamAndRole) {
  CaseSpec spec = spec_of("write", "read");
  spec.streams = 2;
  spec.further_placements.resize(1);
  const Sampling sampling{.bytes = 64 * page, .warmup_seconds = 0};
  Streams streams(strategies_of(spec), spec, sampling);
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), never);
  ASSERT_EQ(run.writers.size(), 2U);
  ASSERT_EQ(run.readers.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(run.writers[i].stream, i);
    EXPECT_EQ(run.writers[i].role, Role::writer);
    EXPECT_EQ(run.readers[i].stream, i);
    EXPECT_EQ(run.readers[i].role, Role::reader);
  }
}

}  // namespace
}  // namespace pipebench
