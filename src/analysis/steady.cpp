#include "pipebench/analysis/steady.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "pipebench/analysis/conditions.hpp"

namespace pipebench {
namespace {

using Marks = std::vector<bool>;

Marks unlike_most(const std::vector<Conditions>& samples) {
  Marks marks(samples.size());
  for (const std::size_t index : under_other_conditions(samples)) marks[index] = true;
  return marks;
}

bool leave_enough(const Marks& marks) {
  return 4 * static_cast<std::size_t>(std::ranges::count(marks, false)) >= marks.size();
}

Marks either(const Marks& some, const Marks& others) {
  Marks marks(some.size());
  for (std::size_t i = 0; i < marks.size(); ++i) marks[i] = some[i] || others[i];
  return marks;
}

Conditions of_cpus(const Sample& sample) {
  Conditions conditions = sample.conditions;
  conditions.steal_seconds = conditions.involuntary_switches = std::nullopt;
  return conditions;
}

Conditions all_of(const Sample& sample) { return sample.conditions; }

Conditions of_case(const Sample& sample) {
  const Conditions& all = sample.conditions;
  return {.steal_seconds = all.steal_seconds, .involuntary_switches = all.involuntary_switches};
}

Marks compare_within(const CaseResult& result, Conditions (*conditions)(const Sample&)) {
  std::vector<Conditions> samples;
  for (const Sample& sample : result.samples) samples.push_back(conditions(sample));
  return unlike_most(samples);
}

/// For each case, which samples are unlike most of those on the same CPUs.
std::vector<Marks> compare_by_cpus(std::span<const CaseResult> cases) {
  using Cpus = std::pair<std::optional<int>, std::optional<int>>;
  std::map<Cpus, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Placement& placement = cases[i].spec.placement;
    groups[{placement.writer_cpu, placement.reader_cpu}].push_back(i);
  }
  std::vector<Marks> all(cases.size());
  for (const auto& [cpus, members] : groups) {
    std::vector<Conditions> samples;
    for (const std::size_t i : members) {
      for (const Sample& sample : cases[i].samples) samples.push_back(of_cpus(sample));
    }
    const Marks marks = unlike_most(samples);
    auto next = marks.begin();
    for (const std::size_t i : members) {
      const auto end = next + std::ssize(cases[i].samples);
      all[i].assign(next, end);
      next = end;
    }
  }
  return all;
}

}  // namespace

void set_aside_others(std::span<CaseResult> cases) {
  const std::vector<Marks> by_cpus = compare_by_cpus(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Marks marks = either(compare_within(cases[i], of_case), by_cpus[i]);
    if (!leave_enough(marks)) marks = compare_within(cases[i], all_of);
    if (!leave_enough(marks)) marks.assign(marks.size(), false);
    for (std::size_t k = 0; k < marks.size(); ++k) cases[i].samples[k].set_aside = marks[k];
  }
}

}  // namespace pipebench
