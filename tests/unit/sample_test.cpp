// Samples on the real kernel. What they last is bounded generously: a machine may be busy, and its clock not its own.
#include "pipebench/engine/sample.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

#include "engine/end_thread.hpp"
#include "engine/kick.hpp"
#include "engine/memory_check.hpp"
#include "engine/runner.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/plan/rules.hpp"
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/system/huge_pages.hpp"
#include "pipebench/system/pipe.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr double endless = 3600;         // seconds: only something else ends the sample
constexpr double patience_seconds = 60;  // what must be prompt may take this long on a bad day

const Topology& topology() {
  static const Topology machine = Topology::of_this_machine();
  return machine;
}

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

CaseSpec spec_of(std::string_view writer, std::string_view reader, Wait wait = Wait::block) {
  CaseSpec spec;
  spec.writer = writer;
  spec.reader = reader;
  spec.wait = wait;
  spec.buffer_bytes = 65536;
  spec.buffers = 2;
  spec.pipe_bytes = 65536;
  return spec;
}

Sampling bytes_of(std::uint64_t bytes) {
  Sampling sampling;
  sampling.bytes = bytes;
  sampling.warmup_seconds = 0;
  sampling.timeout_seconds = patience_seconds;
  return sampling;
}

Sampling time_of(double seconds) {
  Sampling sampling;
  sampling.time_seconds = seconds;
  sampling.warmup_seconds = 0.005;
  sampling.timeout_seconds = patience_seconds;
  return sampling;
}

SampleOutcome take(const CaseSpec& spec, const Sampling& sampling) {
  static const std::atomic<int> never{0};
  return Sampler(topology(), never).take(spec, sampling, 3);
}

double seconds_since(std::uint64_t start_ns) { return static_cast<double>(monotonic_ns() - start_ns) * 1e-9; }

/// Every pair that moves bytes and runs here.
std::vector<std::pair<std::string_view, std::string_view>> pairs() {
  static const Catalog catalog = probe_catalog();
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (const StrategyInfo& writer : catalog.writers) {
    for (const StrategyInfo& reader : catalog.readers) {
      if (writer.moves_bytes && why_not_paired(writer, reader).empty()) pairs.emplace_back(writer.name, reader.name);
    }
  }
  return pairs;
}

void expect_consistent(const EndCounters& end, const Sample& sample, const CaseSpec& spec) {
  const auto value = [&](Counter counter) { return end[counter].value(); };
  EXPECT_GT(value(Counter::calls), 0);
  EXPECT_LE(value(Counter::short_calls), value(Counter::calls));
  // No call moves more than a buffer.
  EXPECT_GE(value(Counter::calls) * static_cast<double>(spec.buffer_bytes), static_cast<double>(sample.bytes));
  const double would_block = value(Counter::would_block);
  const double waits = value(Counter::waits);
  EXPECT_GE(waits, would_block);
  // A socket that is drained in the same thread must not block, so there even a blocking end is told to wait.
  EXPECT_TRUE(spec.wait != Wait::block || spec.reader == "splice-socket" || would_block == 0) << would_block;
  EXPECT_TRUE(spec.wait != Wait::poll || waits == would_block) << waits << " and " << would_block;
  EXPECT_GE(value(Counter::user_seconds), 0);
  EXPECT_GE(value(Counter::system_seconds), 0);
  EXPECT_LT(cpu_seconds(end).value(), sample.seconds + 0.1);  // the kernel counts in ticks
  EXPECT_TRUE(end[Counter::minor_faults].has_value());
}

class EveryPair : public testing::TestWithParam<Wait> {};

TEST_P(EveryPair, MovesExactlyTheBytesThatWereAskedFor) {
  ASSERT_FALSE(pairs().empty());
  for (const auto& [writer, reader] : pairs()) {
    const CaseSpec spec = spec_of(writer, reader, GetParam());
    // Less than a buffer, whole buffers, and a rest; pages where the writer wants pages.
    const bool whole_pages = find_strategy(Role::writer, writer)->info.whole_pages;
    const std::uint64_t unit = whole_pages ? static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 1;
    for (const std::uint64_t bytes : {3 * unit, std::uint64_t{1} << 20U, (std::uint64_t{1} << 20U) + 5 * unit}) {
      SCOPED_TRACE(testing::Message() << writer << '-' << reader << ' ' << name_of(spec.wait) << ' ' << bytes);
      const SampleOutcome outcome = take(spec, bytes_of(bytes));
      ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
      EXPECT_EQ(outcome.failure, "");
      EXPECT_FALSE(outcome.interrupted);
      EXPECT_EQ(outcome.sample->bytes, bytes);
      EXPECT_EQ(outcome.sample->round, 3U);
      EXPECT_GT(outcome.sample->seconds, 0);
      expect_consistent(outcome.sample->writer, *outcome.sample, spec);
      expect_consistent(outcome.sample->reader, *outcome.sample, spec);
    }
  }
}

TEST_P(EveryPair, LastsAboutTheTimeThatWasAskedFor) {
  for (const auto& [writer, reader] : pairs()) {
    SCOPED_TRACE(testing::Message() << writer << '-' << reader << ' ' << name_of(GetParam()));
    const CaseSpec spec = spec_of(writer, reader, GetParam());
    const SampleOutcome outcome = take(spec, time_of(0.02));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_GE(outcome.sample->seconds, 0.018);
    EXPECT_LT(outcome.sample->seconds, patience_seconds);
    EXPECT_GT(outcome.sample->bytes, 0U);
    EXPECT_EQ(outcome.sample->bytes % spec.buffer_bytes, 0U);  // the last buffer goes out whole
    expect_consistent(outcome.sample->writer, *outcome.sample, spec);
    expect_consistent(outcome.sample->reader, *outcome.sample, spec);
  }
}

INSTANTIATE_TEST_SUITE_P(Waits, EveryPair, testing::Values(Wait::block, Wait::poll, Wait::busy, Wait::busy_poll),
                         [](const auto& parameter) {
                           std::string name(name_of(parameter.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST(Null, MovesNothingThroughThePipe) {
  const SampleOutcome outcome = take(spec_of("null", "null"), bytes_of(1U << 20U));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.sample->bytes, 1U << 20U);
  EXPECT_EQ(outcome.sample->writer[Counter::calls], 16U);
  EXPECT_EQ(outcome.sample->reader[Counter::calls], 16U);
  EXPECT_EQ(outcome.obtained.pages, "not touched");
}

TEST(ShortCalls, AreNotThoseThatTheLongestListCuts) {
  CaseSpec spec = spec_of("writev", "read");
  spec.buffer_bytes = std::uint64_t{8} << 20U;  // IOV_MAX elements of 4 KiB are half of it
  const SampleOutcome outcome = take(spec, bytes_of(spec.buffer_bytes));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.sample->writer[Counter::calls], 2);
  EXPECT_EQ(outcome.sample->writer[Counter::short_calls], 0) << "a write that blocks ends when all is written";
}

TEST(Obtained, IsThePipeThatTheKernelGave) {
  CaseSpec spec = spec_of("write", "read");
  EXPECT_EQ(take(spec, bytes_of(1U << 20U)).obtained.pipe_bytes, 65536U);
  spec.pipe_bytes = 5000;
  EXPECT_EQ(take(spec, bytes_of(1U << 20U)).obtained.pipe_bytes, 8192U);
}

TEST(Obtained, IsAFailureWhereTheKernelRefusesThePipe) {
  CaseSpec spec = spec_of("write", "read");
  spec.pipe_bytes = std::uint64_t{1} << 40U;
  const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
  EXPECT_FALSE(outcome.sample.has_value());
  EXPECT_TRUE(holds(outcome.failure, "F_SETPIPE_SZ, 1099511627776"));
}

TEST(Obtained, IsThePageKindOfTheBuffers) {
  const SampleOutcome outcome = take(spec_of("write", "read"), bytes_of(1U << 20U));
  EXPECT_EQ(outcome.obtained.pages, "4k");
  EXPECT_TRUE(outcome.misses.empty());
}

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// Bytes of this process in transparent huge pages, by another way than the code under test.
std::uint64_t huge_bytes() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  std::uint64_t kib = 0;
  for (std::string word; rollup >> word;) {
    if (word == "AnonHugePages:") rollup >> kib;
  }
  return kib * 1024;
}

void skip_without_thp() {
  const fs::path file = "/sys/kernel/mm/transparent_hugepage/enabled";
  if (!fs::exists(file)) GTEST_SKIP() << "this kernel has no transparent huge pages";
  if (holds(first_line(file), "[never]")) GTEST_SKIP() << "transparent huge pages are off: " << first_line(file);
  if (!fs::exists("/proc/self/smaps_rollup")) GTEST_SKIP() << "no /proc/self/smaps_rollup to check against";
}

TEST(HugePages, AreReportedTruthfully) {
  skip_without_thp();
  if (IsSkipped()) return;
  const std::uint64_t before = huge_bytes();
  const BufferSet buffers({.bytes = std::size_t{4} << 20U, .count = 2, .pages = Pages::thp});
  const std::uint64_t got = huge_bytes() - before;
  const std::string said = buffers.obtained_pages(Smaps());
  const std::uint64_t all = std::uint64_t{8} << 20U;  // fewer where memory is fragmented
  EXPECT_EQ(said, got == 0 ? "4k" : got >= all ? "thp" : "mixed") << got;
}

TEST(HugePages, AreDeclinedForTheOrdinaryKind) {
  skip_without_thp();
  if (IsSkipped()) return;
  const std::uint64_t before = huge_bytes();
  const BufferSet buffers({.bytes = std::size_t{4} << 20U, .count = 2, .pages = Pages::k4});
  EXPECT_EQ(huge_bytes(), before);
  EXPECT_EQ(buffers.obtained_pages(Smaps()), "4k");
}

TEST(HugePages, ThatWereNotObtainedAreAMiss) {
  CaseSpec spec = spec_of("write", "read");
  spec.pages = Pages::thp;
  const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.misses.empty(), outcome.obtained.pages == "thp");
  for (const std::string& miss : outcome.misses) EXPECT_TRUE(holds(miss, "Asked for thp pages"));
}

TEST(Obtained, MayBeOrdinaryPagesByChoice) {
  // A file that is spliced into is of ordinary pages, and nobody maps skb pages.
  for (const auto& [writer, reader, pages] :
       {std::tuple{"write", "splice-file", Pages::thp}, {"tee", "read", Pages::skb}}) {
    CaseSpec spec = spec_of(writer, reader);
    spec.pages = pages;
    const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    for (const std::string& miss : outcome.misses) EXPECT_FALSE(holds(miss, "the reader's buffers")) << miss;
  }
}

TEST(Buffers, AreCountedOnlyWhenTouched) {
  EXPECT_EQ(BufferSet({.bytes = 65536, .count = 2, .touch = false}).obtained_pages(Smaps()), "not touched");
  EXPECT_EQ(BufferSet({.bytes = 65536, .count = 0}).obtained_pages(Smaps()), "");
}

TEST(Buffers, LieSideBySideWhenContiguous) {
  const BufferSet buffers({.bytes = 65536, .count = 3, .contiguous = true});
  ASSERT_EQ(buffers.starts().size(), 3U);
  EXPECT_EQ(buffers.start(1) - buffers.start(0), 65536);
  EXPECT_EQ(buffers.start(2) - buffers.start(1), 65536);
}

TEST(Switches, AllMoveTheirBytes) {
  for (bool CaseSpec::*member : {&CaseSpec::gift, &CaseSpec::contiguous, &CaseSpec::no_touch}) {
    for (const auto& [writer, reader] : pairs()) {
      CaseSpec spec = spec_of(writer, reader);
      spec.*member = true;
      const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
      ASSERT_TRUE(outcome.sample.has_value()) << writer << '-' << reader << ": " << outcome.failure;
      EXPECT_EQ(outcome.sample->bytes, 1U << 20U);
    }
  }
}

TEST(Lock, HoldsThePagesOrSaysWhyNot) {
  CaseSpec spec = spec_of("write", "read");
  spec.lock = true;
  const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
  EXPECT_TRUE(outcome.sample.has_value() || holds(outcome.failure, "mlock")) << outcome.failure;
}

/// Times that this thread has gone to sleep.
std::uint64_t sleeps_of_this_thread() {
  rusage usage{};
  EXPECT_EQ(::getrusage(RUSAGE_THREAD, &usage), 0);
  return static_cast<std::uint64_t>(usage.ru_nvcsw);
}

TEST(Watching, SeldomTakesACpuFromWhatIsMeasured) {
  for (std::uint64_t bytes = std::uint64_t{64} << 20U;; bytes *= 2) {
    const std::uint64_t before = sleeps_of_this_thread();
    const std::uint64_t start = monotonic_ns();
    const SampleOutcome outcome = take(spec_of("write", "read"), bytes_of(bytes));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    const double outside = seconds_since(start) - outcome.sample->seconds;
    const auto sleeps = static_cast<double>(sleeps_of_this_thread() - before);
    // 20 a second in the sample; before it, 2000 may do, and joining the threads takes a few.
    EXPECT_LE(sleeps, 20 * outcome.sample->seconds + 2000 * outside + 10);
    if (outcome.sample->seconds > 0.5) break;
  }
}

double cpu_seconds_of_this_process() {
  timespec time{};
  EXPECT_EQ(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

TEST(Workers, OfTheKernelAreCounted) {
  for (const auto& [role, writer, reader] :
       {std::tuple{Role::reader, "write", "uring-splice"}, std::tuple{Role::writer, "uring-splice", "read"}}) {
    const std::string why = why_unavailable(*find_strategy(role, "uring-splice"));
    if (!why.empty()) GTEST_SKIP() << why;
    const double before = cpu_seconds_of_this_process();
    const SampleOutcome outcome = take(spec_of(writer, reader), bytes_of(std::uint64_t{64} << 20U));
    const double all = cpu_seconds_of_this_process() - before;
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    const Sample& sample = *outcome.sample;
    ASSERT_TRUE(sample.worker_seconds.has_value());
    // A thousand splices, each in a thread that has to be woken.
    EXPECT_GT(*sample.worker_seconds, 0.001) << writer << '-' << reader;
    EXPECT_LT(*sample.worker_seconds + cpu_seconds(sample.writer).value() + cpu_seconds(sample.reader).value(), all);
  }
}

TEST(Workers, AreNoneWhereStrategiesHaveNone) {
  const SampleOutcome outcome = take(spec_of("write", "read"), bytes_of(1U << 20U));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.sample->worker_seconds, 0.0);
}

TEST(Workers, AreNotCountedWithoutCounters) {
  for (const std::string_view reader : {"read", "uring-splice"}) {
    if (!why_unavailable(*find_strategy(Role::reader, reader)).empty()) continue;
    Sampling sampling = bytes_of(1U << 20U);
    sampling.counters = false;
    const SampleOutcome outcome = take(spec_of("write", reader), sampling);
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_FALSE(outcome.sample->worker_seconds.has_value()) << reader;
  }
}

TEST(Counters, AreEmptyWhenOff) {
  Sampling sampling = bytes_of(1U << 20U);
  sampling.counters = false;
  const SampleOutcome outcome = take(spec_of("write", "read"), sampling);
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  for (const EndCounters* end : {&outcome.sample->writer, &outcome.sample->reader}) {
    EXPECT_GT((*end)[Counter::calls], 0U);  // the loop's own cost nothing
    EXPECT_FALSE((*end)[Counter::user_seconds].has_value());
    EXPECT_FALSE((*end)[Counter::migrations].has_value());
    EXPECT_FALSE((*end)[Counter::minor_faults].has_value());
  }
}

TEST(Placed, OnOneCpuBothEndsTakeTurns) {
  const int cpu = allowed_cpus().front();
  for (const Wait wait : {Wait::block, Wait::poll, Wait::busy}) {
    CaseSpec spec = spec_of("write", "read", wait);
    spec.placement = {.writer_cpu = cpu, .reader_cpu = cpu, .relation = Relation::same_cpu};
    const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    EXPECT_EQ(outcome.sample->bytes, 1U << 20U);
    EXPECT_EQ(outcome.sample->writer[Counter::migrations].value_or(0), 0);
  }
}

TEST(Placed, NowhereRunsUnpinned) {
  const SampleOutcome outcome = take(spec_of("write", "read"), time_of(0.02));
  EXPECT_TRUE(outcome.sample.has_value()) << outcome.failure;
}

TEST(Placed, OnACpuThatIsNotThereFailsWithoutHanging) {
  for (const bool writer : {true, false}) {
    CaseSpec spec = spec_of("write", "read");
    (writer ? spec.placement.writer_cpu : spec.placement.reader_cpu) = 4095;
    const SampleOutcome outcome = take(spec, time_of(endless));
    EXPECT_FALSE(outcome.sample.has_value());
    EXPECT_TRUE(holds(outcome.failure, "4095"));
  }
}

TEST(Placed, LeavesTheCallerWhereItWas) {
  const auto before = allowed_cpus();
  CaseSpec spec = spec_of("write", "read");
  spec.placement = {.writer_cpu = before.front(), .reader_cpu = before.front(), .relation = Relation::same_cpu};
  (void)take(spec, bytes_of(65536));
  EXPECT_EQ(allowed_cpus(), before);
}

class Interrupted : public testing::TestWithParam<Wait> {};

TEST_P(Interrupted, SamplesEndPromptly) {
  for (const bool at_once : {true, false}) {
    std::atomic<int> interrupt{at_once ? SIGINT : 0};
    const std::jthread user([&] {
      std::this_thread::sleep_for(100ms);
      interrupt = SIGINT;
    });
    const std::uint64_t start = monotonic_ns();
    const SampleOutcome outcome =
        Sampler(topology(), interrupt).take(spec_of("write", "read", GetParam()), time_of(endless), 0);
    EXPECT_TRUE(outcome.interrupted);
    EXPECT_FALSE(outcome.sample.has_value());
    EXPECT_EQ(outcome.failure, "");
    EXPECT_LT(seconds_since(start), patience_seconds);
  }
}

INSTANTIATE_TEST_SUITE_P(Waits, Interrupted, testing::Values(Wait::block, Wait::poll, Wait::busy, Wait::busy_poll),
                         [](const auto& parameter) {
                           std::string name(name_of(parameter.param));
                           std::erase(name, '-');
                           return name;
                         });

/// The descriptors of this process that are ends of pipes, with the pipe's name.
std::vector<std::pair<int, std::string>> open_pipes() {
  std::vector<std::pair<int, std::string>> pipes;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = fs::read_symlink(entry.path(), gone).string();
    if (target.starts_with("pipe:")) pipes.emplace_back(std::stoi(entry.path().filename().string()), target);
  }
  return pipes;
}

/// Meddles with the pipe of the sample that runs: takes bytes that the reader will then wait for, or adds bytes that
/// the writer finds in its way. There is no honest strategy that stalls; this stalls honest ones.
class Meddler {
 public:
  enum class Way { steal, add };
  explicit Meddler(Way way) : way_(way) {
    for (const auto& [fd, name] : open_pipes()) known_.insert(name);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested() && !meddle()) std::this_thread::sleep_for(200us);
    });
  }

 private:
  // True when enough was moved: two pages, more than the smallest pipe holds.
  bool meddle() {
    const int end = way_ == Way::steal ? O_RDONLY : O_WRONLY;
    for (const auto& [fd, name] : open_pipes()) {
      const int flags = ::fcntl(fd, F_GETFL);
      if (known_.contains(name) || flags < 0 || (flags & O_ACCMODE) != end) continue;
      // Through a descriptor of its own, without waiting.
      const UniqueFd own(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), end | O_NONBLOCK | O_CLOEXEC));
      char bytes[4096] = {};
      moved_ += std::max<ssize_t>(
          0, way_ == Way::steal ? ::read(own.get(), bytes, sizeof bytes) : ::write(own.get(), bytes, sizeof bytes));
    }
    return moved_ >= 8192;
  }

  ssize_t moved_ = 0;
  Way way_;
  std::set<std::string> known_;
  std::jthread thread_;
};

class Stalled : public testing::TestWithParam<Wait> {
 protected:
  /// Meddles with the pipes of samples until one of them ends as `expected`, given how many bytes it was of. The first
  /// may be over too soon to be meddled with, or starved by other work for so long that it counts as stalled for that.
  void expect_stall(Meddler::Way way, const CaseSpec& spec,
                    const std::function<bool(const std::string&, std::uint64_t)>& expected) {
    std::string last = "no sample";
    for (std::uint64_t bytes = std::uint64_t{16} << 20U; bytes < std::uint64_t{32} << 30U; bytes *= 2) {
      Sampling sampling = bytes_of(bytes);
      sampling.timeout_seconds = 0.5;
      const Meddler meddler(way);
      const std::uint64_t start = monotonic_ns();
      const SampleOutcome outcome = take(spec, sampling);
      EXPECT_LT(seconds_since(start), patience_seconds);
      EXPECT_NE(outcome.sample.has_value(), !outcome.failure.empty());
      EXPECT_FALSE(outcome.interrupted);
      last = outcome.failure;
      if (expected(last, bytes)) break;
    }
    EXPECT_TRUE(holds(last, "Nothing moved for 500ms (--timeout): the writer had sent "));
    EXPECT_TRUE(holds(last, "wait " + std::string(name_of(GetParam()))));
  }
};

TEST_P(Stalled, ReadersAreEndedAndReported) {
  expect_stall(Meddler::Way::steal, spec_of("write", "read", GetParam()),
               [](const std::string& failure, std::uint64_t bytes) -> bool {
                 return holds(failure, "the writer had sent " + std::to_string(bytes) + " bytes");
               });
}

TEST_P(Stalled, WritersAreEndedAndReported) {
  CaseSpec spec = spec_of("write", "read", GetParam());
  spec.pipe_bytes = 4096;
  expect_stall(Meddler::Way::add, spec, [](const std::string& failure, std::uint64_t bytes) -> bool {
    return holds(failure, "the reader had taken " + std::to_string(bytes));
  });
}

INSTANTIATE_TEST_SUITE_P(Waits, Stalled, testing::Values(Wait::block, Wait::poll, Wait::busy, Wait::busy_poll),
                         [](const auto& parameter) {
                           std::string name(name_of(parameter.param));
                           std::erase(name, '-');
                           return name;
                         });

/// Strategies that are in no registry, because they do not work.
class Faulty {
 public:
  explicit Faulty(const EndSetup& setup) : buffers_(writer_buffers(setup)) {}
  ssize_t step(Lane, Piece) noexcept { return fail(); }
  ssize_t step(Lane, std::size_t) noexcept { return fail(); }
  [[nodiscard]] const std::byte* seen(std::uint64_t) const noexcept { return buffers_.start(0); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  static ssize_t fail() noexcept {
    errno = EINVAL;
    return -1;
  }
  BufferSet buffers_;
};

class AtTheEnd : public Faulty {
 public:
  using Faulty::Faulty;
  static ssize_t step(Lane, std::size_t) noexcept { return 0; }
};

std::unique_ptr<End> throw_instead(const EndSetup&) { throw SystemError("teleport(pipe, 7)", ENOSYS); }

StrategyDescriptor descriptor(Role role, std::unique_ptr<End> (*make)(const EndSetup&)) {
  return {.info = {.name = "faulty", .summary = "fails", .role = role, .system_call = "teleport"}, .make = make};
}

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
      run_ends(descriptor(Role::writer, make_end<Role::writer, Faulty>), *find_strategy(Role::reader, "read"));
  EXPECT_EQ(writer.failure,
            "The writer's teleport() of up to 65536 bytes failed after 0 bytes: EINVAL (Invalid argument).");
  EXPECT_EQ(reader.failure, "");
}

TEST(FailingEnd, MayBeTheReader) {
  const auto [writer, reader] =
      run_ends(*find_strategy(Role::writer, "write"), descriptor(Role::reader, make_end<Role::reader, Faulty>));
  EXPECT_EQ(reader.failure,
            "The reader's teleport() of up to 65536 bytes failed after 0 bytes: EINVAL (Invalid argument).");
  EXPECT_EQ(writer.failure, "");
}

TEST(FailingEnd, SaysThatThePipeEnded) {
  const auto [writer, reader] =
      run_ends(*find_strategy(Role::writer, "write"), descriptor(Role::reader, make_end<Role::reader, AtTheEnd>));
  EXPECT_EQ(reader.failure, "The reader's teleport() returned 0 after 0 bytes, before the end.");
}

TEST(FailingEnd, MayFailBeforeTheStart) {
  const auto [writer, reader] = run_ends(descriptor(Role::writer, throw_instead), *find_strategy(Role::reader, "read"));
  EXPECT_TRUE(holds(writer.failure, "teleport(pipe, 7) failed: ENOSYS"));
  EXPECT_EQ(reader.failure, "");
}

template <int code>
class Refused : public Faulty {
 public:
  using Faulty::Faulty;
  static ssize_t step(Lane, std::size_t) noexcept {
    errno = code;
    return -1;
  }
};

class InterruptedOnce : public Faulty {
 public:
  using Faulty::Faulty;
  static ssize_t step(Lane, Piece rest) noexcept {
    static bool interrupted = false;
    errno = EINTR;
    return std::exchange(interrupted, true) ? static_cast<ssize_t>(rest.size) : -1;
  }
};

template <class Strategy>
std::string why_no_reader() {
  return why_unavailable(descriptor(Role::reader, make_end<Role::reader, Strategy>));
}

TEST(WhyUnavailable, SuspectsSomebodyOnlyWhereSomethingWasForbidden) {
  EXPECT_EQ(
      why_no_reader<Refused<EPERM>>(),
      "teleport() of one page fails with EPERM (Operation not permitted); a seccomp profile or the kernel forbids "
      "it.");
  EXPECT_EQ(why_unavailable(descriptor(Role::writer, throw_instead)),
            "teleport(pipe, 7) failed: ENOSYS (Function not implemented); a seccomp profile or the kernel forbids it.");
  EXPECT_EQ(why_no_reader<Faulty>(), "teleport() of one page fails with EINVAL (Invalid argument).");
}

TEST(WhyUnavailable, EndsWhateverTheCallSays) {
  EXPECT_EQ(why_no_reader<AtTheEnd>(), "teleport() of one page moves nothing.");
  EXPECT_EQ(why_no_reader<Refused<EAGAIN>>(), "teleport() of one page would wait, with nothing to wait for.");
  EXPECT_EQ(why_unavailable(descriptor(Role::writer, make_end<Role::writer, InterruptedOnce>)), "");
}

std::size_t entries(const char* directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator{}));
}

std::size_t mappings() {
  std::ifstream maps("/proc/self/maps");
  std::size_t lines = 0;
  for (std::string line; std::getline(maps, line);) ++lines;
  return lines;
}

/// A joined thread may be listed for a moment.
void expect_tasks(std::size_t most) {
  const std::uint64_t start = monotonic_ns();
  while (entries("/proc/self/task") > most && seconds_since(start) < 10) std::this_thread::sleep_for(1ms);
  EXPECT_LE(entries("/proc/self/task"), most);
}

TEST(Sampler, LeavesNothingBehind) {
  const std::atomic<int> interrupt{SIGINT};
  CaseSpec huge = spec_of("write", "readv", Wait::busy);
  huge.pages = Pages::thp;
  CaseSpec nowhere = spec_of("write", "read");
  nowhere.placement.reader_cpu = 4095;
  const auto samples = [&] {
    for (const auto& [writer, reader] : pairs()) (void)take(spec_of(writer, reader), bytes_of(1U << 20U));
    (void)take(huge, bytes_of(1U << 20U));
    (void)take(nowhere, bytes_of(1U << 20U));
    (void)Sampler(topology(), interrupt).take(spec_of("write", "read"), time_of(endless), 0);
  };
  samples();  // the C library keeps the stacks and arenas of its first threads
  const std::size_t descriptors = entries("/proc/self/fd");
  const std::size_t tasks = entries("/proc/self/task");
  const std::size_t maps = mappings();
  samples();
  EXPECT_EQ(entries("/proc/self/fd"), descriptors);
  expect_tasks(tasks);
  EXPECT_LE(mappings(), maps + 6);  // a mapping left by each sample would be twice as many
}

TEST(Sampler, GivesTheSignalBack) {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  struct sigaction before {};
  ASSERT_EQ(::sigaction(kick_signal, &ignore, &before), 0);
  (void)take(spec_of("write", "read"), bytes_of(65536));
  struct sigaction after {};
  ASSERT_EQ(::sigaction(kick_signal, &before, &after), 0);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
}

TEST(HugePages, OfTheReservedKindAreGivenBack) {
  const auto free_pages = [] { return free_huge_pages(HugeSize::m2).value_or(0); };
  const std::uint64_t before = free_pages();
  {
    HugeReservation reservation;
    try {
      reservation.ensure(HugeSize::m2, before + 4);
    } catch (const SystemError& error) {
      GTEST_SKIP() << error.what();
    }
    const std::uint64_t reserved = free_pages();
    if (reserved < 4) GTEST_SKIP() << "the kernel found " << reserved << " huge pages, memory is too fragmented";
    CaseSpec spec = spec_of("vmsplice", "read");
    spec.pages = Pages::m2;
    const SampleOutcome outcome = take(spec, time_of(0.02));
    ASSERT_TRUE(outcome.sample) << outcome.failure;
    EXPECT_EQ(outcome.obtained.pages, "2m");
    EXPECT_EQ(free_pages(), reserved);
  }
  EXPECT_EQ(free_pages(), before);
}

CaseSpec streams_of(std::uint32_t count, Wait wait = Wait::block) {
  CaseSpec spec = spec_of("vmsplice", "splice", wait);
  spec.buffer_bytes = 65536;
  spec.streams = count;
  spec.further_placements.resize(count - 1);
  return spec;
}

TEST(Streams, AreMeasuredInTheIntervalInWhichAllRun) {
  const SampleOutcome outcome = take(streams_of(3), time_of(0.1));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  const Sample& sample = *outcome.sample;
  ASSERT_EQ(sample.stream_bytes.size(), 3U);
  std::uint64_t sum = 0;
  for (const std::uint64_t bytes : sample.stream_bytes) {
    EXPECT_GT(bytes, 0U);
    sum += bytes;
  }
  EXPECT_EQ(sample.bytes, sum);
  EXPECT_GE(sample.counted_bytes, sum);
  EXPECT_GE(sample.counted_seconds, sample.seconds * 0.999) << "each stream runs at least as long as all do";
  EXPECT_GT(sample.seconds, 0.01);
  EXPECT_GE(sample.writer[Counter::calls].value() * 65536, static_cast<double>(sum))
      << "the counters are of all streams";
}

TEST(Streams, EachMoveTheirBytes) {
  const SampleOutcome outcome = take(streams_of(2), bytes_of(std::uint64_t{64} << 20U));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_EQ(outcome.sample->counted_bytes, std::uint64_t{128} << 20U);
  EXPECT_LE(outcome.sample->bytes, outcome.sample->counted_bytes);
}

TEST(Streams, AreCountedWholeAlsoWhenThereIsOne) {
  const SampleOutcome outcome = take(streams_of(1), bytes_of(std::uint64_t{1} << 20U));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_EQ(outcome.sample->counted_bytes, outcome.sample->bytes);
  EXPECT_EQ(outcome.sample->counted_seconds, outcome.sample->seconds);
}

TEST(Streams, BeginTheirTimeWhenAllRun) {
  // Shorter than it takes to wake all of them.
  const SampleOutcome outcome = take(streams_of(50), time_of(0.003));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_GE(outcome.sample->seconds, 0.002);
}

TEST(Barrier, HoldsEachUntilAllAreThere) {
  constexpr unsigned count = 40;
  Barrier barrier;
  std::atomic<unsigned> here{0};
  std::atomic<unsigned> early{0};
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      std::this_thread::sleep_for(std::chrono::milliseconds(i % 4));  // some find the others asleep
      ++here;
      if (!barrier.meet(count) || here != count) ++early;
    });
  }
  threads.clear();
  EXPECT_EQ(early, 0U);
}

TEST(Barrier, SendsAwaySleepersAndLatecomersWhenGivenUp) {
  Barrier barrier;
  std::atomic<bool> met{true};
  std::jthread sleeper([&] { met = barrier.meet(3); });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  barrier.give_up();
  sleeper.join();
  EXPECT_FALSE(met);
  EXPECT_FALSE(barrier.gather(3));
}

TEST(Streams, CanBeManyMoreThanCpus) {
  const SampleOutcome outcome = take(streams_of(50), time_of(1));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  EXPECT_EQ(outcome.sample->stream_bytes.size(), 50U);
}

TEST(Streams, AreNotStartedAfterAnInterrupt) {
  const std::atomic<int> interrupt{SIGINT};
  const CaseSpec spec = streams_of(2);
  const Sampling sampling = time_of(endless);
  Streams streams(strategies_of(spec), spec, sampling);
  const pipebench::Run run = run_streams(streams, spec, sampling, Purpose::measure, topology(), interrupt);
  EXPECT_TRUE(run.interrupted);
  EXPECT_TRUE(run.writers.empty());
}

TEST(Streams, AreAllEndedWhenOneFails) {
  CaseSpec spec = streams_of(3, Wait::busy);
  spec.pages = Pages::m2;  // which are not there
  const SampleOutcome outcome = take(spec, time_of(0.05));
  if (outcome.sample) GTEST_SKIP() << "this machine has free huge pages";
  EXPECT_TRUE(holds(outcome.failure, "mmap")) << outcome.failure;
}

TEST(Streams, LeaveNoDescriptorBehind) {
  const auto count = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()); };
  (void)take(streams_of(4), time_of(0.01));
  const auto before = count();
  (void)take(streams_of(4), time_of(0.01));
  EXPECT_EQ(count(), before);
}

TEST(Memory, IsOfTheWantedPagesOrAMissOrNotKnown) {
  EXPECT_TRUE(holds(check_pages("thp", "writer", "4k").miss, "Asked for thp pages, but the writer's buffers are 4k."));
  EXPECT_EQ(check_pages("thp", "writer", "4k").note, "");
  EXPECT_TRUE(holds(check_pages("thp", "reader", "mixed").miss, "the reader's buffers are mixed"));
  for (const char* fine : {"thp", "not touched", ""}) EXPECT_EQ(check_pages("thp", "writer", fine).miss, "") << fine;
  const PageFinding unknown = check_pages("thp", "writer", Smaps::unknown_pages);
  EXPECT_EQ(unknown.miss, "");
  EXPECT_TRUE(holds(unknown.note, "is not known"));
}

TEST(Memory, IsMissedWhereItIsNotAsWanted) {
  constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
  const auto missed = [](std::vector<int> nodes, Membind membind, std::optional<int> node, std::uint64_t bytes,
                         std::uint64_t page_bytes = 4096, std::size_t nodes_here = 2) {
    return why_misplaced({.nodes = std::move(nodes), .page_bytes = page_bytes, .bytes = bytes}, "writer", membind, node,
                         nodes_here);
  };
  EXPECT_EQ(missed({1}, Membind::node, 1, mib), "");
  EXPECT_TRUE(holds(missed({0}, Membind::node, 1, mib), "node 1, but the writer's buffers are on 0"));
  EXPECT_TRUE(holds(missed({0, 1}, Membind::writer, 1, mib), "are on 0, 1"));
  EXPECT_EQ(missed({}, Membind::node, 1, mib), "") << "not known";
  EXPECT_EQ(missed({0, 1}, Membind::interleave, {}, mib), "");
  EXPECT_TRUE(holds(missed({0}, Membind::interleave, {}, mib), "in turn, but the writer's buffers are on 0"));
  EXPECT_EQ(missed({0}, Membind::interleave, {}, 32768), "") << "a few pages";
  EXPECT_EQ(missed({0}, Membind::interleave, {}, mib, 2 * mib), "") << "less than one page";
  EXPECT_EQ(missed({0}, Membind::interleave, {}, mib, 4096, 1), "") << "the only node";
}

TEST(Memory, IsBoundToANodeThatIsReported) {
  const int node = topology().machine().nodes.at(0);
  CaseSpec spec = spec_of("write", "read");
  spec.membind = Membind::node;
  spec.membind_node = spec.placement.memory_node = node;
  const SampleOutcome outcome = take(spec, time_of(0.02));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  if (outcome.obtained.writer_nodes.empty()) GTEST_SKIP() << "the kernel does not tell where pages are";
  EXPECT_EQ(outcome.obtained.writer_nodes, std::vector{node});
  EXPECT_EQ(outcome.obtained.reader_nodes, std::vector{node});
}

TEST(Memory, ThatCannotBeBoundIsAMiss) {
  CaseSpec spec = spec_of("write", "read");
  spec.membind = Membind::node;
  spec.membind_node = spec.placement.memory_node = 1000;
  const SampleOutcome outcome = take(spec, time_of(0.02));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  ASSERT_FALSE(outcome.misses.empty());
  EXPECT_TRUE(holds(outcome.misses[0], "--membind node:1000 did not succeed"));
}

}  // namespace
}  // namespace pipebench
