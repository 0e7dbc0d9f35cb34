#include "pipebench/system/usage.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "kernel_work.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/strategies/registry.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

double sum(const ThreadUsage& usage) { return usage.user_seconds + usage.system_seconds; }

// Against another clock of the same thread: what else runs on the machine is in neither.
TEST(ThreadUsage, IsExactBetweenTicks) {
  std::vector<double> gaps;
  for (int i = 0; i < 10; ++i) {
    const ThreadUsage before = read_thread_usage().value();
    const double start = cpu_seconds_now();
    for (const std::uint64_t since = monotonic_ns(); monotonic_ns() - since < 1'500'000;) {
    }
    const ThreadUsage after = read_thread_usage().value();
    gaps.push_back(cpu_seconds_now() - start - (sum(after) - sum(before)));
  }
  // Not all of them: a hypervisor may take its time between two readings.
  std::ranges::sort(gaps);
  EXPECT_LT(gaps[4], 500e-6);
}

TEST(ThreadUsage, IsOfTheCallingThreadAlone) {
  ThreadUsage other;
  std::jthread([&] { other = read_thread_usage().value(); }).join();
  for (const std::uint64_t since = monotonic_ns(); monotonic_ns() - since < 20'000'000;) {
  }
  EXPECT_LT(sum(other), sum(read_thread_usage().value()));
}

TEST(ThreadUsage, CountsWaiting) {
  const ThreadUsage before = read_thread_usage().value();
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_GT(read_thread_usage().value().voluntary_switches, before.voluntary_switches);
}

TEST(ThreadUsage, IsUnknownWhereOneReadingIs) {
  const ThreadUsage before{.user_seconds = 1, .minor_faults = 2}, after{.user_seconds = 3, .minor_faults = 7};
  EXPECT_EQ(used_between(before, after).value().user_seconds, 2);
  EXPECT_EQ(used_between(before, after)->minor_faults, 5U);
  EXPECT_FALSE(used_between(std::nullopt, after));
  EXPECT_FALSE(used_between(before, std::nullopt));
}

TEST(Migrations, AreCounted) {
  cpu_set_t all;
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "only one CPU is allowed here";
  const auto before = read_migrations();
  if (!before) GTEST_SKIP() << "/proc/thread-self/sched does not tell migrations here";
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &all)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  }
  const auto after = read_migrations();
  EXPECT_EQ(::sched_setaffinity(0, sizeof all, &all), 0);
  EXPECT_GT(after.value(), *before);
}

// Each time that it wakes, if only for a moment.
TEST(RunQueueClock, GoesOnWhileAThreadWaitsForACpu) {
  const RunQueueClock clock;
  const auto before = clock.read_ns();
  if (!before) GTEST_SKIP() << "the kernel does not account waiting for a CPU (CONFIG_SCHED_INFO)";
  // On an idle CPU it takes less than the clock of the scheduler tells, most times.
  for (int i = 0; i < 50'000 && clock.read_ns() == before; ++i)
    std::this_thread::sleep_for(std::chrono::microseconds(1));
  EXPECT_GT(clock.read_ns().value(), *before);
}

TEST(WorkerSeconds, AreWhatNoThreadOfTheProcessUsed) {
  const ProcessUsage before{.seconds = 10, .own_threads = {{1, 4}, {2, 1}, {3, 1}}};
  const ProcessUsage after{.seconds = 20, .own_threads = {{1, 6}, {2, 1.5}, {4, 0.5}}};
  // 10 in all: 2 and 0.5 of those that were there, 0.5 of a new one; who has ended did nothing any more.
  EXPECT_DOUBLE_EQ(worker_seconds(before, after), 7);
  EXPECT_EQ(worker_seconds(before, {.seconds = 13, .own_threads = {{1, 7.001}}}), 0) << "never negative";
}

TEST(WorkerSeconds, AreNotKnownWhereThisThreadIsNotListed) {
  EXPECT_FALSE(read_process_usage("/nonexistent").has_value());
  const TemporaryDirectory tasks;
  std::filesystem::create_directory(tasks.path() / "1");
  EXPECT_FALSE(read_process_usage(tasks.path()).has_value()) << "those of another PID namespace";
}

/// CPU seconds of the workers of io_uring that there are, by another way than the code under test.
double seconds_of_live_workers() {
  double nanoseconds = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    double used = 0;
    std::ifstream(task.path() / "schedstat") >> used;
    if (name.starts_with("iou-wrk")) nanoseconds += used;
  }
  return nanoseconds * 1e-9;
}

/// Splices some gigabytes to /dev/null, which io_uring has a worker do.
void keep_workers_busy() {
  constexpr std::uint64_t bytes = std::uint64_t{64} << 10U;
  CaseSpec spec;
  spec.reader = "uring-splice";
  spec.buffer_bytes = bytes;
  spec.pipe_bytes = bytes;
  const Pipe pipe(bytes, false);
  const std::vector<char> buffer(bytes);
  const StrategyDescriptor& strategy = *find_strategy(Role::reader, spec.reader);
  std::atomic<const std::byte*> unused{nullptr};
  const auto end =
      strategy.make({.spec = spec, .info = strategy.info, .exchange = {.returns = {}, .sent_from = unused}});
  const int fd = pipe.read_fd();
  for (int i = 0; i < 3000; ++i) {
    ASSERT_EQ(::write(pipe.write_fd(), buffer.data(), buffer.size()), static_cast<ssize_t>(bytes));
    Link link;
    link.control.final_bytes.store(bytes);
    ASSERT_EQ(end->run({.link = link, .pipes = {&fd, 1}}).bytes, bytes);
  }
}

TEST(WorkerSeconds, AreThoseOfWorkersOfIoUringAlsoWhenTheyHaveEnded) {
  const std::string why = why_unavailable(*find_strategy(Role::reader, "uring-splice"));
  if (!why.empty()) GTEST_SKIP() << why;
  if (!std::filesystem::exists("/proc/self/schedstat")) GTEST_SKIP() << "no schedstat to check against";
  std::latch begin(1);
  std::latch worked(1);
  std::latch end(1);
  int thread = 0;
  std::jthread employer([&] {
    thread = ::gettid();
    begin.wait();
    keep_workers_busy();
    worked.count_down();
    end.wait();
  });
  const auto before = read_process_usage();
  begin.count_down();
  worked.wait();
  const auto between = read_process_usage();
  const double live = seconds_of_live_workers();
  end.count_down();
  employer.join();
  const auto after = read_process_usage();
  ASSERT_TRUE(before && between && after);
  constexpr double slack = 0.002;  // the clocks are not read at one moment
  EXPECT_GT(live, 0);
  EXPECT_NEAR(worker_seconds(*before, *between), live, slack + 0.05 * live);
  // The thread that they worked for has ended, too, so its own time can no longer be told from theirs.
  const double its_own = between->own_threads.at(thread);
  EXPECT_GE(worker_seconds(*before, *after), live + its_own - before->own_threads.at(thread) - slack);
}

}  // namespace
}  // namespace pipebench
