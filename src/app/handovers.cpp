#include "app/handovers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <utility>

#include "app/interrupt.hpp"
#include "app/others.hpp"
#include "pipebench/analysis/handover.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/engine/handover.hpp"
#include "pipebench/model/json.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double seconds_a_reading = 0.0004;  // with its threads
constexpr double seconds_apart = 0.05;        // of passes, so that few pairs take a second, too
constexpr std::uint64_t most_of_a_relation = 5000;

std::vector<HandoverReadings> pairs_to_measure(const Machine& machine, std::optional<std::uint64_t> sample) {
  constexpr std::uint64_t seed = 1;  // so that the same pairs are measured each time
  std::vector<HandoverReadings> pairs;
  for (const Placement& pair : drawn_unordered_pairs(machine, sample.value_or(most_of_a_relation), seed))
    pairs.push_back({.first = *pair.writer_cpu, .second = *pair.reader_cpu, .relation = *pair.relation});
  return pairs;
}

void announce(std::size_t pairs, unsigned passes) {
  constexpr double long_seconds = 5;
  const double seconds = static_cast<double>(pairs) * passes * seconds_a_reading;
  if (seconds < long_seconds) return;
  const std::string text = fmt::format("pipebench: {} of CPUs, {}, about {}.\n", counted(pairs, "pair"),
                                       counted(passes, "reading"), format_roughly(seconds));
  std::fputs(text.c_str(), stderr);  // if stderr cannot be written, measure all the same
}

std::vector<int> cpus_of(const std::vector<HandoverReadings>& pairs) {
  std::vector<int> cpus;
  for (const HandoverReadings& pair : pairs) cpus.insert(cpus.end(), {pair.first, pair.second});
  return cpus;
}

std::vector<HandoverReadings> without_readings(const std::vector<HandoverReadings>& pairs) {
  std::vector<HandoverReadings> missing;
  std::ranges::copy_if(pairs, std::back_inserter(missing), [](const auto& pair) { return pair.ns.empty(); });
  return missing;
}

std::vector<Finding> findings_of(const Handovers& handovers) {
  std::vector<Finding> findings = handovers.findings;
  for (Finding& finding : handover_contradictions(handovers.pairs)) findings.push_back(std::move(finding));
  const std::vector<HandoverReadings> missing = without_readings(handovers.pairs);
  if (!missing.empty() && handovers.complete) {
    findings.push_back(
        {.figures = {"handover_ns"},
         .what = fmt::format("{} (such as CPUs {} and {}) could not be measured: one of the two CPUs was too busy.",
                             counted(missing.size(), "pair"), missing[0].first, missing[0].second)});
  }
  return findings;
}

// Unordered, of two different CPUs.
std::uint64_t pairs_of(const RelationCount& count) {
  return count.relation == Relation::same_cpu ? 0 : count.pairs / 2;
}

std::uint64_t pairs_of(const Handovers& handovers, Relation relation) {
  const auto count = std::ranges::find(handovers.relations, relation, &RelationCount::relation);
  return count == handovers.relations.end() ? 0 : pairs_of(*count);
}

std::string named(const PairHandover& pair) {
  return fmt::format("{},{} at {:.0f}", pair.first, pair.second, pair.median_ns);
}

Grid relation_grid(const Handovers& handovers, const std::vector<RelationHandover>& relations) {
  Grid grid{.columns = {{.header = "relation"},
                        {.header = "pairs measured", .right = true},
                        {.header = "ns apart", .right = true},
                        {.header = "nearest pair", .right = true},
                        {.header = "farthest pair", .right = true}},
            .rows = {}};
  for (const RelationHandover& of : relations) {
    grid.rows.push_back({std::string(name_of(of.relation)),
                         fmt::format("{} of {}", of.pairs, pairs_of(handovers, of.relation)),
                         fmt::format("{:.0f}", of.median_ns), named(of.nearest), named(of.farthest)});
  }
  return grid;
}

// What there is of a pair, besides its CPUs, for programs: THE table for JSON and CSV.
struct PairKey {
  std::string_view name;
  Json (*value)(const PairHandover& pair);
};
constexpr std::array pair_keys{
    PairKey{.name = "relation", .value = [](const PairHandover& pair) { return Json(name_of(pair.relation)); }},
    PairKey{.name = "handover_ns", .value = [](const PairHandover& pair) { return Json(pair.median_ns); }},
    PairKey{.name = "handover_ns_min", .value = [](const PairHandover& pair) { return Json(pair.least_ns); }},
    PairKey{.name = "handover_ns_max", .value = [](const PairHandover& pair) { return Json(pair.most_ns); }},
    PairKey{.name = "readings", .value = [](const PairHandover& pair) { return Json(pair.readings); }},
};

std::string cell_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? fmt::format("{}", value.get<double>()) : value.dump();
}

Grid pair_grid(const std::vector<PairHandover>& pairs) {
  Grid grid{.columns = {{.header = "first_cpu"}, {.header = "second_cpu"}}, .rows = {}};
  for (const PairKey& key : pair_keys) grid.columns.push_back({.header = std::string(key.name)});
  for (const PairHandover& pair : pairs) {
    std::vector<std::string> cells{std::to_string(pair.first), std::to_string(pair.second)};
    for (const PairKey& key : pair_keys) cells.push_back(cell_of(key.value(pair)));
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

Json as_json(const PairHandover& pair) {
  Json data{{"cpus", {pair.first, pair.second}}};
  for (const PairKey& key : pair_keys) data[std::string(key.name)] = key.value(pair);
  return data;
}

HeatMap map_of(const std::vector<PairHandover>& pairs) {
  PairCells cells;
  for (const PairHandover& pair : pairs)
    cells[{pair.first, pair.second}].figure = cells[{pair.second, pair.first}].figure = pair.median_ns;
  return pair_map(handover_map, cells);
}

Json as_json(const Handovers& handovers, const std::vector<PairHandover>& pairs,
             const std::vector<RelationHandover>& relations, const std::vector<Finding>& findings) {
  Json data{{"passes", handovers.passes},
            {"complete", handovers.complete},
            {"pairs", Json::array()},
            {"relations", Json::array()},
            {"findings", to_json(findings)}};
  for (const PairHandover& pair : pairs) data["pairs"].push_back(as_json(pair));
  for (const RelationHandover& of : relations) {
    data["relations"].push_back({{"relation", name_of(of.relation)},
                                 {"pairs", pairs_of(handovers, of.relation)},
                                 {"pairs_measured", of.pairs},
                                 {"handover_ns", of.median_ns},
                                 {"nearest", {of.nearest.first, of.nearest.second}},
                                 {"farthest", {of.farthest.first, of.farthest.second}}});
  }
  return data;
}

// Of a pair: the fewest and the most.
std::pair<std::size_t, std::size_t> readings_of(const std::vector<HandoverReadings>& pairs) {
  const auto number = [](const HandoverReadings& pair) { return pair.ns.size(); };
  const auto [fewest, most] = std::ranges::minmax(pairs, {}, number);
  return {number(fewest), number(most)};
}

std::vector<std::string> remarks_of(const Handovers& handovers, const std::vector<Finding>& findings) {
  std::vector<std::string> remarks;
  for (const Finding& finding : findings) remarks.push_back(sentence_of(finding));
  if (handovers.pairs.empty()) {
    remarks.emplace_back("Only one CPU is allowed, so there is no pair to measure.");
    return remarks;
  }
  const auto [fewest, most] = readings_of(handovers.pairs);
  if (!handovers.complete) {
    remarks.push_back(fmt::format("Interrupted after {} of {} of each pair.", from_to(fewest, most),
                                  counted(handovers.passes, "reading")));
  }
  if (most == 0) return remarks;
  remarks.push_back(fmt::format(
      "ns apart: how long a cache line takes from CPU to CPU, one way; of a pair the median of {}{}, one in "
      "each pass over all pairs, of a relation the median of its pairs. Pairs are unordered.",
      fewest == most ? "" : "up to ", counted(most, "reading")));
  return remarks;
}

}  // namespace

unsigned handover_passes(std::size_t pairs) {
  constexpr double wanted_seconds = 10;
  const double fit = wanted_seconds / (static_cast<double>(std::max<std::size_t>(pairs, 1)) * seconds_a_reading);
  return static_cast<unsigned>(std::clamp(fit, 5.0, 21.0)) | 1U;
}

Handovers measure_handovers(const Loaded& loaded, const RunSettings& settings) {
  Handovers handovers{.relations = count_relations(loaded.machine)};
  handovers.pairs = pairs_to_measure(loaded.machine, settings.pairs_per_relation);
  handovers.passes = handover_passes(handovers.pairs.size());
  announce(handovers.pairs.size(), handovers.passes);
  CpuClaim claim = claim_cpus(cpus_of(handovers.pairs), settings.wait_for_others);
  const auto measure = [&](int first, int second) { return measure_handover(*loaded.topology, first, second); };
  handovers.complete = measure_handovers(handovers.pairs, handovers.passes, seconds_apart, measure, interrupt_signal());
  claim.look_again();
  handovers.findings = claim.all_findings();
  return handovers;
}

void add_handovers(Listing& listing, const Handovers& handovers) {
  const std::vector<PairHandover> pairs = handovers_of_pairs(handovers.pairs);
  const std::vector<RelationHandover> relations = handovers_of_relations(pairs);
  const std::vector<Finding> findings = findings_of(handovers);
  if (!relations.empty()) listing.grids.push_back(relation_grid(handovers, relations));
  if (!pairs.empty()) listing.maps.push_back(map_of(pairs));
  listing.remarks = remarks_of(handovers, findings);
  listing.rows = pair_grid(pairs);
  listing.data["handover"] = as_json(handovers, pairs, relations, findings);
}

}  // namespace pipebench
