#include "pipebench/system/measuring_lock.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

#include "refusal.hpp"

namespace pipebench {
namespace {

using Cpus = std::vector<int>;

constexpr double endless = 1e9;
const std::atomic<int> not_interrupted{0};

/// Names that nobody else has.
std::string family() {
  static const std::string own = "pipebench/test/" + std::to_string(::getpid());
  return own;
}

LockAttempt try_take(const Cpus& cpus) { return MeasuringLock::try_take(cpus, family()); }

/// Another process that holds CPUs until it is told to end.
class OtherProcess {
 public:
  explicit OtherProcess(const Cpus& cpus) {
    const std::string names = family();  // the parent's
    EXPECT_EQ(::pipe(ready_.data()), 0);
    EXPECT_EQ(::pipe(end_.data()), 0);
    pid_ = ::fork();
    if (pid_ == 0) hold(cpus, names);
    ::close(ready_[1]);
    ::close(end_[0]);
    char byte = 0;
    EXPECT_EQ(::read(ready_[0], &byte, 1), 1) << "the child could not take the CPUs";
  }
  ~OtherProcess() {
    end_in_order();
    ::waitpid(pid_, nullptr, 0);
    ::close(ready_[0]);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  void end_in_order() {
    if (end_[1] >= 0) ::close(end_[1]);
    end_[1] = -1;
  }
  void kill() const {
    ::kill(pid_, SIGKILL);
    siginfo_t gone{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &gone, WEXITED | WNOWAIT);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  [[noreturn]] void hold(const Cpus& cpus, const std::string& names) const {
    ::close(end_[1]);
    const LockAttempt attempt = MeasuringLock::try_take(cpus, names);
    char byte = 0;
    if (attempt.lock && ::write(ready_[1], &byte, 1) == 1) (void)!::read(end_[0], &byte, 1);
    ::_exit(0);
  }

  std::array<int, 2> ready_{-1, -1};
  std::array<int, 2> end_{-1, -1};
  pid_t pid_ = -1;
};

TEST(MeasuringLock, IsTakenOnce) {
  const LockAttempt first = try_take({3, 1});
  ASSERT_TRUE(first.lock);
  EXPECT_TRUE(first.holders.empty());
  const LockAttempt second = try_take({1, 2, 3});
  EXPECT_FALSE(second.lock);
  ASSERT_EQ(second.holders.size(), 1U);
  EXPECT_EQ(second.holders[0].pid, ::getpid());
  EXPECT_EQ(second.holders[0].cpus, (Cpus{1, 3}));
}

TEST(MeasuringLock, OfOtherCpusDoesNotMatter) {
  const LockAttempt some = try_take({1, 2});
  const LockAttempt others = try_take({12, 3});
  EXPECT_TRUE(some.lock && others.lock);
  EXPECT_TRUE(try_take({}).lock);
}

TEST(MeasuringLock, TakesACpuThatIsNamedTwice) { EXPECT_TRUE(try_take({1, 1}).lock); }

TEST(MeasuringLock, IsOfAllCpusOrOfNone) {
  const LockAttempt held = try_take({2});
  ASSERT_FALSE(try_take({1, 2, 3}).lock);
  EXPECT_TRUE(try_take({1, 3}).lock);
}

TEST(MeasuringLock, GoesWithItsOwner) {
  { ASSERT_TRUE(try_take({1}).lock); }
  EXPECT_TRUE(try_take({1}).lock);
}

TEST(MeasuringLock, NamesTheProcessThatHoldsIt) {
  const OtherProcess other({1});
  const LockAttempt attempt = try_take({0, 1});
  EXPECT_FALSE(attempt.lock);
  ASSERT_EQ(attempt.holders.size(), 1U);
  EXPECT_EQ(attempt.holders[0].pid, other.pid());
  EXPECT_TRUE(holds(attempt.holders[0].command, "measuring_lock_test"));
  EXPECT_EQ(attempt.holders[0].cpus, Cpus{1});
}

TEST(MeasuringLock, NamesEveryProcessOnce) {
  const OtherProcess some({4, 1});
  const OtherProcess others({2});
  const LockAttempt attempt = try_take({1, 2, 3, 4});
  ASSERT_EQ(attempt.holders.size(), 2U);
  EXPECT_EQ(attempt.holders[0].pid, some.pid());
  EXPECT_EQ(attempt.holders[0].cpus, (Cpus{1, 4}));
  EXPECT_EQ(attempt.holders[1].pid, others.pid());
}

TEST(MeasuringLock, GoesWithItsProcessHoweverThatEnds) {
  const OtherProcess other({1});
  ASSERT_FALSE(try_take({1}).lock);
  other.kill();
  EXPECT_TRUE(try_take({1}).lock);
}

// Any process may take a name, and need not answer.
TEST(MeasuringLock, IsAlsoRefusedByAHolderThatDoesNotAnswer) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = family() + "/cpu1";
  std::ranges::copy(name, address.sun_path + 1);
  const UniqueFd squatter(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  ASSERT_EQ(::bind(squatter.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  const LockAttempt attempt = try_take({0, 1});
  EXPECT_FALSE(attempt.lock);
  ASSERT_EQ(attempt.holders.size(), 1U);
  EXPECT_FALSE(attempt.holders[0].pid);
  EXPECT_EQ(attempt.holders[0].cpus, Cpus{1});
}

using Marks = std::vector<std::string>;

Marks marks_of(const std::vector<LockHolder>& newcomers) {
  Marks marks;
  for (const LockHolder& newcomer : newcomers) marks.push_back(newcomer.mark);
  return marks;
}

// As two of other PID namespaces are, whose PIDs say nothing.
TEST(MeasuringLock, TellsNewcomersApartByTheirMarks) {
  const LockAttempt attempt = try_take({1, 2});
  ASSERT_TRUE(attempt.lock);
  MeasuringLock::announce(Cpus{1, 2}, "some", family());
  MeasuringLock::announce(Cpus{2}, "other", family());
  MeasuringLock::announce(Cpus{2}, std::string(64, 'x'), family());
  const auto newcomers = attempt.lock->newcomers();
  EXPECT_EQ(marks_of(newcomers), (Marks{"some", "other", std::string(64, 'x')}));
  EXPECT_EQ(newcomers.at(0).cpus, (Cpus{1, 2}));
  EXPECT_EQ(newcomers.at(0).user, ::getuid());
  EXPECT_TRUE(attempt.lock->newcomers().empty()) << "they are told once";
}

TEST(MeasuringLock, IsWaitedFor) {
  OtherProcess other({1});
  other.end_in_order();
  EXPECT_TRUE(MeasuringLock::wait_for(Cpus{1}, endless, not_interrupted, family()).lock);
}

TEST(MeasuringLock, IsNotWaitedForAfterASignalOrTheGivenTime) {
  const OtherProcess other({1});
  const std::atomic<int> interrupted{SIGINT};
  EXPECT_EQ(MeasuringLock::wait_for(Cpus{1}, endless, interrupted, family()).holders.size(), 1U);
  EXPECT_EQ(MeasuringLock::wait_for(Cpus{1}, 0.001, not_interrupted, family()).holders.size(), 1U);
}

}  // namespace
}  // namespace pipebench
