#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "kernel_work.hpp"
#include "perf_rights.hpp"
#include "pipebench/system/perf/sampler.hpp"
#include "pipebench/system/pipe.hpp"
#include "refusal.hpp"
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

/// While this thread sleeps and another one works on its CPU.
void let_another_work(int cpu, double seconds) {
  std::jthread([&] {
    pin_to(cpu);
    Copier copy;
    work_for(seconds, copy);
  }).join();
}

TEST(StackSampler, SaysWhoseEventItIs) {
  const int cpu = ::sched_getcpu();
  ASSERT_GE(cpu, 0);
  std::string refused;
  std::jthread([&] {
    pin_to(cpu);
    // The smallest buffer, so that the other thread's samples leave no room in it, if they are taken.
    for (const std::optional<int> sampled : {std::optional(cpu), std::optional<int>()}) {
      StackSampler sampler({.frequency_hz = 20'000, .cpu = sampled, .seconds = 0});
      if (sampler.refusal() || (sampled && !may_sample_cpu(*sampled))) {
        refused = "whole CPUs, or all, may not be sampled here";
        return;
      }
      sampler.start();
      let_another_work(cpu, 0.3);
      sampler.stop();
      EXPECT_EQ(sampler.scope(), sampled ? EventScope::cpu : EventScope::thread);
      EXPECT_EQ(sampler.collect().lost.has_value(), !sampled) << "it is full of the other thread's";
    }
  }).join();
  if (!refused.empty()) GTEST_SKIP() << refused;
}

TEST(StackSampler, DoesWithoutTheCpuWhereThatCannotBeSampled) {
  constexpr int no_cpu = 1 << 20;
  StackSampler sampler({.cpu = no_cpu});
  if (sampler.refusal()) GTEST_SKIP() << sentence_of(sampler.refusal()->finding);
  EXPECT_EQ(sampler.scope(), EventScope::thread);
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

/// Who may sample the kernel, but lock no more than the user's buffers may take. In a thread, as raw system calls
/// concern one alone.
class WithoutMemoryToLock : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &before_), 0);
    const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_MEMLOCK, &none), 0);
    static_cast<void>(root_.write("proc/self/status", fmt::format("CapEff:\t{:016x}\n", perfmon)));
    for (const char* name : {"perf_event_mlock_kb", "perf_event_paranoid"}) {
      const std::string file = std::string("proc/sys/kernel/") + name;
      std::ifstream(std::filesystem::path("/") / file) >> settings_[name];
      static_cast<void>(root_.write(file, std::to_string(settings_[name]) + "\n"));
    }
    using std::filesystem::perms;
    std::filesystem::permissions(root_.path(), perms::group_exec | perms::others_exec,
                                 std::filesystem::perm_options::add);
  }
  void TearDown() override { ::setrlimit(RLIMIT_MEMLOCK, &before_); }

  /// Skips where there is no such user. A user of its own for each test: what another one has locked is given back
  /// late.
  template <class Work>
  void as_user(unsigned user, Work work) {
    if (settings_["perf_event_paranoid"] < 0)
      GTEST_SKIP() << "kernel.perf_event_paranoid is below 0, which lifts the limit";
    bool became = false;
    std::jthread([&] {
      became = become(user);
      if (became) work();
    }).join();
    if (!became) GTEST_SKIP() << "this user may not become another one with CAP_PERFMON";
  }

  [[nodiscard]] SamplerOptions options(double seconds, std::size_t threads) const {
    return {.threads = threads, .seconds = seconds, .events = {cpu_clock}, .root = root_.path()};
  }

  static constexpr std::uint64_t perfmon = std::uint64_t{1} << 38U;
  TemporaryDirectory root_;
  std::map<std::string, long> settings_;

 private:
  static bool become(unsigned user) {
    if (::prctl(PR_SET_KEEPCAPS, 1) != 0 || ::syscall(SYS_setresuid, user, user, user) != 0) return false;
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> sets{};
    sets[1].effective = sets[1].permitted = static_cast<std::uint32_t>(perfmon >> 32U);
    return ::syscall(SYS_capset, &header, sets.data()) == 0;
  }

  rlimit before_{};
};

constexpr double endless = 1e6;  // asks for the largest buffer

TEST_F(WithoutMemoryToLock, ThreadsShareWhatTheirUserMayLock) {
  as_user(54321, [&] {
    std::vector<std::unique_ptr<StackSampler>> samplers;
    for (std::size_t i = 0; i < 4; ++i) samplers.push_back(std::make_unique<StackSampler>(options(endless, 4)));
    for (const auto& sampler : samplers) {
      EXPECT_FALSE(sampler->refusal()) << sentence_of(sampler->refusal()->finding);
      EXPECT_EQ(sampler->ring_bytes(), samplers.front()->ring_bytes());
    }
    EXPECT_GT(samplers.front()->ring_bytes(), 16U * 1024U) << "more than the smallest";
  });
}

TEST_F(WithoutMemoryToLock, TheRefusalSaysWhatIsSharedAndWhatToDo) {
  as_user(54322, [&] {
    std::vector<std::unique_ptr<StackSampler>> samplers;
    do {
      samplers.push_back(std::make_unique<StackSampler>(options(endless, 1)));
    } while (!samplers.back()->refusal() && samplers.size() < 100);
    ASSERT_TRUE(samplers.back()->refusal());
    const Finding& finding = samplers.back()->refusal()->finding;
    const long limit = settings_["perf_event_mlock_kb"];
    EXPECT_TRUE(holds(finding.why, fmt::format("kernel.perf_event_mlock_kb, {} KiB for each of", limit)))
        << finding.why;
    EXPECT_TRUE(holds(finding.why, "both ends")) << finding.why;
    EXPECT_TRUE(holds(finding.why, "0 KiB are allowed (ulimit -l)")) << finding.why;
    EXPECT_EQ(finding.mend, fmt::format("sysctl -w kernel.perf_event_mlock_kb={}", std::max(4096L, 2 * limit)));
    EXPECT_EQ(samplers.back()->event(), "");
  });
}

TEST(StackSampler, KeepsToTheHighestRateOfTheMachine) {
  const TemporaryDirectory root;
  static_cast<void>(root.write("proc/sys/kernel/perf_event_max_sample_rate", "250\n"));
  EXPECT_EQ(StackSampler({.root = root.path()}).frequency_hz(), 250U);
  EXPECT_EQ(StackSampler({.root = "/nonexistent"}).frequency_hz(), SamplerOptions().frequency_hz);
}

}  // namespace
}  // namespace pipebench
