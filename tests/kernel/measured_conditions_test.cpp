#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "cpus.hpp"
#include "pipebench/system/conditions.hpp"
#include "pipebench/system/shared_array.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

using Cpus = std::vector<int>;

// On a busy machine either thread may have to wait for its CPU for long.
constexpr std::uint64_t patient_ns = 30'000'000'000;
constexpr std::uint64_t endless_ns = 3'600'000'000'000;

void pin(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  EXPECT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
}

std::optional<double> handover_between(int leader_cpu, int follower_cpu, std::uint64_t limit_ns) {
  HandoverShare share;
  std::optional<double> ns;
  std::jthread leader([&] {
    pin(leader_cpu);
    ns = lead_handover(share, limit_ns);
  });
  std::jthread follower([&] {
    pin(follower_cpu);
    follow_handover(share, limit_ns);
  });
  leader.join();
  follower.join();
  return ns;
}

TEST(Handover, IsMeasuredBetweenTwoCpus) {
  const Cpus cpus = allowed_cpus();
  if (cpus.size() < 2) GTEST_SKIP() << "only one CPU is allowed here";
  const auto ns = handover_between(cpus[0], cpus[1], patient_ns);
  ASSERT_TRUE(ns);
  EXPECT_TRUE(std::isfinite(*ns));
  EXPECT_GT(*ns, 0);
}

TEST(Handover, IsMeasuredBetweenProcesses) {
  const Cpus cpus = allowed_cpus();
  if (cpus.size() < 2) GTEST_SKIP() << "only one CPU is allowed here";
  const SharedArray<HandoverShare> shared(1);
  const pid_t child = ::fork();
  if (child == 0) {
    pin(cpus[1]);
    follow_handover(shared.objects()[0], patient_ns);
    ::_exit(0);
  }
  std::optional<double> ns;
  std::jthread([&] {
    pin(cpus[0]);
    ns = lead_handover(shared.objects()[0], patient_ns);
  }).join();
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_GT(ns.value_or(0), 0);
}

TEST(Handover, IsSkippedWhenBothRunOnOneCpu) {
  const int cpu = allowed_cpus().front();
  EXPECT_FALSE(handover_between(cpu, cpu, endless_ns));
}

TEST(Handover, DoesNotWaitForAThreadThatDoesNotArrive) {
  HandoverShare led;
  EXPECT_FALSE(lead_handover(led, 1000));
  HandoverShare followed;
  follow_handover(followed, 1000);
}

TEST(Handover, EndsWhenTheOtherThreadGivesUp) {
  HandoverShare led;
  HandoverShare followed;
  std::jthread leader([&] { EXPECT_FALSE(lead_handover(led, endless_ns)); });
  std::jthread follower([&] { follow_handover(followed, endless_ns); });
  led.give_up();
  followed.give_up();
}

// Who comes when the other has gone must not wait for its own time to be over.
TEST(Handover, EndsAtOnceWhenTheOtherHasGone) {
  HandoverShare led;
  follow_handover(led, 1000);
  EXPECT_FALSE(lead_handover(led, endless_ns));
  HandoverShare followed;
  EXPECT_FALSE(lead_handover(followed, 1000));
  follow_handover(followed, endless_ns);
}

TEST(NsPerAdd, IsAFigure) {
  const double ns = measure_ns_per_add();
  EXPECT_TRUE(std::isfinite(ns));
  EXPECT_GT(ns, 0);
}

// ---------------------------------------------------------------------------------------------- what the kernel tells

std::string ticks(double seconds) {
  return std::to_string(static_cast<long>(seconds * static_cast<double>(::sysconf(_SC_CLK_TCK))));
}

class StealTime : public testing::Test {
 protected:
  StealTime() {
    (void)root_.write("proc/stat", "cpu  9 9 9 9 9 9 9 999999 9 9\ncpu0 1 2 3 4 5 6 7 " + ticks(2) +
                                       " 0 0\ncpu1 1 2 3 4 5 6 7 " + ticks(3) + " 0 0\ncpu10 1 2 3 4 5 6 7 " +
                                       ticks(40) + " 0 0\ncpu11 1 2 3\nintr 1 2\nctxt 3\n");
  }
  [[nodiscard]] std::optional<double> of(const Cpus& cpus) const { return read_steal_seconds(cpus, root_.path()); }

 private:
  TemporaryDirectory root_;
};

TEST_F(StealTime, IsOfTheseCpusTogether) {
  EXPECT_EQ(of({0}), 2);
  EXPECT_EQ(of({1}), 3);
  EXPECT_EQ(of({10, 0}), 42);
}

TEST_F(StealTime, IsNotKnownWhereACpuIsMissing) {
  EXPECT_FALSE(of({}));
  EXPECT_FALSE(of({0, 2}));
  EXPECT_FALSE(of({0, 11})) << "a kernel that does not count it";
  const TemporaryDirectory nothing;
  EXPECT_FALSE(read_steal_seconds(Cpus{0}, nothing.path()));
}

TEST(StealTimeHere, IsRead) {
  const auto seconds = read_steal_seconds(Cpus{allowed_cpus().front()});
  ASSERT_TRUE(seconds);
  EXPECT_GE(*seconds, 0);
}

TEST(Frequency, IsInHertz) {
  const TemporaryDirectory root;
  (void)root.write("sys/devices/system/cpu/cpu3/cpufreq/scaling_cur_freq", "2400000\n");
  EXPECT_EQ(read_frequency_hz(3, root.path()), 2.4e9);
}

TEST(Frequency, IsNotKnownWithoutADriver) {
  const TemporaryDirectory root;
  (void)root.write("sys/devices/system/cpu/cpu3/cpufreq/scaling_cur_freq", "<unknown>\n");
  EXPECT_FALSE(read_frequency_hz(3, root.path()));
  EXPECT_FALSE(read_frequency_hz(4, root.path()));
}

}  // namespace
}  // namespace pipebench
