#include "pipebench/analysis/compare.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "pipebench/analysis/completion.hpp"
#include "pipebench/analysis/precision.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/model/identity.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/stats/bootstrap.hpp"
#include "pipebench/stats/rank_test.hpp"
#include "pipebench/stats/runs.hpp"

namespace pipebench {
namespace {

constexpr double most_chance = 0.05;
constexpr std::uint64_t bootstrap_seed = 1;  // the same files always give the same interval

/// One sample's figure, and under which conditions it was taken.
struct Point {
  double figure = 0;
  Conditions conditions;
  unsigned round = 0;
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
    if (value && std::isfinite(*value) && *value > 0) points.push_back({*value, sample.conditions, sample.round});
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
  std::map<std::size_t, std::pair<std::size_t, std::size_t>> sizes;
  for (const auto& group : of_base) {
    if (group) ++sizes[*group].first;
  }
  for (const auto& group : of_other) {
    if (group) ++sizes[*group].second;
  }
  std::optional<std::size_t> best;
  std::size_t most = 0;
  for (const auto& group : of_base) {
    if (!group) continue;
    const auto [here, there] = sizes.at(*group);
    if (std::min(here, there) <= most) continue;
    most = std::min(here, there);
    best = group;
  }
  base = best ? chosen(base, of_base, *best) : Points{};
  other = best ? chosen(other, of_other, *best) : Points{};
}

std::optional<ObtainedPages> known_pages(const CaseResult& result) {
  const auto pages = result.obtained ? result.obtained->pages : std::nullopt;
  return pages == ObtainedPages::unknown ? std::nullopt : pages;
}

ComparedSide side_of(const CaseResult& result, Compared figure, const Points& all, const Points& kept) {
  return {.result = &result,
          .n = kept.size(),
          .left_out = all.size() - kept.size(),
          .without_figure = counted_samples(result).size() - points_of(result, figure).size(),
          .median = median(figures_of(kept.empty() ? all : kept)),
          .has_conditions = has_conditions(all),
          .waiting = share_cpus(result.spec) ? std::nullopt : share_of_waiting(result),
          .pages = known_pages(result)};
}

/// The samples of two sides, and those of them that are compared.
struct BothSides {
  Points all_base, all_other;
  Points base = all_base, other = all_other;
  [[nodiscard]] std::size_t fewest() const { return std::min(base.size(), other.size()); }
  [[nodiscard]] bool has_enough() const {
    return fewest() >= std::min({least_for_interval, all_base.size(), all_other.size()});
  }
};

/// Without the ratio.
ComparedCase sides_of(const CaseResult& base, const CaseResult& other, Compared figure, const BothSides& sides) {
  ComparedCase compared{.figure = figure,
                        .base = side_of(base, figure, sides.all_base, sides.base),
                        .other = side_of(other, figure, sides.all_other, sides.other)};
  if (compared.base.left_out + compared.other.left_out > 0)
    compared.unlike = condition_difference(conditions_of(sides.all_base), conditions_of(sides.all_other));
  return compared;
}

ComparedCase compare_figure(const CaseResult& base, const CaseResult& other, Compared figure) {
  BothSides sides{.all_base = points_of(base, figure), .all_other = points_of(other, figure)};
  keep_alike(sides.base, sides.other);
  ComparedCase compared = sides_of(base, other, figure, sides);
  if (!sides.has_enough()) return compared;
  const std::vector<double> references = figures_of(sides.base);
  const std::vector<double> values = figures_of(sides.other);
  const double ratio = median(values) / median(references);
  compared.ratio = {.median = ratio, .interval = {.low = ratio, .high = ratio, .coverage = 0}};
  if (sides.fewest() >= least_for_interval)
    compared.ratio->interval = bootstrap_ratio_interval(
        values, references, bootstrap_seed, {.values = run_spread(values), .references = run_spread(references)});
  // Samples may differ by more than chance, as those of two runs mostly do, and still by no more than runs do.
  compared.p = std::max(mann_whitney_p(values, references), between_runs_p(values, references));
  return compared;
}

bool has_figure(const CaseResult& result, Compared figure) { return !points_of(result, figure).empty(); }

std::vector<Compared> compared_figures(const CaseResult& result) {
  return result.spec.takes_turns() ? std::vector{Compared::writer_price, Compared::reader_price}
                                   : std::vector{Compared::speed};
}

std::vector<ComparedCase> compare_case(const CaseResult& base, const CaseResult& other) {
  std::vector<ComparedCase> compared;
  if (differ_in_relation(base, other) || moved_nothing(base) || moved_nothing(other)) return compared;
  for (const Compared figure : compared_figures(base)) {
    if (has_figure(base, figure) && has_figure(other, figure)) compared.push_back(compare_figure(base, other, figure));
  }
  return compared;
}

Verdict verdict_on(const ComparedCase& compared, double margin) {
  if (!compared.ratio || !compared.p_adjusted) return Verdict::unclear;
  const Interval& interval = compared.ratio->interval;
  const bool is_known = interval.coverage >= 1 - most_chance;
  const bool excludes_one = interval.low > 1 || interval.high < 1;
  if (is_known && excludes_one && *compared.p_adjusted < most_chance)
    return compared.slowdown() > 0 ? Verdict::slower : Verdict::faster;
  if (std::min(compared.base.n, compared.other.n) < least_for_same) return Verdict::unclear;
  const bool is_narrow = interval.low >= 1 - margin && interval.high <= 1 + margin;
  return is_known && is_narrow ? Verdict::same : Verdict::unclear;
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

// Keys that differ from run to run, and findings, which repeat what other keys say. How busy the machine was is told by
// the samples (ComparedCase::differs_in_waiting()): the load before a run says little of the run.
constexpr std::array<std::string_view, 5> ignored_keys{"hostname", "load_average", "psi", "findings", "warnings"};

void add_differences(std::vector<KeyDifference>& differences, const nlohmann::ordered_json& base,
                     const nlohmann::ordered_json& other, const std::string& group) {
  const auto text = [](const nlohmann::ordered_json& value) {
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "unknown" : value.dump();
  };
  for (const auto& [key, value] : base.items()) {
    if (std::ranges::find(ignored_keys, key) != ignored_keys.end() || value == other.at(key)) continue;
    differences.push_back({.key = group + "." + key, .base = text(value), .other = text(other.at(key))});
  }
}

std::vector<KeyDifference> context_differences(const Document& base, const Document& other) {
  const nlohmann::ordered_json here = frame_to_json(base);
  const nlohmann::ordered_json there = frame_to_json(other);
  std::vector<KeyDifference> differences;
  for (const char* group : {"host", "tool"}) add_differences(differences, here.at(group), there.at(group), group);
  return differences;
}

std::vector<NamesakePair> namesakes_in(const Cases& base, const Cases& other) {
  std::multimap<std::string_view, const CaseResult*> named;
  for (const CaseResult* result : other) named.emplace(result->name, result);
  std::vector<NamesakePair> pairs;
  for (const CaseResult* result : base) {
    if (const auto found = named.find(result->name); found != named.end())
      pairs.push_back({result, found->second, spec_differences(result->spec, found->second->spec)});
  }
  return pairs;
}

Cases elsewhere_in(const Cases& cases, const Cases& others) {
  std::set<std::string> keys;
  for (const CaseResult* result : others) keys.insert(key_without_cpus(*result));
  Cases found;
  std::ranges::copy_if(cases, std::back_inserter(found),
                       [&](const CaseResult* result) { return keys.contains(key_without_cpus(*result)); });
  return found;
}

/// Rounds that both have, side by side.
BothSides rounds_of_both(const CaseResult& base, const CaseResult& other, Compared figure) {
  std::map<unsigned, Point> references;
  for (const Point& point : points_of(base, figure)) references.emplace(point.round, point);
  Points ours, theirs;
  for (const Point& point : points_of(other, figure)) {
    const auto found = references.find(point.round);
    if (found == references.end()) continue;
    ours.push_back(found->second);
    theirs.push_back(point);
  }
  return {.all_base = std::move(ours), .all_other = std::move(theirs)};
}

/// Keeps the rounds in which both sides were taken under the same conditions, whichever these were.
void keep_alike_rounds(BothSides& rounds) {
  if (!has_conditions(rounds.all_base) || !has_conditions(rounds.all_other)) return;
  std::vector<Conditions> all = conditions_of(rounds.all_base);
  std::ranges::copy(conditions_of(rounds.all_other), std::back_inserter(all));
  const std::vector<std::optional<std::size_t>> groups = groups_of_alike(all);
  const std::size_t count = rounds.all_base.size();
  rounds.base.clear();
  rounds.other.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (!groups[i] || groups[i] != groups[count + i]) continue;
    rounds.base.push_back(rounds.all_base[i]);
    rounds.other.push_back(rounds.all_other[i]);
  }
}

ComparedCase compare_rounds(const CaseResult& base, const CaseResult& other, Compared figure, BothSides rounds,
                            double independent_share) {
  // Who compares other CPUs in one file means how far apart they are.
  if (!differ_in_cpus(base, other)) keep_alike_rounds(rounds);
  ComparedCase compared = sides_of(base, other, figure, rounds);
  if (!rounds.has_enough()) return compared;
  std::vector<RoundPair> pairs;
  for (std::size_t i = 0; i < rounds.base.size(); ++i)
    pairs.push_back({.value = rounds.other[i].figure, .reference = rounds.base[i].figure});
  const auto above = std::ranges::count_if(pairs, [](const RoundPair& pair) { return pair.value > pair.reference; });
  const auto equal = std::ranges::count_if(pairs, [](const RoundPair& pair) { return pair.value == pair.reference; });
  compared.ratio = median_ratio(pairs, 1 - most_chance, independent_share);
  compared.p = sign_test_p(static_cast<std::size_t>(above), pairs.size() - static_cast<std::size_t>(equal));
  return compared;
}

}  // namespace

bool ComparedCase::differs_in_waiting() const {
  constexpr double much = 0.1, little = 0.2;  // little: of what the other side waited
  if (!base.waiting || !other.waiting) return false;
  const auto [less, more] = std::minmax(*base.waiting, *other.waiting);
  return more > much && less < little * more;
}

bool has_figures(const CaseResult& result) {
  return std::ranges::any_of(compared_figures(result),
                             [&](const Compared figure) { return has_figure(result, figure); });
}

std::size_t idle_samples(const CaseResult& result) {
  return static_cast<std::size_t>(
      std::ranges::count(counted_samples(result), std::uint64_t{0}, &Sample::counted_bytes));
}

bool moved_nothing(const CaseResult& result) {
  const std::size_t idle = idle_samples(result);
  return idle > 0 && 2 * idle >= counted_samples(result).size();
}

bool differ_in_relation(const CaseResult& base, const CaseResult& other) {
  const auto& one = base.spec.placement.relation;
  const auto& another = other.spec.placement.relation;
  return one && another && *one != *another;
}

bool differ_in_cpus(const CaseResult& base, const CaseResult& other) {
  const auto cpus = [](const CaseResult& result) {
    const Placement& placement = result.spec.placement;
    return std::pair(placement.writer_cpu, placement.reader_cpu);
  };
  return cpus(base) != cpus(other);
}

Comparison compare(const Document& base, const Document& other, double margin) {
  Comparison comparison{.context = context_differences(base, other)};
  Cases& here = comparison.only_in_base = shown_cases(base);
  Cases& there = comparison.only_in_other = shown_cases(other);
  for (const auto& [one, another] : take_matching(here, there)) {
    std::vector<ComparedCase> compared = compare_case(*one, *another);
    if (compared.empty()) comparison.unmeasured.emplace_back(one, another);
    std::ranges::move(compared, std::back_inserter(comparison.cases));
  }
  comparison.namesakes = namesakes_in(here, there);
  comparison.elsewhere_in_base = elsewhere_in(here, there);
  comparison.elsewhere_in_other = elsewhere_in(there, here);
  judge(comparison.cases, margin);
  return comparison;
}

Comparison compare_within(const Document& document, const CaseResult& base, double margin) {
  Comparison comparison;
  const Compared figure = base.spec.takes_turns() ? Compared::price : Compared::speed;
  const double share = independent_share_of_ratios(cases_so_far(document.cases, base.name));
  for (const CaseResult* result : shown_cases(document)) {
    if (result == &base) continue;
    BothSides rounds = rounds_of_both(base, *result, figure);
    if (rounds.all_base.empty() || result->spec.takes_turns() != base.spec.takes_turns())
      comparison.unmeasured.emplace_back(&base, result);
    else
      comparison.cases.push_back(compare_rounds(base, *result, figure, std::move(rounds), share));
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
    const bool stopped = moved_nothing(*other) && has_figures(*base) && !moved_nothing(*base);
    if (was_measured && (other->status == Status::failed || stopped) && is_new) found.push_back(other);
  };
  for (const ComparedCase& compared : comparison.cases) look_at(compared.base.result, compared.other.result);
  for (const auto& [base, other] : comparison.unmeasured) look_at(base, other);
  return found;
}

}  // namespace pipebench
