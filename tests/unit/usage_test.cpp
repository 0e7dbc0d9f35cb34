#include "pipebench/system/usage.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

#include "pipebench/base/clock.hpp"

namespace pipebench {
namespace {

double cpu_clock_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double sum(const ThreadUsage& usage) { return usage.user_seconds + usage.system_seconds; }

// Against another clock of the same thread: what else runs on the machine is in neither.
TEST(ThreadUsage, IsExactBetweenTicks) {
  std::vector<double> gaps;
  for (int i = 0; i < 10; ++i) {
    const ThreadUsage before = read_thread_usage();
    const double start = cpu_clock_seconds();
    for (const std::uint64_t since = monotonic_ns(); monotonic_ns() - since < 1'500'000;) {
    }
    const ThreadUsage after = read_thread_usage();
    gaps.push_back(cpu_clock_seconds() - start - (sum(after) - sum(before)));
  }
  // Not all of them: a hypervisor may take its time between two readings.
  std::ranges::sort(gaps);
  EXPECT_LT(gaps[4], 500e-6);
}

TEST(ThreadUsage, IsOfTheCallingThreadAlone) {
  ThreadUsage other;
  std::jthread([&] { other = read_thread_usage(); }).join();
  for (const std::uint64_t since = monotonic_ns(); monotonic_ns() - since < 20'000'000;) {
  }
  EXPECT_LT(sum(other), sum(read_thread_usage()));
}

TEST(ThreadUsage, CountsWaiting) {
  const ThreadUsage before = read_thread_usage();
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_GT(read_thread_usage().voluntary_switches, before.voluntary_switches);
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

}  // namespace
}  // namespace pipebench
