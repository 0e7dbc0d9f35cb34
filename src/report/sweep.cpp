#include "report/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "pipebench/base/printable.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/stats/stats.hpp"
#include "report/figures.hpp"
#include "report/heat_map.hpp"

namespace pipebench {
namespace {

// The median of one pair of CPUs.
struct PairSpeed {
  int writer;
  int reader;
  double speed;
};

// Cases that differ in their CPUs alone.
struct Sweep {
  std::string title;
  std::map<Relation, std::vector<PairSpeed>> relations;
};

std::vector<double> speeds_of(const std::vector<PairSpeed>& pairs) {
  std::vector<double> speeds;
  for (const PairSpeed& pair : pairs) speeds.push_back(pair.speed);
  return speeds;
}

// "sizes:cpus=0,1,wait=busy" -> "sizes:wait=busy": names are unique, so what is left says all else that varies.
std::string without_cpus(const std::string& name) {
  const auto begin = name.find("cpus=");
  if (begin == std::string::npos) return name;
  const auto end = name.find_first_not_of("0123456789,", begin + 5);
  const std::string rest = name.substr(0, begin) + (end == std::string::npos ? "" : name.substr(end));
  return rest.ends_with(':') || rest.ends_with(',') ? rest.substr(0, rest.size() - 1) : rest;
}

std::vector<Sweep> find_sweeps(const Document& document) {
  std::vector<Sweep> sweeps;
  std::map<std::string, std::size_t> known;
  for (const CaseResult& result : document.cases) {
    const Placement& placement = result.spec.placement;
    if (!result.summary || !placement.relation || result.name.find("cpus=") == std::string::npos) continue;
    const auto [at, is_new] = known.try_emplace(without_cpus(result.name), sweeps.size());
    if (is_new) sweeps.push_back({.title = at->first, .relations = {}});
    sweeps[at->second].relations[*placement.relation].push_back(
        {*placement.writer_cpu, *placement.reader_cpu, result.summary->median_gib_per_second});
  }
  std::erase_if(sweeps, [](const Sweep& sweep) {
    return sweep.relations.size() == 1 && sweep.relations.begin()->second.size() == 1;  // one pair is no sweep
  });
  return sweeps;
}

std::string named(const PairSpeed& pair) {
  return fmt::format("{},{} at {}", pair.writer, pair.reader, three_digits(pair.speed));
}

double best_median(const Sweep& sweep) {
  double best = 0;
  for (const auto& [relation, pairs] : sweep.relations) best = std::max(best, median(speeds_of(pairs)));
  return best;
}

Grid relation_grid(const Sweep& sweep) {
  Grid grid{.columns = {{"relation"},
                        {"pairs", true},
                        {"GiB/s", true},
                        {"spread", true},
                        {"best pair", true},
                        {"worst pair", true},
                        {"x best", true}},
            .rows = {}};
  const double best = best_median(sweep);
  for (const auto& [relation, pairs] : sweep.relations) {
    const std::vector<double> speeds = speeds_of(pairs);
    const double middle = median(speeds);
    const auto [worst_pair, best_pair] = std::ranges::minmax_element(pairs, {}, &PairSpeed::speed);
    grid.rows.push_back(
        {std::string(name_of(relation)), std::to_string(speeds.size()), three_digits(middle),
         speeds.size() < 2 ? "-" : fmt::format("{:.1f} %", 100 * median_absolute_deviation(speeds) / middle),
         named(*best_pair), named(*worst_pair), three_digits(middle / best)});
  }
  return grid;
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

// Which pairs of a relation are unlike the others: that is how a bad core shows. Empty when none is.
std::string outlier_text(const std::vector<PairSpeed>& pairs) {
  constexpr std::size_t least_pairs = 5;  // fewer say little of each other
  constexpr std::size_t most_named = 6;
  const std::vector<double> speeds = speeds_of(pairs);
  if (speeds.size() < least_pairs) return {};
  std::vector<PairSpeed> unlike;
  for (const std::size_t at : outliers(speeds)) unlike.push_back(pairs[at]);
  if (unlike.empty()) return {};
  std::string text;
  for (std::size_t i = 0; i < std::min(unlike.size(), most_named); ++i)
    text += (i == 0 ? "" : "; ") +
            fmt::format("{} ({} of the median)", named(unlike[i]), three_digits(unlike[i].speed / median(speeds)));
  if (unlike.size() > most_named) text += fmt::format("; and {} more", unlike.size() - most_named);
  if (const auto cpu = common_cpu(unlike)) text += fmt::format(". CPU {} is in most of them", *cpu);
  return text + ".";
}

HeatMap heat_map(const Sweep& sweep) {
  HeatMap map;
  for (const auto& [relation, pairs] : sweep.relations) {
    for (const PairSpeed& pair : pairs) map.set(pair.writer, pair.reader, pair.speed);
  }
  return map;
}

constexpr std::string_view explanation =
    "pairs: ordered, writer and reader. GiB/s: the median of the pairs' medians. spread: their median absolute "
    "deviation, of that median. x best: relative to the best relation.";

}  // namespace

std::string sweeps_as_text(const Document& document, const View& view) {
  std::string text;
  const std::vector<Sweep> sweeps = find_sweeps(document);
  for (const Sweep& sweep : sweeps) {
    text += wrap_text(sweep.title + ":", view.width, 0, "") + heat_map(sweep).render(view.width, view.color) + '\n' +
            grid_as_text(relation_grid(sweep), view.width);
    for (const auto& [relation, pairs] : sweep.relations) {
      const std::string unlike = outlier_text(pairs);
      if (!unlike.empty()) text += wrap_text(unlike, view.width, 2, fmt::format("outliers in {}: ", name_of(relation)));
    }
    text += '\n';
  }
  if (!sweeps.empty()) text += wrap_text(std::string(explanation), view.width, 0, "") + '\n';
  return text;
}

std::string sweeps_as_markdown(const Document& document) {
  std::string text;
  for (const Sweep& sweep : find_sweeps(document)) {
    text += fmt::format("{}:\n\n```\n{}```\n\n{}\n", escaped(sweep.title), heat_map(sweep).render(80, false),
                        grid_as_markdown(relation_grid(sweep)));
    for (const auto& [relation, pairs] : sweep.relations) {
      const std::string unlike = outlier_text(pairs);
      if (!unlike.empty()) text += fmt::format("outliers in {}: {}\n\n", name_of(relation), unlike);
    }
  }
  return text;
}

}  // namespace pipebench
