#include "pipebench/analysis/sweep.hpp"

#include <algorithm>
#include <map>

#include "pipebench/model/axis_names.hpp"
#include "pipebench/model/identity.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

// The case's name without its CPUs.
std::string title_of(const CaseResult& result) {
  OptionValues others = result.varied;
  std::erase_if(others, [](const auto& varied) { return varied.first == axis_names::cpus; });
  return case_name(result.section, result.spec, others);
}

std::vector<double> speeds_of(const std::vector<PairSpeed>& pairs) {
  std::vector<double> speeds;
  for (const PairSpeed& pair : pairs) speeds.push_back(pair.gib_per_second);
  return speeds;
}

std::vector<double> handovers_of(const CaseResult& result) {
  std::vector<double> ns;
  for (const Sample& sample : result.samples) {
    for (const ConditionInfo& info : condition_table) {
      const auto& reading = sample.conditions.*info.value;
      if (info.condition == Condition::handover && reading) ns.push_back(*reading);
    }
  }
  return ns;
}

std::optional<double> median_handover(const std::vector<PairSpeed>& pairs) {
  std::vector<double> ns;
  for (const PairSpeed& pair : pairs) {
    if (pair.handover_ns) ns.push_back(*pair.handover_ns);
  }
  return ns.empty() ? std::nullopt : std::optional(median(ns));
}

// Pairs that are unlike the others. Few pairs say little of each other.
std::vector<PairSpeed> outliers_of(const std::vector<PairSpeed>& pairs) {
  constexpr std::size_t least_pairs = 5;
  std::vector<PairSpeed> unlike;
  if (pairs.size() < least_pairs) return unlike;
  for (const std::size_t at : outliers(speeds_of(pairs))) unlike.push_back(pairs[at]);
  return unlike;
}

// The CPU that is in at least three quarters of the pairs, when they are more than two.
std::optional<int> common_cpu(const std::vector<PairSpeed>& pairs) {
  if (pairs.size() < 3) return std::nullopt;
  std::map<int, std::size_t> counts;
  for (const PairSpeed& pair : pairs) {
    ++counts[pair.writer];
    if (pair.reader != pair.writer) ++counts[pair.reader];
  }
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  return most->second * 4 >= pairs.size() * 3 ? std::optional(most->first) : std::nullopt;
}

RelationSpeeds speeds_of_relation(Relation relation, std::vector<PairSpeed> pairs) {
  const std::vector<double> speeds = speeds_of(pairs);
  const double middle = median(speeds);
  const auto [worst, best] = std::ranges::minmax_element(pairs, {}, &PairSpeed::gib_per_second);
  RelationSpeeds result{.relation = relation,
                        .pairs = {},
                        .median_gib_per_second = middle,
                        .best = *best,
                        .worst = *worst,
                        .outliers = outliers_of(pairs)};
  if (pairs.size() > 1) result.spread = median_absolute_deviation(speeds) / middle;
  result.suspect = common_cpu(result.outliers);
  result.handover_ns = median_handover(pairs);
  result.pairs = std::move(pairs);
  return result;
}

using PairsByRelation = std::map<Relation, std::vector<PairSpeed>>;

struct SweepParts {
  std::string title;
  PairsByRelation relations = {};
  std::vector<const CaseResult*> cases = {};
};

Sweep sweep_of(SweepParts parts) {
  Sweep sweep{.title = std::move(parts.title), .relations = {}, .cases = std::move(parts.cases)};
  for (auto& [relation, pairs] : parts.relations)
    sweep.relations.push_back(speeds_of_relation(relation, std::move(pairs)));
  const double best =
      std::ranges::max(sweep.relations, {}, &RelationSpeeds::median_gib_per_second).median_gib_per_second;
  for (RelationSpeeds& speeds : sweep.relations) speeds.relative_to_best = speeds.median_gib_per_second / best;
  return sweep;
}

}  // namespace

bool is_of_a_sweep(const CaseResult& result) {
  const auto is_cpus = [](const auto& varied) { return varied.first == axis_names::cpus; };
  return result.summary && !result.spec.takes_turns() && result.spec.placement.relation &&
         std::ranges::any_of(result.varied, is_cpus);
}

std::optional<double> median_handover(const CaseResult& result) {
  const std::vector<double> ns = handovers_of(result);
  return ns.empty() ? std::nullopt : std::optional(median(ns));
}

std::vector<Sweep> find_sweeps(const Document& document) {
  std::vector<SweepParts> found;
  std::map<std::string, std::size_t> places;
  for (const CaseResult& result : document.cases) {
    if (!is_of_a_sweep(result)) continue;
    const auto [at, is_new] = places.try_emplace(title_of(result), found.size());
    if (is_new) found.push_back({.title = at->first});
    SweepParts& parts = found[at->second];
    parts.cases.push_back(&result);
    const Placement& placement = result.spec.placement;
    parts.relations[*placement.relation].push_back({.writer = *placement.writer_cpu,
                                                    .reader = *placement.reader_cpu,
                                                    .gib_per_second = result.summary->median_gib_per_second,
                                                    .stable = result.summary->stable(),
                                                    .handover_ns = median_handover(result)});
  }
  std::vector<Sweep> sweeps;
  for (SweepParts& parts : found) {
    if (parts.cases.size() > 1) sweeps.push_back(sweep_of(std::move(parts)));
  }
  return sweeps;
}

std::vector<HandoverReadings> handovers_beside_samples(const Document& document) {
  std::vector<HandoverReadings> pairs;
  std::map<std::pair<int, int>, std::size_t> places;
  for (const CaseResult& result : document.cases) {
    const std::vector<double> ns = handovers_of(result);
    const Placement& placement = result.spec.placement;
    if (ns.empty() || !placement.relation) continue;
    const auto [first, second] = std::minmax(*placement.writer_cpu, *placement.reader_cpu);
    const auto [at, is_new] = places.try_emplace({first, second}, pairs.size());
    if (is_new) pairs.push_back({.first = first, .second = second, .relation = *placement.relation});
    std::vector<double>& all = pairs[at->second].ns;
    all.insert(all.end(), ns.begin(), ns.end());
  }
  return pairs;
}

}  // namespace pipebench
