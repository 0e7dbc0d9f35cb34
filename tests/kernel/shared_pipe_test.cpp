// Several threads at an end of one pipe: all bytes arrive, all ends end, and the shares add up.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <numeric>

#include "engine/runner.hpp"
#include "refusal.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

struct Ends {
  std::uint32_t writers;
  std::uint32_t readers;
};

CaseSpec shared(CaseSpec spec, Ends ends) {
  spec.writer_threads = ends.writers;
  spec.reader_threads = ends.readers;
  spec.further_placements.resize(spec.streams * spec.pairs_of_stream() - 1);
  return spec;
}

std::uint64_t sum(const std::vector<std::uint64_t>& bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
}

void expect_shares(const Sample& sample, const CaseSpec& spec) {
  const auto threads = [&](std::uint32_t of_end) { return of_end > 1 ? of_end * spec.streams : 0; };
  EXPECT_EQ(sample.writer_thread_bytes.size(), threads(spec.writer_threads));
  EXPECT_EQ(sample.reader_thread_bytes.size(), threads(spec.reader_threads));
  EXPECT_GT(sample.bytes, 0U);
  EXPECT_LE(sample.bytes, sample.counted_bytes);
  EXPECT_TRUE(spec.reader_threads == 1 || sum(sample.reader_thread_bytes) == sample.bytes);
  if (spec.writer_threads < 2) return;
  // What is in the pipes, or on its way into them or out of them, was counted at one end alone.
  const std::uint64_t held = spec.streams * (*spec.pipe_bytes + (spec.writer_threads + spec.reader_threads) *
                                                                    std::uint64_t{spec.buffer_bytes});
  EXPECT_LE(sum(sample.writer_thread_bytes), sample.bytes + held);
  EXPECT_LE(sample.bytes, sum(sample.writer_thread_bytes) + held);
}

bool is_possible(std::string_view writer) {
  const StrategyInfo& info = find_strategy(Role::writer, writer)->info;
  return info.reuse != Reuse::on_return && info.transport != Transport::shared_memory;
}

class SharedPipe : public testing::TestWithParam<Wait> {};

TEST_P(SharedPipe, IsMeasuredWhileAllThreadsOfEveryPairRun) {
  for (const auto& [writer, reader] : pairs()) {
    if (!is_possible(writer)) continue;
    SCOPED_TRACE(testing::Message() << writer << '-' << reader);
    const CaseSpec spec = shared(spec_of(writer, reader, GetParam()), {2, 3});
    const SampleOutcome outcome = take_while_all_run(spec);
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    expect_shares(*outcome.sample, spec);
  }
}

TEST_P(SharedPipe, BringsAllBytesThatWereAskedFor) {
  constexpr std::uint64_t bytes = (std::uint64_t{4} << 20U) + 4096;
  for (const Ends ends : {Ends{3, 1}, Ends{1, 4}, Ends{5, 10}}) {
    for (const Isolation isolation : {Isolation::threads, Isolation::processes}) {
      SCOPED_TRACE(testing::Message() << ends.writers << " x " << ends.readers << ' ' << name_of(isolation));
      CaseSpec spec = shared(spec_of("vmsplice", "read", GetParam()), ends);
      spec.isolation = isolation;
      const std::atomic<int> never{0};
      const Sampling sampling = bytes_of(bytes);
      Streams streams(strategies_of(spec), spec, sampling);
      const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), never);
      EXPECT_EQ(run.failure, "");
      std::uint64_t sent = 0;
      std::uint64_t taken = 0;
      for (const EndReport& writer : run.writers) sent += writer.tally.bytes;
      for (const EndReport& reader : run.readers) taken += reader.tally.bytes;
      EXPECT_EQ(sent, bytes);
      EXPECT_EQ(taken, bytes);
    }
  }
}

TEST_P(SharedPipe, EndsPromptlyWhenTheUserWantsIt) {
  const std::atomic<int> interrupt{SIGINT};
  const CaseSpec spec = shared(spec_of("write", "read", GetParam()), {3, 3});
  const SampleOutcome outcome = Sampler(topology(), interrupt).take(spec, time_of(endless), 0);
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_EQ(outcome.failure, "");
}

INSTANTIATE_TEST_SUITE_P(Waits, SharedPipe, every_wait, name_of_wait);

// The sweep of the kernel's own test of pipes.
TEST(SharedPipes, HaveAnyNumberOfThreads) {
  for (const std::uint32_t writers : {1U, 2U, 5U}) {
    for (const std::uint32_t readers : {1U, 5U, 10U}) {
      SCOPED_TRACE(testing::Message() << writers << " x " << readers);
      const CaseSpec spec = shared(spec_of("write", "read"), {writers, readers});
      const SampleOutcome outcome = take_while_all_run(spec);
      ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
      expect_shares(*outcome.sample, spec);
    }
  }
}

TEST(SharedPipes, MayBeOfSeveralStreamsAndOfProcesses) {
  for (const Isolation isolation : {Isolation::threads, Isolation::processes}) {
    CaseSpec spec = spec_of("splice", "splice", Wait::busy);
    spec.streams = 2;
    spec = shared(spec, {2, 2});
    spec.isolation = isolation;
    const SampleOutcome outcome = take_while_all_run(spec);
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    expect_shares(*outcome.sample, spec);
    EXPECT_EQ(sum(outcome.sample->stream_bytes), outcome.sample->bytes);
  }
}

TEST(SharedPipes, FailWithTheFirstOfTheirEnds) {
  const std::atomic<int> never{0};
  const CaseSpec spec = shared(spec_of("write", "faulty"), {2, 3});
  const Sampling sampling = time_of(endless);
  const StrategyDescriptor faulty = faulty_strategy(Role::reader, make_end<Role::reader, FaultyEnd>);
  std::vector<StreamPipes> pipes;
  const Strategies strategies{*find_strategy(Role::writer, "write"), faulty};
  std::vector<std::string> notes;
  pipes.push_back(make_pipes(strategies, spec, {}, notes));
  Streams streams(strategies, sampling, std::move(pipes), {.writers = 2, .readers = 3});
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), never);
  EXPECT_TRUE(holds(run.failure, "The reader's teleport()"));
}

}  // namespace
}  // namespace pipebench
