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

Marks unlike_most(const std::vector<Observation>& samples) {
  Marks marks(samples.size());
  for (const std::size_t index : under_other_conditions(samples)) marks[index] = true;
  return marks;
}

bool leave_enough(const Marks& marks) {
  return 4 * static_cast<std::size_t>(std::ranges::count(marks, false)) >= marks.size();
}

enum class Part : std::uint8_t { of_cpus, totals, all };

Observation observe(const CaseSpec& spec, const Sample& sample, Part part) {
  Observation observation = observation_of(spec, sample);
  for (const ConditionInfo& info : condition_table) {
    const bool is_wanted = part == Part::all || info.is_total() == (part == Part::totals);
    if (!is_wanted) (observation.conditions.*info.value).reset();
  }
  return observation;
}

/// Adds to `marks` those of the other samples of a case that are unlike most of them.
void compare_within(const CaseResult& result, Part part, Marks& marks) {
  std::vector<std::size_t> compared;
  std::vector<Observation> samples;
  for (std::size_t i = 0; i < result.samples.size(); ++i) {
    if (marks[i]) continue;
    compared.push_back(i);
    samples.push_back(observe(result.spec, result.samples[i], part));
  }
  for (const std::size_t index : under_other_conditions(samples)) marks[compared[index]] = true;
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
    std::vector<Observation> samples;
    for (const std::size_t i : members) {
      for (const Sample& sample : cases[i].samples) samples.push_back(observe(cases[i].spec, sample, Part::of_cpus));
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
  std::vector<Marks> all = compare_by_cpus(cases);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Marks& marks = all[i];
    if (leave_enough(marks)) {
      compare_within(cases[i], Part::totals, marks);
    } else {
      marks.assign(marks.size(), false);
      compare_within(cases[i], Part::all, marks);
    }
    for (std::size_t k = 0; k < marks.size(); ++k) cases[i].samples[k].set_aside = marks[k];
  }
}

}  // namespace pipebench
