// Ends that fail: the sample says which call it was, and frees the other end.
#include <gtest/gtest.h>

#include <array>

#include "engine/runner.hpp"
#include "refusal.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

/// Runs two ends as a sample does; the reports of writer and reader.
std::array<EndReport, 2> run_ends(const StrategyDescriptor& writer, const StrategyDescriptor& reader) {
  const std::atomic<int> interrupt{0};
  const CaseSpec spec = spec_of("faulty", "faulty");
  const Sampling sampling = time_of(endless);
  Streams streams({writer, reader}, spec, sampling);
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), interrupt);
  return {run.writers.at(0), run.readers.at(0)};
}

TEST(FailingEnd, NamesTheCallItsSizeAndErrnoAndFreesTheOther) {
  const auto [writer, reader] =
      run_ends(faulty_strategy(Role::writer, make_end<Role::writer, FaultyEnd>), *find_strategy(Role::reader, "read"));
  EXPECT_EQ(writer.failure,
            "The writer's teleport() of up to 65536 bytes failed after 0 bytes: EINVAL (Invalid argument).");
  EXPECT_EQ(reader.failure, "");
}

TEST(FailingEnd, MayBeTheReader) {
  const auto [writer, reader] =
      run_ends(*find_strategy(Role::writer, "write"), faulty_strategy(Role::reader, make_end<Role::reader, FaultyEnd>));
  EXPECT_EQ(reader.failure,
            "The reader's teleport() of up to 65536 bytes failed after 0 bytes: EINVAL (Invalid argument).");
  EXPECT_EQ(writer.failure, "");
}

TEST(FailingEnd, SaysThatThePipeEnded) {
  const auto [writer, reader] =
      run_ends(*find_strategy(Role::writer, "write"), faulty_strategy(Role::reader, make_end<Role::reader, EndsEarly>));
  EXPECT_EQ(reader.failure, "The reader's teleport() returned 0 after 0 bytes, before the end.");
}

TEST(FailingEnd, MayFailBeforeTheStart) {
  const auto [writer, reader] =
      run_ends(faulty_strategy(Role::writer, throw_instead), *find_strategy(Role::reader, "read"));
  EXPECT_TRUE(holds(writer.failure, "teleport(pipe, 7) failed: ENOSYS"));
  EXPECT_EQ(reader.failure, "");
}

}  // namespace
}  // namespace pipebench
