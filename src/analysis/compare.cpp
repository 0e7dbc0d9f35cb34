#include "pipebench/analysis/compare.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string_view>

#include "pipebench/analysis/completion.hpp"
#include "pipebench/analysis/figures.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/model/identity.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/stats/bootstrap.hpp"
#include "pipebench/stats/rank_test.hpp"

namespace pipebench {
namespace {

constexpr double most_chance = 0.05;
/// With fewer on each side, not even sets that do not overlap differ by more than chance.
constexpr std::size_t least_alike = 4;
constexpr std::uint64_t bootstrap_seed = 1;  // the same files always give the same interval

/// One sample's figure, and under which conditions it was taken.
struct Point {
  double figure = 0;
  Conditions conditions;
};
using Points = std::vector<Point>;

std::optional<double> figure_of(const Sample& sample, Compared figure) {
  switch (figure) {
    case Compared::speed:
      return sample.gib_per_second();
    case Compared::writer_price:
      return sample.writer_turns.median_ns_per_page;
    case Compared::reader_price:
      return sample.reader_turns.median_ns_per_page;
    case Compared::price:
      return sample.turns_ns_per_page();
  }
  return std::nullopt;
}

// Leaves out figures that have no ratio: zero, or not finite.
Points points_of(const CaseResult& result, Compared figure) {
  Points points;
  for (const Sample& sample : counted_samples(result)) {
    const auto value = figure_of(sample, figure);
    if (value && std::isfinite(*value) && *value > 0) points.push_back({*value, sample.conditions});
  }
  return points;
}

std::vector<double> figures_of(const Points& points) {
  std::vector<double> figures;
  for (const Point& point : points) figures.push_back(point.figure);
  return figures;
}

std::vector<Conditions> conditions_of(const Points& points) {
  std::vector<Conditions> conditions;
  for (const Point& point : points) conditions.push_back(point.conditions);
  return conditions;
}

// Were the CPUs measured? Single readings may be missing even then.
bool has_conditions(const Points& points) {
  return std::ranges::any_of(points, [](const Point& point) { return point.conditions.writer_ns_per_add.has_value(); });
}

Points chosen(const Points& points, std::span<const std::optional<std::size_t>> groups, std::size_t group) {
  Points some;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (groups[i] == group) some.push_back(points[i]);
  }
  return some;
}

// Keeps the samples of one group on both sides: the group whose smaller side has the most samples.
void keep_alike(Points& base, Points& other) {
  if (!has_conditions(base) || !has_conditions(other)) return;
  std::vector<Conditions> all = conditions_of(base);
  std::ranges::copy(conditions_of(other), std::back_inserter(all));
  const std::vector<std::optional<std::size_t>> groups = groups_of_alike(all);
  const std::span of_base = std::span(groups).first(base.size());
  const std::span of_other = std::span(groups).subspan(base.size());
  Points best_base, best_other;
  for (const auto& group : of_base) {
    if (!group) continue;
    Points some = chosen(base, of_base, *group);
    Points others = chosen(other, of_other, *group);
    if (std::min(some.size(), others.size()) <= std::min(best_base.size(), best_other.size())) continue;
    best_base = std::move(some);
    best_other = std::move(others);
  }
  base = std::move(best_base);
  other = std::move(best_other);
}

ComparedSide side_of(const CaseResult& result, const Points& all, const Points& kept) {
  return {.result = &result,
          .n = kept.size(),
          .left_out = all.size() - kept.size(),
          .median = median(figures_of(kept.empty() ? all : kept))};
}

ComparedCase compare_figure(const CaseResult& base, const CaseResult& other, Compared figure) {
  const Points all_base = points_of(base, figure);
  const Points all_other = points_of(other, figure);
  Points kept_base = all_base;
  Points kept_other = all_other;
  keep_alike(kept_base, kept_other);
  ComparedCase compared{
      .figure = figure, .base = side_of(base, all_base, kept_base), .other = side_of(other, all_other, kept_other)};
  if (compared.base.left_out + compared.other.left_out > 0)
    compared.unlike = condition_difference(conditions_of(all_base), conditions_of(all_other));
  if (std::min(kept_base.size(), kept_other.size()) < std::min({least_alike, all_base.size(), all_other.size()}))
    return compared;
  const std::vector<double> references = figures_of(kept_base);
  const std::vector<double> values = figures_of(kept_other);
  compared.ratio = Ratio{.median = median(values) / median(references),
                         .interval = bootstrap_ratio_interval(values, references, bootstrap_seed)};
  compared.p = mann_whitney_p(values, references);
  return compared;
}

bool has_figure(const CaseResult& result, Compared figure) { return !points_of(result, figure).empty(); }

std::vector<ComparedCase> compare_case(const CaseResult& base, const CaseResult& other) {
  std::vector<ComparedCase> compared;
  if (differ_in_relation(base, other)) return compared;
  const auto figures = base.spec.takes_turns() ? std::vector{Compared::writer_price, Compared::reader_price}
                                               : std::vector{Compared::speed};
  for (const Compared figure : figures) {
    if (has_figure(base, figure) && has_figure(other, figure)) compared.push_back(compare_figure(base, other, figure));
  }
  return compared;
}

Verdict verdict_on(const ComparedCase& compared, double margin) {
  if (!compared.ratio || !compared.p_adjusted) return Verdict::unclear;
  const Interval& interval = compared.ratio->interval;
  const bool excludes_one = interval.low > 1 || interval.high < 1;
  if (excludes_one && *compared.p_adjusted < most_chance)
    return compared.slowdown() > 0 ? Verdict::slower : Verdict::faster;
  if (std::min(compared.base.n, compared.other.n) < least_for_same) return Verdict::unclear;
  const bool is_narrow = interval.low >= 1 - margin && interval.high <= 1 + margin;
  return is_narrow && interval.coverage >= 1 - most_chance ? Verdict::same : Verdict::unclear;
}

void judge(std::vector<ComparedCase>& cases, double margin) {
  std::vector<double> p;
  for (const ComparedCase& compared : cases) {
    if (compared.p) p.push_back(*compared.p);
  }
  const std::vector<double> adjusted = holm_adjusted(p);
  auto next = adjusted.begin();
  for (ComparedCase& compared : cases) {
    if (compared.p) compared.p_adjusted = *next++;
    compared.verdict = verdict_on(compared, margin);
  }
}

std::string key_without_cpus(const CaseResult& result) {
  CaseSpec spec = result.spec;
  spec.placement = {};
  spec.further_placements.clear();
  return spec_key(spec);
}

std::string whole_key(const CaseResult& result) { return spec_key(result.spec); }

using Cases = std::vector<const CaseResult*>;
using Pairs = std::vector<std::pair<const CaseResult*, const CaseResult*>>;

bool is_named_alike(const CaseResult* one, const CaseResult* other) { return one->name == other->name; }

// Several with one key are told apart by their names; where each side has one, names do not matter.
void match(Cases& base, Cases& other, std::string (*key)(const CaseResult&), Pairs& pairs) {
  std::multimap<std::string, const CaseResult*> candidates;
  for (const CaseResult* result : other) candidates.emplace(key(*result), result);
  std::map<std::string, std::size_t> wanted;
  for (const CaseResult* result : base) ++wanted[key(*result)];
  std::erase_if(base, [&](const CaseResult* result) {
    const auto [first, last] = candidates.equal_range(key(*result));
    auto found = std::find_if(first, last, [&](const auto& one) { return is_named_alike(one.second, result); });
    if (found == last && std::distance(first, last) == 1 && wanted[key(*result)] == 1) found = first;
    if (found == last) return false;
    pairs.emplace_back(result, found->second);
    std::erase(other, found->second);
    candidates.erase(found);
    return true;
  });
}

// Keys that differ from run to run, and findings, which repeat what other keys say.
constexpr std::array<std::string_view, 5> ignored_keys{"hostname", "load_average", "psi", "findings", "warnings"};

void add_differences(std::vector<ContextDifference>& differences, const nlohmann::ordered_json& base,
                     const nlohmann::ordered_json& other, const std::string& group) {
  const auto text = [](const nlohmann::ordered_json& value) {
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "unknown" : value.dump();
  };
  for (const auto& [key, value] : base.items()) {
    if (std::ranges::find(ignored_keys, key) != ignored_keys.end() || value == other.at(key)) continue;
    differences.push_back({.key = group + "." + key, .base = text(value), .other = text(other.at(key))});
  }
}

std::vector<ContextDifference> context_differences(const Document& base, const Document& other) {
  const nlohmann::ordered_json here = frame_to_json(base);
  const nlohmann::ordered_json there = frame_to_json(other);
  std::vector<ContextDifference> differences;
  for (const char* group : {"host", "tool"}) add_differences(differences, here.at(group), there.at(group), group);
  return differences;
}

}  // namespace

bool differ_in_relation(const CaseResult& base, const CaseResult& other) {
  const auto& one = base.spec.placement.relation;
  const auto& another = other.spec.placement.relation;
  return one && another && *one != *another;
}

Comparison compare(const Document& base, const Document& other, double margin) {
  Comparison comparison{.context = context_differences(base, other)};
  comparison.only_in_base = shown_cases(base);
  comparison.only_in_other = shown_cases(other);
  Pairs pairs;
  for (const auto key : {whole_key, key_without_cpus})
    match(comparison.only_in_base, comparison.only_in_other, key, pairs);
  for (const auto& [one, another] : pairs) {
    std::vector<ComparedCase> compared = compare_case(*one, *another);
    if (compared.empty()) comparison.unmeasured.emplace_back(one, another);
    std::ranges::move(compared, std::back_inserter(comparison.cases));
  }
  judge(comparison.cases, margin);
  return comparison;
}

Comparison compare_within(const Document& document, const CaseResult& base, double margin) {
  Comparison comparison;
  const Compared figure = base.spec.takes_turns() ? Compared::price : Compared::speed;
  const std::vector<RoundSpeed> references = pipebench::figures_of(base);
  for (const CaseResult* result : shown_cases(document)) {
    if (result == &base) continue;
    const std::vector<RoundPair> pairs = pairs_of_rounds(pipebench::figures_of(*result), references);
    if (pairs.empty() || result->spec.takes_turns() != base.spec.takes_turns()) {
      comparison.unmeasured.emplace_back(&base, result);
      continue;
    }
    std::vector<double> values, ours;
    for (const RoundPair& pair : pairs) {
      values.push_back(pair.value);
      ours.push_back(pair.reference);
    }
    const auto above = std::ranges::count_if(pairs, [](const RoundPair& pair) { return pair.value > pair.reference; });
    const auto equal = std::ranges::count_if(pairs, [](const RoundPair& pair) { return pair.value == pair.reference; });
    comparison.cases.push_back(
        {.figure = figure,
         .base = {.result = &base, .n = pairs.size(), .median = median(ours)},
         .other = {.result = result, .n = pairs.size(), .median = median(values)},
         .ratio = median_ratio(pairs),
         .p = sign_test_p(static_cast<std::size_t>(above), pairs.size() - static_cast<std::size_t>(equal))});
  }
  judge(comparison.cases, margin);
  return comparison;
}

std::vector<const ComparedCase*> regressions(const Comparison& comparison, double limit) {
  std::vector<const ComparedCase*> found;
  for (const ComparedCase& compared : comparison.cases) {
    if (compared.verdict == Verdict::slower && compared.slowdown() > limit) found.push_back(&compared);
  }
  return found;
}

std::vector<const CaseResult*> new_failures(const Comparison& comparison) {
  std::vector<const CaseResult*> found;
  const auto look_at = [&](const CaseResult* base, const CaseResult* other) {
    const bool was_measured = base->status == Status::ok || is_cut_short(*base);
    const bool is_new = std::ranges::find(found, other) == found.end();  // a price of each end names a case twice
    if (was_measured && other->status == Status::failed && is_new) found.push_back(other);
  };
  for (const ComparedCase& compared : comparison.cases) look_at(compared.base.result, compared.other.result);
  for (const auto& [base, other] : comparison.unmeasured) look_at(base, other);
  return found;
}

}  // namespace pipebench
