#include "pipebench/analysis/precision.hpp"

#include <algorithm>
#include <stdexcept>

#include "pipebench/analysis/baseline.hpp"
#include "pipebench/analysis/completion.hpp"
#include "pipebench/analysis/figures.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/stats/autocorrelation.hpp"

namespace pipebench {
namespace {

const CaseSoFar* baseline_of(std::span<const CaseSoFar> cases, const CaseSoFar& of) {
  if (!of.baseline) return nullptr;
  if (*of.baseline >= cases.size()) throw std::out_of_range("a baseline that is not in the plan");
  const CaseSoFar& baseline = cases[*of.baseline];
  return baseline.over ? nullptr : &baseline;
}

// Its ratios, where there is a baseline; else its figures.
std::vector<double> values_so_far(std::span<const CaseSoFar> cases, std::size_t index) {
  const CaseSoFar& of = cases[index];
  std::vector<double> values;
  if (const CaseSoFar* baseline = baseline_of(cases, of)) {
    for (const auto& [value, reference] : pairs_of_rounds(of.samples, baseline->samples))
      values.push_back(value / reference);
  } else {
    for (const RoundSpeed& sample : of.samples) values.push_back(sample.speed);
  }
  return values;
}

// Of its ratio to its baseline, when it has one that is not over; else of its figure.
double precision_so_far(std::span<const CaseSoFar> cases, std::size_t index, double share_of_ratios) {
  const double share = baseline_of(cases, cases[index]) != nullptr ? share_of_ratios : 1;
  return precision_of(values_so_far(cases, index), 0.95, share);
}

// Rounds that both are to have in any event.
std::size_t pairs_wanted(const CaseSoFar& of, const CaseSoFar& baseline) {
  return std::min(of.least_rounds, baseline.least_rounds);
}

double seconds_of(std::span<const CaseSoFar> cases, std::span<const std::size_t> chosen) {
  double seconds = 0;
  for (const std::size_t index : chosen) seconds += cases[index].seconds_per_sample;
  return seconds;
}

// A case that can never have one is no baseline.
bool may_have_figure(const CaseResult& result) { return result.status == Status::planned || !result.samples.empty(); }

CaseSoFar so_far(const CaseResult& result) {
  CaseSoFar so_far{.samples = figures_of(result),
                   .least_rounds = result.sampling.rounds,
                   .over = result.status == Status::failed || result.status == Status::skipped};
  // Nobody asked how precise it is.
  if (result.only_for_ceilings && so_far.samples.size() >= result.sampling.rounds) so_far.over = true;
  double seconds = 0;
  const std::vector<Sample> samples = counted_samples(result);
  for (const Sample& sample : samples) seconds += sample.counted_seconds;
  so_far.seconds_per_sample =
      result.sampling.warmup_seconds +
      (samples.empty() ? result.sampling.time_seconds : seconds / static_cast<double>(samples.size()));
  return so_far;
}

}  // namespace

std::vector<RoundPair> pairs_of_rounds(std::span<const RoundSpeed> of_case, std::span<const RoundSpeed> of_baseline) {
  std::vector<RoundPair> pairs;
  for (const RoundSpeed& sample : of_case) {
    const auto other = std::ranges::lower_bound(of_baseline, sample.round, {}, &RoundSpeed::round);
    if (other != of_baseline.end() && other->round == sample.round) pairs.push_back({sample.speed, other->speed});
  }
  return pairs;
}

double independent_share_of_ratios(std::span<const CaseSoFar> cases) {
  std::vector<std::vector<double>> ratios;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (baseline_of(cases, cases[i]) != nullptr) ratios.push_back(values_so_far(cases, i));
  }
  return independent_share(ratios);
}

NextRound next_round(std::span<const CaseSoFar> cases, const PrecisionGoal& goal, double elapsed_seconds) {
  NextRound next;
  const double share_of_ratios = independent_share_of_ratios(cases);
  std::vector<bool> goes_on(cases.size());
  bool any_sample = false;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    any_sample = any_sample || !cases[i].samples.empty();
    if (cases[i].over) continue;
    const double precision = precision_so_far(cases, i, share_of_ratios);
    const bool is_missing = !(precision <= goal.precision);
    if (is_missing) next.missing.push_back({i, precision});
    const CaseSoFar* baseline = baseline_of(cases, cases[i]);
    const bool needs_baseline =
        baseline != nullptr && (is_missing || values_so_far(cases, i).size() < pairs_wanted(cases[i], *baseline));
    if (!is_missing && !needs_baseline && cases[i].samples.size() >= cases[i].least_rounds) continue;
    goes_on[i] = true;
    if (needs_baseline) goes_on[*cases[i].baseline] = true;
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (goes_on[i]) next.cases.push_back(i);
  }
  if (any_sample && elapsed_seconds + seconds_of(cases, next.cases) > goal.budget_seconds) next.cases.clear();
  return next;
}

std::vector<CaseSoFar> cases_so_far(std::span<const CaseResult> cases, std::string_view baseline_name) {
  const CaseResult* baseline = find_baseline(cases, baseline_name, may_have_figure);
  std::vector<CaseSoFar> all;
  for (const CaseResult& result : cases) {
    all.push_back(so_far(result));
    if (is_relative_to(result, baseline)) all.back().baseline = static_cast<std::size_t>(baseline - cases.data());
  }
  return all;
}

std::vector<Shortfall> missed_precision(const Document& document) {
  std::vector<Shortfall> missed;
  if (!document.plan.goals.precision) return missed;
  const std::vector<CaseSoFar> cases = cases_so_far(document.cases, document.plan.baseline);
  const double share_of_ratios = independent_share_of_ratios(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const CaseResult& result = document.cases[i];
    if ((result.status != Status::ok && !is_cut_short(result)) || result.only_for_ceilings) continue;
    const double precision = precision_so_far(cases, i, share_of_ratios);
    if (!(precision <= *document.plan.goals.precision)) missed.push_back({i, precision});
  }
  return missed;
}

}  // namespace pipebench
