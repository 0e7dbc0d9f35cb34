#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "kernel_work.hpp"
#include "pipebench/system/perf/sampler.hpp"
#include "pipebench/system/pipe.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

void spin() {
  volatile int turns = 0;
  while (turns < 100'000) turns = turns + 1;
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  EXPECT_EQ(::sched_setaffinity(0, sizeof set, &set), 0);
}

/// Mostly copying in the kernel.
class Copier {
 public:
  void operator()() {
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(plain_write(pipe_.write_fd(), buffer_.data(), buffer_.size()), static_cast<ssize_t>(buffer_.size()));
      EXPECT_EQ(plain_read(pipe_.read_fd(), buffer_.data(), buffer_.size()), static_cast<ssize_t>(buffer_.size()));
    }
  }

 private:
  Pipe pipe_{65536, false};
  std::vector<char> buffer_ = std::vector<char>(65536);
};

TEST(StackSampler, SeesKernelChainsAndUserCode) {
  StackSampler sampler({.frequency_hz = 997});
  if (sampler.refusal()) GTEST_SKIP() << sentence_of(sampler.refusal()->finding);
  Copier copy;
  sampler.start();
  work_for(0.1, copy);
  work_for(0.1, spin);
  sampler.stop();
  const StackSamples taken = sampler.collect();
  EXPECT_EQ(taken.lost, 0U);
  EXPECT_FALSE(taken.is_damaged);
  const auto user = std::ranges::count(taken.samples, true, &StackSample::is_user);
  const auto kernel = std::ranges::count(taken.samples, false, &StackSample::is_user);
  EXPECT_GT(user, 20);
  EXPECT_GT(kernel, 20);
  for (const StackSample& sample : taken.samples) EXPECT_EQ(sample.addresses.empty(), sample.is_user);
  EXPECT_TRUE(
      std::ranges::any_of(taken.samples, [](const StackSample& sample) { return sample.addresses.size() > 2; }));
}

TEST(StackSampler, TakesNoneWhileStoppedAndGivesEachOnce) {
  StackSampler sampler({.frequency_hz = 997});
  if (sampler.refusal()) GTEST_SKIP() << sentence_of(sampler.refusal()->finding);
  work_for(0.05, spin);
  EXPECT_TRUE(sampler.collect().samples.empty());
  sampler.start();
  work_for(0.05, spin);
  sampler.stop();
  work_for(0.05, spin);
  EXPECT_FALSE(sampler.collect().samples.empty());
  EXPECT_TRUE(sampler.collect().samples.empty());
}

TEST(StackSampler, TellsTurnsApart) {
  StackSampler sampler({.frequency_hz = 997});
  if (sampler.refusal()) GTEST_SKIP() << sentence_of(sampler.refusal()->finding);
  Copier copy;
  sampler.start();
  for (int turn = 0; turn < 20; ++turn) {
    work_for(0.005, copy);
    sampler.attribute(0);
    work_for(0.005, spin);
    sampler.attribute(1);
  }
  sampler.stop();
  int copied = 0;
  int copied_in_user = 0;
  int spun = 0;
  int spun_in_user = 0;
  for (const StackSample& sample : sampler.collect().samples) {
    (sample.tag == 0 ? copied : spun) += 1;
    (sample.tag == 0 ? copied_in_user : spun_in_user) += sample.is_user ? 1 : 0;
  }
  EXPECT_GT(copied, 10);
  EXPECT_GT(spun, 10);
  EXPECT_LT(copied_in_user * 4, copied);
  EXPECT_GT(spun_in_user * 4, spun * 3);
}

TEST(StackSampler, IsOfItsThreadWhateverElseRunsOnItsCpu) {
  const int cpu = ::sched_getcpu();
  ASSERT_GE(cpu, 0);
  std::atomic<bool> over{false};
  std::string refused;
  std::thread other([&] {
    pin_to(cpu);
    for (Copier copy; !over;) copy();
  });
  std::jthread([&] {
    pin_to(cpu);
    StackSampler sampler({.frequency_hz = 997, .cpu = cpu});
    sampler.start();
    work_for(0.1, spin);
    sampler.stop();
    const StackSamples taken = sampler.collect();
    if (sampler.refusal()) {
      refused = sampler.refusal()->finding.what;
      return;
    }
    EXPECT_GT(taken.samples.size(), 20U);
    EXPECT_GT(std::ranges::count(taken.samples, true, &StackSample::is_user) * 10, std::ssize(taken.samples) * 7)
        << "the other thread copies, in the kernel";
  }).join();
  over = true;
  other.join();
  if (!refused.empty()) GTEST_SKIP() << refused;
}

TEST(StackSampler, DoesWithoutTheCpuWhereThatCannotBeSampled) {
  constexpr int no_cpu = 1 << 20;
  StackSampler sampler({.cpu = no_cpu});
  if (sampler.refusal()) GTEST_SKIP() << sentence_of(sampler.refusal()->finding);
  sampler.start();
  work_for(0.05, spin);
  sampler.stop();
  EXPECT_FALSE(sampler.collect().samples.empty());
}

TEST(StackSampler, CountsWhatTheBufferHadNoRoomFor) {
  StackSampler sampler({.frequency_hz = 20'000, .seconds = 0});
  if (sampler.refusal()) GTEST_SKIP() << sentence_of(sampler.refusal()->finding);
  Copier copy;
  sampler.start();
  work_for(0.3, copy);
  sampler.stop();
  const StackSamples full = sampler.collect();
  EXPECT_FALSE(full.samples.empty());
  EXPECT_NE(full.lost, 0U) << "some, or it is not known";
  sampler.start();
  spin();
  sampler.stop();
  EXPECT_FALSE(sampler.collect().is_damaged);
}

TEST(StackSampler, TakesTheFirstEventThatThereIs) {
  const CountedEvent unknown{.name = "unicorns", .type = 0x7fffffff, .config = 0};
  StackSampler sampler({.events = {unknown, cpu_clock}});
  if (sampler.refusal()) GTEST_SKIP() << sentence_of(sampler.refusal()->finding);
  EXPECT_EQ(sampler.event(), "cpu-clock");
  const StackSampler none({.events = {unknown}});
  ASSERT_TRUE(none.refusal());
  EXPECT_EQ(none.refusal()->obstacle, PerfObstacle::no_such_event);
  EXPECT_EQ(none.event(), "");
}

TEST(StackSampler, DoesNothingWhereItIsRefused) {
  StackSampler sampler({.events = {{.name = "unicorns", .type = 0x7fffffff, .config = 0}}});
  sampler.start();
  sampler.attribute(1);
  sampler.stop();
  EXPECT_TRUE(sampler.collect().samples.empty());
}

TEST(StackSampler, KeepsToTheHighestRateOfTheMachine) {
  const TemporaryDirectory root;
  static_cast<void>(root.write("proc/sys/kernel/perf_event_max_sample_rate", "250\n"));
  EXPECT_EQ(StackSampler({.root = root.path()}).frequency_hz(), 250U);
  EXPECT_EQ(StackSampler({.root = "/nonexistent"}).frequency_hz(), SamplerOptions().frequency_hz);
}

}  // namespace
}  // namespace pipebench
