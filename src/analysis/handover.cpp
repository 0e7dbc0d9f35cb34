#include "pipebench/analysis/handover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "pipebench/base/plural.hpp"
#include "pipebench/model/conditions.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

constexpr double as_far_again = 2;
constexpr double clearly_farther = 1.25;

// Is `far` farther than `near`, by so much?
bool is_farther(double far, double near, double times) {
  const auto handover = std::ranges::find(condition_table, Condition::handover, &ConditionInfo::condition);
  return far >= times * near && far - near >= handover->least_difference;
}

struct TwoDistances {
  const HandoverReadings* pair;
  double near_ns, far_ns;
};

std::optional<TwoDistances> two_distances(const HandoverReadings& pair) {
  constexpr std::size_t least_readings = 4;
  if (pair.ns.size() < least_readings) return std::nullopt;
  std::vector<double> ns = pair.ns;
  std::ranges::sort(ns);
  const TwoDistances found{.pair = &pair, .near_ns = ns[1], .far_ns = ns[ns.size() - 2]};
  return is_farther(found.far_ns, found.near_ns, as_far_again) ? std::optional(found) : std::nullopt;
}

// "l3 (two cores with a common third-level cache)"
std::string explained(Relation relation) { return fmt::format("{} ({})", name_of(relation), summary_of(relation)); }

Finding warn(std::string what, std::string why) {
  return {.severity = Severity::warning, .what = std::move(what), .why = std::move(why)};
}

Finding moved(std::span<const TwoDistances> found) {
  const auto worst = std::ranges::max_element(found, {}, [](const auto& each) { return each.far_ns / each.near_ns; });
  const HandoverReadings& pair = *worst->pair;
  const std::string others =
      found.size() > 1 ? fmt::format(" The same goes for {} of this relation.", counted(found.size() - 1, "more pair"))
                       : "";
  return warn(fmt::format("CPUs {} and {}, {}, were {:.0f} ns apart at times and {:.0f} ns at others.{}", pair.first,
                          pair.second, explained(pair.relation), worst->near_ns, worst->far_ns, others),
              "A virtual machine's CPUs are moved by its host, whatever the kernel says of them.");
}

constexpr auto why_not_the_kernel =
    "The kernel need not know how far apart CPUs are, least of all in a virtual machine; go by what was measured.";

std::optional<Finding> unlike(const RelationHandover& of) {
  if (!is_farther(of.farthest.median_ns, of.nearest.median_ns, as_far_again)) return std::nullopt;
  return warn(fmt::format("CPUs {} and {} are {:.0f} ns apart, but CPUs {} and {} are {:.0f} ns, though both are {}.",
                          of.nearest.first, of.nearest.second, of.nearest.median_ns, of.farthest.first,
                          of.farthest.second, of.farthest.median_ns, explained(of.relation)),
              why_not_the_kernel);
}

// `later`: relations that should be farther.
std::optional<Finding> out_of_order(const RelationHandover& near, std::span<const RelationHandover> later) {
  const auto nearest = std::ranges::min_element(later, {}, &RelationHandover::median_ns);
  if (nearest == later.end() || !is_farther(near.median_ns, nearest->median_ns, clearly_farther)) return std::nullopt;
  return warn(fmt::format("CPUs of {} are {:.0f} ns apart, farther than those of {}, which are {:.0f} ns.",
                          explained(near.relation), near.median_ns, explained(nearest->relation), nearest->median_ns),
              why_not_the_kernel);
}

}  // namespace

std::vector<PairHandover> handovers_of_pairs(std::span<const HandoverReadings> pairs) {
  std::vector<PairHandover> all;
  for (const HandoverReadings& pair : pairs) {
    if (pair.ns.empty()) continue;
    const auto [least, most] = std::ranges::minmax(pair.ns);
    all.push_back({.first = pair.first,
                   .second = pair.second,
                   .relation = pair.relation,
                   .readings = pair.ns.size(),
                   .median_ns = median(pair.ns),
                   .least_ns = least,
                   .most_ns = most});
  }
  return all;
}

std::vector<RelationHandover> handovers_of_relations(std::span<const PairHandover> pairs) {
  std::map<Relation, std::vector<PairHandover>> grouped;
  for (const PairHandover& pair : pairs) grouped[pair.relation].push_back(pair);
  std::vector<RelationHandover> relations;
  for (const auto& [relation, members] : grouped) {
    std::vector<double> medians;
    for (const PairHandover& pair : members) medians.push_back(pair.median_ns);
    const auto [nearest, farthest] = std::ranges::minmax_element(members, {}, &PairHandover::median_ns);
    relations.push_back({.relation = relation,
                         .pairs = members.size(),
                         .median_ns = median(medians),
                         .nearest = *nearest,
                         .farthest = *farthest});
  }
  return relations;
}

std::vector<Finding> handover_contradictions(std::span<const HandoverReadings> pairs) {
  std::vector<HandoverReadings> steady;
  std::map<Relation, std::vector<TwoDistances>> unsteady;
  for (const HandoverReadings& pair : pairs) {
    if (const auto found = two_distances(pair))
      unsteady[pair.relation].push_back(*found);
    else
      steady.push_back(pair);
  }
  std::vector<Finding> findings;
  for (const auto& [relation, found] : unsteady) findings.push_back(moved(found));
  std::vector<RelationHandover> relations = handovers_of_relations(handovers_of_pairs(steady));
  // What the kernel does not tell contradicts nothing.
  std::erase_if(relations, [](const auto& of) { return of.relation == Relation::unknown; });
  for (auto at = relations.begin(); at != relations.end(); ++at) {
    if (const auto finding = unlike(*at)) findings.push_back(*finding);
    if (const auto finding = out_of_order(*at, {at + 1, relations.end()})) findings.push_back(*finding);
  }
  return findings;
}

}  // namespace pipebench
