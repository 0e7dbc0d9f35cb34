// Other pipebenches on the same CPUs: which CPUs a plan takes, and what is said of those who have them.
#include "app/others.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "fake_machine.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

using Cpus = std::vector<int>;

/// Names that nobody else has.
std::string family() {
  static const std::string own = "pipebench/test-others/" + std::to_string(::getpid());
  return own;
}

CaseResult planned(std::optional<int> writer, std::optional<int> reader) {
  CaseResult result;
  result.spec.placement = {.writer_cpu = writer, .reader_cpu = reader, .relation = {}};
  return result;
}

TEST(CpusToMeasureOn, AreThoseOfPlannedCases) {
  std::vector<CaseResult> cases{planned(8, 3), planned(3, 3), planned(12, 13)};
  cases[0].spec.streams = 2;
  cases[0].spec.further_placements = {{.writer_cpu = 5, .reader_cpu = 4, .relation = {}}};
  cases[2].status = Status::skipped;
  EXPECT_EQ(cpus_to_measure_on(cases, fake_machine()), (Cpus{3, 4, 5, 8}));
}

TEST(CpusToMeasureOn, AreAllThatAreAllowedWhereEndsAreNotPinned) {
  const std::vector<CaseResult> cases{planned(3, {})};
  EXPECT_EQ(cpus_to_measure_on(cases, fake_machine_with({2, 3, 11})), (Cpus{2, 3, 11}));
  EXPECT_TRUE(cpus_to_measure_on({}, fake_machine()).empty());
}

TEST(Turn, IsTakenSilentlyWhereNoOtherMeasures) {
  const CpuClaim claim = claim_cpus(Cpus{1, 2}, false, family());
  EXPECT_TRUE(claim.lock);
  EXPECT_TRUE(claim.findings.empty());
}

TEST(Turn, NamesTheProcessThatMeasures) {
  const CpuClaim first = claim_cpus(Cpus{0, 1, 2, 3, 7}, false, family());
  const CpuClaim second = claim_cpus(Cpus{1, 2, 3, 7, 8}, false, family());
  EXPECT_FALSE(second.lock);
  ASSERT_EQ(second.findings.size(), 1U);
  EXPECT_EQ(second.findings[0].severity, Severity::warning);
  EXPECT_TRUE(holds(second.findings[0].what, "process " + std::to_string(::getpid()) + ", "));
  EXPECT_TRUE(holds(second.findings[0].what, "CPUs 1-3,7 "));
}

// A fork that does what another process would, and has ended when this returns.
void in_another_process(const std::function<void()>& action) {
  const pid_t child = ::fork();
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

std::vector<std::string> texts(const std::vector<Finding>& findings) {
  std::vector<std::string> texts;
  for (const Finding& finding : findings) texts.push_back(finding.what);
  return texts;
}

TEST(Turn, LearnsOfWhoBeganLater) {
  CpuClaim first = claim_cpus(Cpus{0, 1, 2}, false, family());
  first.look_again();
  EXPECT_TRUE(first.findings.empty());
  CpuClaim second = claim_cpus(Cpus{1, 2, 3}, false, family());
  first.look_again();
  const std::vector<Finding> findings = first.all_findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].severity, Severity::warning);
  EXPECT_TRUE(holds(findings[0].what, "process " + std::to_string(::getpid()) + ", "));
  EXPECT_TRUE(holds(findings[0].what, "measured on CPUs 1-2 during this run.")) << findings[0].what;
  second.look_again();
  first.look_again();
  EXPECT_EQ(texts(first.all_findings()), texts(findings)) << "each process is counted once";
  EXPECT_EQ(second.all_findings().size(), 1U);
}

TEST(Turn, LearnsOfWhoCameAndWent) {
  CpuClaim first = claim_cpus(Cpus{1}, false, family());
  in_another_process([names = family()] { (void)claim_cpus(Cpus{1}, false, names); });
  first.look_again();
  const std::vector<std::string> found = texts(first.all_findings());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(holds(found[0], "measured on CPU 1 during this run.")) << found[0];
}

TEST(Turn, IsNotDisturbedByWhoOnlyAsks) {
  CpuClaim first = claim_cpus(Cpus{1}, false, family());
  EXPECT_FALSE(MeasuringLock::try_take(Cpus{1}, family()).lock);
  const std::atomic<int> interrupted{1};
  EXPECT_FALSE(MeasuringLock::wait_for(Cpus{1}, 1, interrupted, family()).lock);
  first.look_again();
  EXPECT_EQ(texts(first.all_findings()), std::vector<std::string>{});
}

// Else a third one would know nothing of the second, which measures still.
TEST(Turn, IsTakenOverFromWhoHasEnded) {
  std::optional<CpuClaim> first = claim_cpus(Cpus{1}, false, family());
  CpuClaim second = claim_cpus(Cpus{1}, false, family());
  first.reset();
  second.look_again();
  EXPECT_TRUE(second.lock);
  EXPECT_EQ(claim_cpus(Cpus{1}, false, family()).findings.size(), 1U);
}

TEST(Turn, IsAnnouncedToWhoTookItMeanwhile) {
  std::optional<CpuClaim> first = claim_cpus(Cpus{1}, false, family());
  CpuClaim second = claim_cpus(Cpus{1}, false, family());
  first.reset();
  CpuClaim third = claim_cpus(Cpus{1}, false, family());
  EXPECT_TRUE(third.lock);
  second.look_again();
  third.look_again();
  EXPECT_EQ(third.all_findings().size(), 1U);
}

// Without a PID that is visible from here.
LockHolder elsewhere(const std::string& mark) { return {.user = 1000, .mark = mark, .cpus = {1, 2}}; }

TEST(Turn, TellsNewcomersOfOtherPidNamespacesApart) {
  CpuClaim claim;
  claim.notice({elsewhere("7 aaaa")});
  EXPECT_EQ(texts(claim.all_findings()),
            std::vector<std::string>{"Another pipebench (of user 1000 in another PID namespace, process 7 there) "
                                     "measured on CPUs 1-2 during this run."});
  claim.notice({elsewhere("7 aaaa"), elsewhere("7 bbbb")});
  claim.notice({elsewhere("7 bbbb"), elsewhere("")});
  EXPECT_EQ(claim.noticed.size(), 3U);
}

TEST(Turn, HasOneFindingOfAllNewcomers) {
  CpuClaim claim;
  for (int i = 0; i < 13; ++i) claim.notice({elsewhere(std::to_string(i + 20) + " aaaa")});
  claim.noticed[4].cpus = {4};
  EXPECT_EQ(texts(claim.all_findings()),
            std::vector<std::string>{"13 other pipebenches (the last: of user 1000 in another PID namespace, process "
                                     "32 there) measured on CPUs 1-2,4 during this run."});
}

/// A process in a PID namespace of its own, from which this one is not visible: it takes CPUs, and says on demand what
/// it has found out.
class NamespacedTurn {
 public:
  explicit NamespacedTurn(const Cpus& cpus) {
    (void)family();  // this process's
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_.data()), 0);
    child_ = ::fork();
    if (child_ == 0) {
      if (::unshare(::geteuid() == 0 ? CLONE_NEWPID : CLONE_NEWUSER | CLONE_NEWPID) != 0) ::_exit(1);
      ::close(ends_[0]);  // or the inner one would not see that this end is closed
      const pid_t inner = ::fork();
      if (inner == 0) measure_on(cpus);
      ::close(ends_[1]);
      ::_exit(inner < 0 || ::waitpid(inner, nullptr, 0) != inner ? 1 : 0);
    }
    ::close(ends_[1]);
    exists_ = read() == "ready";
  }
  ~NamespacedTurn() {
    ::close(ends_[0]);
    ::waitpid(child_, nullptr, 0);
  }
  NamespacedTurn(const NamespacedTurn&) = delete;
  NamespacedTurn& operator=(const NamespacedTurn&) = delete;

  [[nodiscard]] bool exists() const { return exists_; }
  /// What is said of others.
  [[nodiscard]] std::vector<std::string> findings() const {
    EXPECT_EQ(::send(ends_[0], "look", 4, MSG_NOSIGNAL), 4);
    std::istringstream lines(read());
    std::vector<std::string> findings;
    for (std::string line; std::getline(lines, line);) findings.push_back(line);
    return findings;
  }

 private:
  [[noreturn]] void measure_on(const Cpus& cpus) const {
    CpuClaim claim = claim_cpus(cpus, false, family());
    std::string text = "ready";
    std::array<char, 8> demand{};
    do {
      (void)!::send(ends_[1], text.data(), text.size(), MSG_NOSIGNAL);
      if (::recv(ends_[1], demand.data(), demand.size(), 0) <= 0) ::_exit(0);
      claim.look_again();
      text.clear();
      for (const std::string& finding : texts(claim.all_findings())) text += finding + '\n';
    } while (true);
  }
  [[nodiscard]] std::string read() const {
    std::array<char, 4096> text{};
    const ssize_t size = ::recv(ends_[0], text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

  std::array<int, 2> ends_{-1, -1};
  pid_t child_ = -1;
  bool exists_ = false;
};

TEST(Turn, CountsNewcomersWhoseProcessesAreNotVisible) {
  const NamespacedTurn first({1});
  if (!first.exists()) GTEST_SKIP() << "this process may not make a PID namespace";
  CpuClaim second = claim_cpus(Cpus{1}, false, family());
  const CpuClaim third = claim_cpus(Cpus{1}, false, family());
  second.look_again();
  const auto findings = first.findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_TRUE(findings[0].starts_with("2 other pipebenches (the last: ")) << "two claims: " << findings[0];
  EXPECT_TRUE(holds(findings[0], " in another PID namespace, process " + std::to_string(::getpid()) + " there"));
  EXPECT_TRUE(holds(findings[0], "measured on CPU 1 during this run."));
}

TEST(Turn, SaysThatThoseWhoseProcessesAreNotVisibleMayBeSeveral) {
  const CpuClaim first = claim_cpus(Cpus{2}, false, family());
  const CpuClaim second = claim_cpus(Cpus{3}, false, family());
  const NamespacedTurn third({2, 3});
  if (!third.exists()) GTEST_SKIP() << "this process may not make a PID namespace";
  const auto findings = third.findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_TRUE(findings[0].starts_with("At least one other pipebench (of user ")) << findings[0];
  EXPECT_TRUE(holds(findings[0], " in another PID namespace) was measuring on CPUs 2-3 when this run began."));
}

rlimit descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

TEST(Turn, LeavesItsDescriptorsToTheRun) {
  const rlimit before = descriptor_limit();
  rlimit lower = before;
  lower.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lower), 0);
  {
    const CpuClaim claim = claim_cpus(Cpus{1, 2, 3}, false, family());
    EXPECT_TRUE(claim.lock);
    EXPECT_EQ(descriptor_limit().rlim_cur, 103U);
  }
  EXPECT_EQ(descriptor_limit().rlim_cur, 100U);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

// In a process of its own: nobody but root can raise the limit again.
TEST(Turn, IsNotTakenWhereDescriptorsAreFew) {
  const auto few = [] {
    const rlimit limit{.rlim_cur = 64, .rlim_max = 64};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    Cpus many;
    for (int cpu = 0; cpu < 50; ++cpu) many.push_back(cpu);
    const CpuClaim claim = claim_cpus(many, true, family());
    const bool noted = claim.findings.size() == 1 && claim.findings[0].severity == Severity::note;
    return !claim.lock && noted && holds(claim.findings[0].what, "EMFILE");
  };
  const pid_t child = ::fork();
  if (child == 0) ::_exit(few() ? 0 : 1);
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace pipebench
