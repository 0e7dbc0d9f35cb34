#include "app/goals.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "pipebench/analysis/precision.hpp"
#include "pipebench/analysis/steady.hpp"

namespace pipebench {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

// What belongs to a sample besides its phases, such as making buffers, took its share of the time so far.
void expect_as_before(std::vector<CaseSoFar>& so_far, std::span<const CaseResult> cases, double elapsed) {
  double expected = 0;
  for (std::size_t i = 0; i < cases.size(); ++i)
    expected += so_far[i].seconds_per_sample * static_cast<double>(cases[i].samples.size());
  if (expected <= 0) return;
  for (CaseSoFar& one : so_far) one.seconds_per_sample *= std::max(1.0, elapsed / expected);
}

class RoundPlanner {
 public:
  RoundPlanner(const PlanRecord& plan, std::function<double()> seconds, bool counts)
      : goals_(plan.goals), baseline_(plan.baseline), seconds_(std::move(seconds)), counts_(counts) {}

  std::vector<std::size_t> operator()(std::span<CaseResult> cases, unsigned round) {
    if (goals_.steady) set_aside_others(cases);
    if (!goals_.budget_seconds && round >= most_rounds(cases)) return {};
    const double now = seconds_();
    if (round == 0) first_round_began_ = now;
    std::vector<CaseSoFar> so_far = cases_so_far(cases, baseline_);
    expect_as_before(so_far, cases, now - first_round_began_);
    const PrecisionGoal goal{.precision = goals_.precision.value_or(infinite),
                             .budget_seconds = goals_.budget_seconds.value_or(infinite)};
    return next_round(so_far, goal, now + seconds_of_counting(so_far, cases)).cases;
  }

 private:
  // A case that cannot become precise, or a machine that never settles, would keep the run going forever.
  static unsigned most_rounds(std::span<const CaseResult> cases) {
    unsigned rounds = 0;
    for (const CaseResult& result : cases) rounds = std::max(rounds, result.sampling.rounds);
    return rounds_limit_factor * rounds;
  }

  [[nodiscard]] double seconds_of_counting(std::span<const CaseSoFar> so_far, std::span<const CaseResult> cases) const {
    double seconds = 0;
    for (std::size_t i = 0; counts_ && i < cases.size(); ++i) {
      if (cases[i].status == Status::planned && wants_counting(cases[i])) seconds += so_far[i].seconds_per_sample;
    }
    return seconds;
  }

  RunGoals goals_;
  std::string baseline_;
  std::function<double()> seconds_;
  bool counts_;
  double first_round_began_ = 0;
};

}  // namespace

std::vector<CaseSoFar> expected_cases(std::span<const CaseResult> cases, double elapsed_seconds) {
  std::vector<CaseSoFar> so_far = cases_so_far(cases, {});
  expect_as_before(so_far, cases, elapsed_seconds);
  return so_far;
}

NextCases cases_until(const PlanRecord& plan, std::function<double()> seconds, bool counts) {
  return RoundPlanner(plan, std::move(seconds), counts);
}

}  // namespace pipebench
