#include "app/estimate.hpp"

#include <algorithm>

#include "app/goals.hpp"
#include "pipebench/engine/ceilings.hpp"
#include "pipebench/engine/sample.hpp"

namespace pipebench {
namespace {

double sample_seconds(const CaseResult& result) {
  // Threads, pipes and buffers are made anew for each sample (measured on a VM with two CPUs).
  constexpr double between_samples = 0.004;
  constexpr double further_stream = 0.0015;
  constexpr double conditions = 0.0015;
  const Sampling& sampling = result.sampling;
  return sampling.time_seconds + sampling.warmup_seconds + between_samples +
         further_stream * static_cast<double>(result.spec.placement_count() - 1) +
         (sampling.conditions ? conditions : 0);
}

double case_seconds(const CaseResult& result, const Workload& work, unsigned rounds) {
  const bool one_more = work.counts_events && wants_counting(result);
  double seconds = (rounds + (one_more ? 1 : 0)) * sample_seconds(result);
  if (result.sampling.verify && !result.verify) seconds += estimated_verification_seconds(result.spec);
  return seconds;
}

std::optional<double> seconds_of(const Workload& work, const auto& rounds_of) {
  constexpr double reading_symbols = 0.1;  // once
  double seconds = 0;
  bool any_profile = false;
  for (const CaseResult& result : work.cases) {
    if (result.status != Status::planned) continue;
    if (result.sampling.bytes || result.sampling.to_end_of_input) return std::nullopt;
    seconds += case_seconds(result, work, rounds_of(result));
    any_profile = any_profile || result.sampling.profile_hz;
  }
  if (!work.cases.empty()) seconds *= static_cast<double>(work.all) / static_cast<double>(work.cases.size());
  return seconds + (any_profile ? reading_symbols : 0);
}

}  // namespace

std::optional<double> estimated_seconds(const Workload& work, unsigned factor) {
  return seconds_of(work, [&](const CaseResult& result) { return factor * result.sampling.rounds; });
}

void estimate(PlanRecord& record, const Workload& work) {
  const RunGoals& goals = record.goals;
  if (record.tuning) {  // which decides itself how many samples it takes
    record.longest_seconds = goals.budget_seconds;
    return;
  }
  // What limits the cores is measured before the rounds and after them.
  const double of_cores = record.ceilings ? 2 * estimated_core_ceilings_seconds(work.cases) : 0;
  const auto with_cores = [&](const std::optional<double>& of_cases) {
    return of_cases ? std::optional(*of_cases + of_cores) : std::nullopt;
  };
  record.estimated_seconds = goals.are_open() ? std::nullopt : with_cores(estimated_seconds(work));
  record.longest_seconds = goals.are_open() ? with_cores(estimated_seconds(work, rounds_limit_factor)) : std::nullopt;
  if (!goals.budget_seconds) return;
  // The first round is taken even if the budget is less.
  const auto first_round = with_cores(seconds_of(work, [](const CaseResult&) { return 1U; }));
  record.longest_seconds = std::max(*goals.budget_seconds, first_round.value_or(0));
  if (record.estimated_seconds) record.estimated_seconds = std::min(*record.estimated_seconds, *record.longest_seconds);
}

}  // namespace pipebench
