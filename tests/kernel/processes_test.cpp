// Ends in processes of their own: they do as threads do, and one that dies fails its case and leaves nothing.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include "engine/process_runner.hpp"
#include "engine/runner.hpp"
#include "engine/single_end.hpp"
#include "refusal.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

CaseSpec apart(CaseSpec spec) {
  spec.isolation = Isolation::processes;
  return spec;
}

void expect_no_child() {
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left, or a zombie";
  EXPECT_EQ(errno, ECHILD);
}

class EveryPairOfProcesses : public testing::TestWithParam<Wait> {};

TEST_P(EveryPairOfProcesses, MovesExactlyTheBytesThatWereAskedFor) {
  constexpr std::uint64_t bytes = std::uint64_t{1} << 20U;
  for (const auto& [writer, reader] : pairs(GetParam())) {
    SCOPED_TRACE(testing::Message() << writer << '-' << reader << ' ' << name_of(GetParam()));
    const SampleOutcome outcome = take(apart(spec_of(writer, reader, GetParam())), bytes_of(bytes));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_EQ(outcome.sample->bytes, bytes);
    EXPECT_GT(outcome.sample->seconds, 0);
    for (const EndCounters* end : {&outcome.sample->writer, &outcome.sample->reader}) {
      EXPECT_GE((*end)[Counter::calls].value(), 1);
      EXPECT_TRUE((*end)[Counter::minor_faults]) << "of the child";
    }
  }
  expect_no_child();
}

INSTANTIATE_TEST_SUITE_P(Waits, EveryPairOfProcesses,
                         testing::Values(Wait::block, Wait::poll, Wait::busy, Wait::credit), name_of_wait);

TEST(Processes, LastAsLongAsTheyWereAskedTo) {
  CaseSpec spec = apart(spec_of("vmsplice", "read"));
  spec.streams = 2;
  spec.further_placements.resize(1);
  const SampleOutcome outcome = take(spec, time_of(0.02));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.sample->stream_bytes.size(), 2U);
  EXPECT_GT(outcome.sample->bytes, 0U);
  expect_no_child();
}

TEST(Processes, ReportWhatTheirBuffersAreMadeOf) {
  const SampleOutcome threads = take(spec_of("vmsplice", "read"), bytes_of(1U << 20U));
  const SampleOutcome processes = take(apart(spec_of("vmsplice", "read")), bytes_of(1U << 20U));
  EXPECT_EQ(processes.obtained.pages, threads.obtained.pages);
  EXPECT_EQ(processes.obtained.writer_nodes, threads.obtained.writer_nodes);
}

TEST(Processes, MeasureTheHandOverBetweenThem) {
  Topology const& machine = topology();
  std::vector<int> cpus;
  for (const Cpu& cpu : machine.machine().cpus) {
    if (cpu.allowed) cpus.push_back(cpu.os);
  }
  if (cpus.size() < 2) GTEST_SKIP() << "there is one CPU";
  CaseSpec spec = apart(spec_of("write", "read"));
  spec.placement.writer_cpu = cpus[0];
  spec.placement.reader_cpu = cpus[1];
  // Empty when other work had one of the CPUs.
  for (int trial = 0; trial < 50; ++trial) {
    const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_TRUE(outcome.sample->conditions.writer_ns_per_add);
    EXPECT_TRUE(outcome.sample->conditions.reader_ns_per_add);
    if (outcome.sample->conditions.handover_ns_before) return;
  }
  ADD_FAILURE() << "no hand-over was measured";
}

TEST(Processes, EndPromptlyWhenTheUserWantsIt) {
  for (const Wait wait : {Wait::block, Wait::busy}) {
    const std::atomic<int> interrupt{SIGINT};
    const SampleOutcome outcome =
        Sampler(topology(), interrupt).take(apart(spec_of("write", "read", wait)), time_of(endless), 0);
    EXPECT_TRUE(outcome.interrupted);
    EXPECT_EQ(outcome.failure, "");
  }
  expect_no_child();
}

// --- Ends that die, or do not move.

enum class Fate { killed, crashes, exits, sleeps, stops };

template <Fate fate>
class Doomed : public FaultyEnd {
 public:
  using FaultyEnd::FaultyEnd;
  static ssize_t step(PipeEnd, Piece) noexcept { return meet_fate(); }
  static ssize_t step(PipeEnd, std::size_t) noexcept { return meet_fate(); }

 private:
  static ssize_t meet_fate() noexcept {
    if (fate == Fate::killed) ::raise(SIGKILL);
    if (fate == Fate::exits) ::_exit(7);
    if (fate == Fate::stops) ::raise(SIGSTOP);
    if (fate == Fate::crashes) {
      ::signal(SIGSEGV, SIG_DFL);  // not what a sanitizer makes of it
      ::raise(SIGSEGV);
    }
    ::pause();  // until it is kicked
    return -1;
  }
};

/// The failures of writer and reader, and of the run.
std::array<std::string, 3> failures_of(const StrategyDescriptor& writer, const StrategyDescriptor& reader,
                                       double timeout_seconds = patience_seconds) {
  const std::atomic<int> interrupt{0};
  const CaseSpec spec = apart(spec_of("doomed", "doomed"));
  Sampling sampling = time_of(endless);
  sampling.timeout_seconds = timeout_seconds;
  Streams streams({writer, reader}, spec, sampling);
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), interrupt);
  expect_no_child();
  return {run.writers.at(0).failure, run.readers.at(0).failure, run.failure};
}

template <Fate fate>
std::array<std::string, 3> failures_of_writer(double timeout_seconds = patience_seconds) {
  return failures_of(faulty_strategy(Role::writer, make_end<Role::writer, Doomed<fate>>),
                     *find_strategy(Role::reader, "read"), timeout_seconds);
}

TEST(DyingProcess, IsNamedWithItsSignalAndFreesTheOther) {
  const std::string killed = "The writer's process was ended by signal 9 (Killed).";
  EXPECT_EQ(failures_of_writer<Fate::killed>(), (std::array{killed, std::string(), killed}));
  const std::string crashed = "The writer's process was ended by signal 11 (Segmentation fault).";
  EXPECT_EQ(failures_of_writer<Fate::crashes>(), (std::array{crashed, std::string(), crashed}));
}

TEST(DyingProcess, MayBeTheReader) {
  const std::string killed = "The reader's process was ended by signal 9 (Killed).";
  EXPECT_EQ(failures_of(*find_strategy(Role::writer, "write"),
                        faulty_strategy(Role::reader, make_end<Role::reader, Doomed<Fate::killed>>)),
            (std::array{std::string(), killed, killed}));
}

TEST(DyingProcess, MayExit) { EXPECT_TRUE(holds(failures_of_writer<Fate::exits>()[2], "exited with 7")); }

std::unique_ptr<End> die_instead(const EndSetup&) {
  ::raise(SIGKILL);
  return nullptr;
}

TEST(DyingProcess, MayDieBeforeTheStart) {
  EXPECT_TRUE(holds(failures_of(faulty_strategy(Role::writer, die_instead), *find_strategy(Role::reader, "read"))[2],
                    "The writer's process was ended by signal 9"));
}

TEST(FailingProcess, NamesTheCallAsAThreadDoes) {
  EXPECT_EQ(failures_of(faulty_strategy(Role::writer, make_end<Role::writer, FaultyEnd>),
                        *find_strategy(Role::reader, "read"))[2],
            "The writer's teleport() of up to 65536 bytes failed after 0 bytes: EINVAL (Invalid argument).");
}

TEST(StalledProcess, IsEndedAndReported) {
  EXPECT_TRUE(holds(failures_of_writer<Fate::sleeps>(0.2)[2], "Nothing moved for 200ms (--timeout)"));
}

TEST(StoppedProcess, IsKilledWhenItCannotBeWoken) {
  const CaseSpec spec = apart(spec_of("doomed", "read"));
  const StrategyDescriptor stops = faulty_strategy(Role::writer, make_end<Role::writer, Doomed<Fate::stops>>);
  const Pipe pipe(*spec.pipe_bytes, false);
  Stage stage(1, {.readers = 0});
  stage.warmup_bytes = 0;
  const EndTask task{.strategy = stops, .spec = spec, .pipes = {pipe.write_fd()}};
  ProcessRunner runner(stage, std::make_unique<SingleEnd>(topology(), stage, task), 1'000'000);
  runner.start();
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_ALL, 0, &info, WSTOPPED), 0);
  stage.abandon();
  while (!runner.done()) {
    runner.kick();
    stage.await_all_done(1'000'000);
  }
  EXPECT_TRUE(runner.is_lost());
  EXPECT_TRUE(holds(runner.take_reports().at(0).failure, "The writer's process could not be woken, and was killed"));
  expect_no_child();
}

TEST(ProcessRunner, LeavesNoChildWhenItIsDestroyed) {
  const CaseSpec spec = apart(spec_of("write", "read"));
  const Pipe pipe(*spec.pipe_bytes, false);
  Stage stage(1, {.readers = 0});
  const EndTask task{.strategy = *find_strategy(Role::writer, "write"), .spec = spec, .pipes = {pipe.write_fd()}};
  {
    ProcessRunner runner(stage, std::make_unique<SingleEnd>(topology(), stage, task));
    EXPECT_FALSE(runner.done());
    runner.start();
    EXPECT_FALSE(runner.is_lost());
  }
  expect_no_child();
}

TEST(ProcessRunner, LeavesNoDescriptorBehind) {
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator{});
  };
  (void)take(apart(spec_of("splice", "relay")), bytes_of(1U << 20U));
  const auto before = descriptors();
  (void)take(apart(spec_of("splice", "relay")), bytes_of(1U << 20U));
  EXPECT_EQ(descriptors(), before);
}

}  // namespace
}  // namespace pipebench
