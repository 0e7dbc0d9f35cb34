#include "pipebench/analysis/completion.hpp"

#include <fmt/format.h>

#include <string>

#include "pipebench/analysis/summary.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/units.hpp"

namespace pipebench {
namespace {

std::string what_ended(const PlanRecord& plan) {
  if (!plan.complete) return "the run was interrupted";
  const std::optional<double>& budget = plan.goals.budget_seconds;
  return budget ? fmt::format("another round did not fit into the budget of {}", format_duration(*budget))
                : "conditions never settled long enough";
}

}  // namespace

void settle(std::span<CaseResult> cases, const PlanRecord& plan) {
  for (CaseResult& result : cases) {
    if (result.status != Status::planned) continue;
    const std::size_t taken = counted_samples(result).size();
    if (taken >= result.sampling.rounds) {
      result.status = Status::ok;
    } else {
      result.reason =
          fmt::format("{} of {}, as {}.", taken, counted(result.sampling.rounds, "round"), what_ended(plan));
    }
  }
}

bool is_cut_short(const CaseResult& result) {
  return result.status == Status::planned && !counted_samples(result).empty();
}

}  // namespace pipebench
