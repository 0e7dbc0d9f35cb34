// --message: messages and their answers.
#include <gtest/gtest.h>

#include <csignal>
#include <numeric>

#include "engine/runner.hpp"
#include "pipebench/plan/rules.hpp"
#include "refusal.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

CaseSpec answered(CaseSpec spec, std::uint64_t message_bytes) {
  spec.message_bytes = spec.buffer_bytes = message_bytes;
  return spec;
}

bool can_answer(std::string_view writer) { return find_strategy(Role::writer, writer)->info.reuse != Reuse::on_return; }

std::uint64_t smallest_message(std::string_view writer) {
  return find_strategy(Role::writer, writer)->info.whole_pages ? page_sizes_here().base : 1;
}

class EveryPairAnswers : public testing::TestWithParam<Wait> {};

TEST_P(EveryPairAnswers, EachMessageOnce) {
  constexpr std::uint64_t messages = 5;  // of ends that spin, each may take a time slice of other work
  for (const auto& [writer, reader] : pairs(GetParam())) {
    if (!can_answer(writer)) continue;
    SCOPED_TRACE(testing::Message() << writer << '-' << reader);
    const std::uint64_t size = smallest_message(writer);
    const SampleOutcome outcome = take(answered(spec_of(writer, reader, GetParam()), size), bytes_of(messages * size));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_EQ(outcome.sample->bytes, messages * size) << "one way";
    const Percentiles& found = outcome.sample->round_trip;
    EXPECT_EQ(found.count, messages);
    EXPECT_GT(found.p50_ns.value(), 0);
    EXPECT_LE(*found.p50_ns, *found.max_ns);
    EXPECT_FALSE(outcome.sample->latency.count);
    EXPECT_EQ(outcome.sample->writer[Counter::calls].value(), messages);
  }
}

INSTANTIATE_TEST_SUITE_P(Waits, EveryPairAnswers,
                         testing::Values(Wait::block, Wait::poll, Wait::busy, Wait::busy_poll, Wait::credit),
                         name_of_wait);

TEST(PingPong, IsPlayedByProcessesAndSeveralStreams) {
  for (const Isolation isolation : {Isolation::threads, Isolation::processes}) {
    CaseSpec spec = answered(spec_of("write", "read"), 64);
    spec.isolation = isolation;
    spec.streams = 2;
    spec.further_placements.resize(1);
    const SampleOutcome outcome = take(spec, time_of(0.05));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_EQ(outcome.sample->round_trip.count, outcome.sample->counted_bytes / 64);
    EXPECT_EQ(outcome.sample->stream_bytes.size(), 2U);
  }
}

TEST(PingPong, MayHaveMessagesThatAreLargerThanThePipe) {
  for (const std::string_view writer : {"write", "vmsplice"}) {
    CaseSpec spec = answered(spec_of(writer, "read"), std::uint64_t{1} << 20U);
    const SampleOutcome outcome = take(spec, bytes_of(4 * spec.buffer_bytes));
    ASSERT_TRUE(outcome.sample.has_value()) << writer << ": " << outcome.failure;
    EXPECT_EQ(outcome.sample->round_trip.count, 4U);
  }
}

TEST(PingPong, AnswersTheRestThatIsNoWholeMessage) {
  const SampleOutcome outcome = take(answered(spec_of("write", "read"), 100), bytes_of(250));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.sample->bytes, 250U);
  EXPECT_EQ(outcome.sample->round_trip.count, 3U);
}

TEST(PingPong, EndsPromptlyWhenTheUserWantsIt) {
  for (const Wait wait : {Wait::block, Wait::busy}) {
    const std::atomic<int> interrupt{SIGINT};
    const SampleOutcome outcome =
        Sampler(topology(), interrupt).take(answered(spec_of("write", "read", wait), 64), time_of(endless), 0);
    EXPECT_TRUE(outcome.interrupted);
    EXPECT_EQ(outcome.failure, "");
  }
}

TEST(PingPong, FailsWithTheFirstOfItsEnds) {
  const std::atomic<int> never{0};
  const StrategyDescriptor faulty = faulty_strategy(Role::reader, make_end<Role::reader, FaultyEnd>);
  const CaseSpec spec = answered(spec_of("write", "faulty"), 64);
  const Sampling sampling = time_of(endless);
  Streams streams({*find_strategy(Role::writer, "write"), faulty}, spec, sampling);
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), never);
  EXPECT_TRUE(holds(run.failure, "The reader's teleport()"));
}

TEST(PingPong, BringsEachWayWhatWasSent) {
  const std::atomic<int> never{0};
  for (const auto& [writer, reader] : pairs()) {
    const CaseSpec spec = answered(spec_of(writer, reader), std::uint64_t{1} << 20U);
    const StrategyInfo& sends = find_strategy(Role::writer, writer)->info;
    const StrategyInfo& takes = find_strategy(Role::reader, reader)->info;
    const bool is_first = writer == "write" || reader == "read" || writer == reader;  // each once will do
    if (!is_first || !can_answer(writer) || !why_not_verified(sends, takes, spec).empty()) continue;
    SCOPED_TRACE(testing::Message() << writer << '-' << reader);
    const VerifyOutcome outcome = Sampler(topology(), never, 60).verify(spec, time_of(1), "");
    EXPECT_EQ(outcome.failure, "");
    EXPECT_EQ(outcome.verification.outcome, Outcome::intact) << outcome.verification.reason;
  }
}

}  // namespace
}  // namespace pipebench
