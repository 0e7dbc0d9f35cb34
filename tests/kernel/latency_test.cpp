// --latency on the real kernel. What must hold however slow the machine is: each 4 KiB counts once, and the pages in
// the pipe are those that it has room for.
#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/runner.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

CaseSpec timed(CaseSpec spec) {
  spec.latency = true;
  return spec;
}

void expect_sorted(const Percentiles& found) {
  ASSERT_TRUE(found.p50_ns && found.max_ns);
  EXPECT_GT(*found.max_ns, 0);
  EXPECT_LE(*found.p50_ns, *found.p90_ns);
  EXPECT_LE(*found.p90_ns, *found.p99_ns);
  EXPECT_LE(*found.p99_ns, *found.p999_ns);
  EXPECT_LE(*found.p999_ns, *found.max_ns);
  EXPECT_GT(found.clock_ns.value(), 0);
}

class EveryPairTimed : public testing::TestWithParam<Wait> {};

TEST_P(EveryPairTimed, CountsEach4KiBOnce) {
  constexpr std::uint64_t bytes = std::uint64_t{2} << 20U;
  for (const auto& [writer, reader] : pairs(GetParam())) {
    SCOPED_TRACE(testing::Message() << writer << '-' << reader);
    const SampleOutcome outcome = take(timed(spec_of(writer, reader, GetParam())), bytes_of(bytes));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_EQ(outcome.sample->latency.count, bytes / 4096);
    expect_sorted(outcome.sample->latency);
    EXPECT_LE(*outcome.sample->latency.max_ns, outcome.sample->seconds * 1e9 * 1.01);
    EXPECT_FALSE(outcome.sample->round_trip.count);
  }
}

INSTANTIATE_TEST_SUITE_P(Waits, EveryPairTimed,
                         testing::Values(Wait::block, Wait::poll, Wait::busy, Wait::busy_poll, Wait::credit),
                         name_of_wait);

TEST(Latency, IsMeasuredAcrossProcessesStripesAndStreams) {
  for (const Isolation isolation : {Isolation::threads, Isolation::processes}) {
    for (const std::uint32_t stripe : {1U, 3U}) {
      CaseSpec spec = timed(spec_of("vmsplice", "splice", Wait::credit));
      spec.isolation = isolation;
      spec.stripe = stripe;
      spec.streams = 2;
      spec.further_placements.resize(1);
      const SampleOutcome outcome = take(spec, time_of(0.05));
      ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
      // Of all that was moved, not only while both streams ran.
      EXPECT_EQ(outcome.sample->latency.count, outcome.sample->counted_bytes / 4096);
      expect_sorted(outcome.sample->latency);
    }
  }
}

TEST(Latency, IsNotMeasuredWhereNobodyAsks) {
  const SampleOutcome outcome = take(spec_of("write", "read"), bytes_of(1U << 20U));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_FALSE(outcome.sample->latency.count);
  EXPECT_FALSE(outcome.sample->latency.clock_ns);
}

// By Little's law, the mean of the times is what is in the pipe and in the calls of both ends, over the throughput; and
// half of all can take no longer than twice the mean.
TEST(Latency, IsNoLongerThanAFullPipeTakes) {
  for (const Wait wait : {Wait::block, Wait::busy}) {
    const CaseSpec spec = timed(spec_of("write", "read", wait));
    const SampleOutcome outcome = take(spec, bytes_of(std::uint64_t{64} << 20U));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    const auto under_way = static_cast<double>(*spec.pipe_bytes + 2 * spec.buffer_bytes);
    const double bytes_per_ns = static_cast<double>(outcome.sample->bytes) / (outcome.sample->seconds * 1e9);
    EXPECT_LE(*outcome.sample->latency.p50_ns, 2 * under_way / bytes_per_ns);
  }
}

/// A page at a time, and a pause before each.
class SlowRead {
 public:
  explicit SlowRead(const EndSetup& setup) : buffer_(reader_buffer(setup)) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    pause_briefly(pauses);
    return ::read(pipe.fd, buffer_.start(0), std::min<std::size_t>(limit, 4096));
  }
  [[nodiscard]] const std::byte* seen(std::uint64_t) const noexcept { return buffer_.start(0); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffer_; }

  static constexpr std::uint32_t pauses = 20;  // of 50 us

 private:
  BufferSet buffer_;
};

TEST(Latency, IsWhatASlowReaderMakesOfAFullPipe) {
  StrategyDescriptor slow = *find_strategy(Role::reader, "read");
  slow.make = make_end<Role::reader, SlowRead>;
  CaseSpec spec = timed(spec_of("write", "read"));
  spec.buffer_bytes = 4096;
  const Sampling sampling = bytes_of(200 * 4096);
  const std::atomic<int> never{0};
  Streams streams({*find_strategy(Role::writer, "write"), slow}, spec, sampling);
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), never);
  ASSERT_EQ(run.failure, "");
  const Percentiles found = percentiles_of(run.readers.at(0).latency.value());
  EXPECT_EQ(found.count, 200U);
  // A page waits for the 15 before it, a millisecond each, unless the writer did not get a CPU. Half of that will do.
  EXPECT_GE(*found.p50_ns, 7e6);
}

}  // namespace
}  // namespace pipebench
