#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kernel_work.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/system/perf/event.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

constexpr CountedEvent task_clock{"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK};
constexpr CountedEvent page_faults{"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS};
/// No PMU has this type.
constexpr CountedEvent unknown{"unicorns", 0x7fffffff, 0};

/// Why perf itself is refused; empty where it is not. That an event is unknown is what some tests want.
std::string why_refused(const CounterGroup& group) {
  for (const auto& missing : group.missing()) {
    if (missing.refusal.obstacle != PerfObstacle::no_such_event) return sentence_of(missing.refusal.finding);
  }
  return {};
}

TEST(CounterGroup, CountsTheIntervalAlone) {
  const std::array events{task_clock, page_faults};
  CounterGroup group(events);
  if (const std::string why = why_refused(group); !why.empty()) GTEST_SKIP() << why;
  ASSERT_TRUE(touch_new_pages(100));
  group.start();
  ASSERT_TRUE(touch_new_pages(50));
  group.stop();
  ASSERT_TRUE(touch_new_pages(100));
  const auto counts = group.counts();
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_GE(counts[1].value().value, 50U);
  EXPECT_LT(counts[1]->value, 100U);
  EXPECT_GT(counts[0].value().value, 0U);
  EXPECT_FALSE(counts[0]->is_scaled());
}

TEST(CounterGroup, BeginsAnewWithEachStart) {
  const std::array events{page_faults};
  CounterGroup group(events);
  if (const std::string why = why_refused(group); !why.empty()) GTEST_SKIP() << why;
  group.start();
  ASSERT_TRUE(touch_new_pages(200));
  group.stop();
  group.start();
  ASSERT_TRUE(touch_new_pages(10));
  group.stop();
  const auto second = group.counts().at(0).value();
  EXPECT_GE(second.value, 10U);
  EXPECT_LT(second.value, 100U);
}

TEST(CounterGroup, IsOfTheCallingThreadAlone) {
  const std::array events{page_faults};
  CounterGroup group(events);
  if (const std::string why = why_refused(group); !why.empty()) GTEST_SKIP() << why;
  group.start();
  // Many: to start a thread takes faults, too, hundreds with the thread sanitizer.
  std::jthread([] { EXPECT_TRUE(touch_new_pages(5000)); }).join();
  group.stop();
  EXPECT_LT(group.counts().at(0).value().value, 2500U);
}

TEST(CounterGroup, LeavesOutWhatTheMachineDoesNotCount) {
  const std::array events{unknown, page_faults, unknown};
  CounterGroup group(events);
  if (const std::string why = why_refused(group); !why.empty()) GTEST_SKIP() << why;
  ASSERT_EQ(group.missing().size(), 2U);
  EXPECT_EQ(group.missing()[0].event, 0U);
  EXPECT_EQ(group.missing()[1].event, 2U);
  EXPECT_TRUE(holds(group.missing()[0].refusal.finding.what, "unicorns"));
  group.start();
  ASSERT_TRUE(touch_new_pages(20));
  group.stop();
  const auto counts = group.counts();
  EXPECT_FALSE(counts.at(0) || counts.at(2));
  EXPECT_GE(counts.at(1).value().value, 20U);
}

TEST(CounterGroup, IsEmptyWhereNothingIsCounted) {
  const std::array events{unknown};
  CounterGroup group(events);
  group.start();
  group.stop();
  ASSERT_EQ(group.counts().size(), 1U);
  EXPECT_FALSE(group.counts()[0]);
}

TEST(CounterGroup, SaysWhenNoMoreFilesMayBeOpen) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  perf_event_attr attr{};
  attr.type = page_faults.type;
  attr.config = page_faults.config;
  const PerfEvent event = PerfEvent::of_this_thread(attr);
  ::setrlimit(RLIMIT_NOFILE, &before);
  if (event.error() != EMFILE) GTEST_SKIP() << describe_errno(event.error());
  EXPECT_EQ(explain_refusal("page faults", event.error()).obstacle, PerfObstacle::no_descriptor);
}

TEST(Count, IsScaledByTheTimeThatItWasNotCounted) {
  EXPECT_EQ((CounterGroup::Count{.value = 10, .enabled_seconds = 2, .running_seconds = 2}.scaled()), 10);
  EXPECT_EQ((CounterGroup::Count{.value = 10, .enabled_seconds = 2, .running_seconds = 0.5}.scaled()), 40);
  EXPECT_EQ((CounterGroup::Count{.value = 0, .enabled_seconds = 2, .running_seconds = 0}.scaled()), std::nullopt);
}

TEST(Refusal, NamesTheSettingAndTheCommand) {
  const TemporaryDirectory root;
  static_cast<void>(root.write("proc/sys/kernel/perf_event_paranoid", "2\n"));
  const PerfRefusal refusal = explain_refusal("cycles", EACCES, root.path());
  EXPECT_EQ(refusal.obstacle, PerfObstacle::not_allowed);
  EXPECT_TRUE(holds(refusal.finding.why, "kernel.perf_event_paranoid is 2"));
  EXPECT_EQ(refusal.finding.mend, "sysctl -w kernel.perf_event_paranoid=1");
}

PerfRefusal refusal_with(const std::string& paranoid, const std::string& status, const std::string& user_namespace) {
  const TemporaryDirectory root;
  static_cast<void>(root.write("proc/sys/kernel/perf_event_paranoid", paranoid + "\n"));
  static_cast<void>(root.write("proc/self/status", "Name:\tx\n" + status));
  root.link("proc/self/ns/user", user_namespace);
  return explain_refusal("cycles", EPERM, root.path());
}

const std::string filtered = "Seccomp:\t2\nSeccomp_filters:\t1\n", unfiltered = "Seccomp:\t0\n";
const std::string all_capabilities = "CapEff:\t000001ffffffffff\n", no_capabilities = "CapEff:\t0000000000000000\n";
const std::string first_namespace = "user:[4026531837]", other_namespace = "user:[4026532241]";

TEST(Refusal, IsNotBlamedOnASettingThatAllowsIt) {
  const PerfRefusal refusal = refusal_with("-1", no_capabilities + filtered, first_namespace);
  EXPECT_EQ(refusal.obstacle, PerfObstacle::not_allowed);
  EXPECT_TRUE(holds(refusal.finding.why, "seccomp"));
  EXPECT_TRUE(refusal.finding.mend.empty());
  EXPECT_TRUE(holds(explain_refusal("cycles", EPERM, "/nonexistent").finding.why, "security module"));
}

TEST(Refusal, IsNotBlamedOnASettingThatDoesNotBindThisUser) {
  for (const char* held : {"000001ffffffffff", "0000004000000000", "0000000000200000"}) {
    const Finding finding = refusal_with("2", fmt::format("CapEff:\t{}\n", held) + filtered, first_namespace).finding;
    EXPECT_FALSE(holds(finding.why, "paranoid")) << held;
    EXPECT_TRUE(holds(finding.why, "A seccomp filter is in force;")) << held;
    EXPECT_EQ(finding.mend, "") << held;
  }
  EXPECT_TRUE(holds(refusal_with("2", all_capabilities + unfiltered, first_namespace).finding.why, "security module"));
}

TEST(Refusal, MayHaveTwoCauses) {
  const Finding finding = refusal_with("2", no_capabilities + filtered, first_namespace).finding;
  EXPECT_TRUE(holds(finding.why, "kernel.perf_event_paranoid is 2"));
  EXPECT_TRUE(holds(finding.why, "A seccomp filter is in force, too,"));
  EXPECT_TRUE(holds(finding.why, "--cap-add=PERFMON"));
  EXPECT_EQ(finding.mend, "sysctl -w kernel.perf_event_paranoid=1");
}

TEST(Refusal, IsNotHelpedByCapabilitiesOfAUserNamespace) {
  const Finding finding = refusal_with("2", all_capabilities + unfiltered, other_namespace).finding;
  EXPECT_TRUE(holds(finding.why, "kernel.perf_event_paranoid is 2"));
  EXPECT_FALSE(holds(finding.why, "seccomp"));
}

TEST(Refusal, TellsKindsApart) {
  EXPECT_EQ(explain_refusal("cycles", ENOENT).obstacle, PerfObstacle::no_such_event);
  EXPECT_EQ(explain_refusal("cycles", ENOSYS).obstacle, PerfObstacle::no_perf);
  EXPECT_EQ(explain_refusal("cycles", EINVAL).obstacle, PerfObstacle::other);
  EXPECT_TRUE(holds(explain_refusal("cycles", EINVAL).finding.what, "EINVAL"));
}

}  // namespace
}  // namespace pipebench
