#include "report/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "pipebench/analysis/sweep.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/report/grid.hpp"
#include "report/figures.hpp"
#include "report/heat_map.hpp"

namespace pipebench {
namespace {

std::string named(const PairSpeed& pair) {
  return fmt::format("{},{} at {}", pair.writer, pair.reader, three_digits(pair.gib_per_second));
}

Grid relation_grid(const Sweep& sweep) {
  Grid grid{.columns = {{.header = "relation"},
                        {.header = "pairs", .right = true},
                        {.header = "GiB/s", .right = true},
                        {.header = "spread", .right = true},
                        {.header = "best pair", .right = true},
                        {.header = "worst pair", .right = true},
                        {.header = "x best", .right = true}},
            .rows = {}};
  for (const RelationSpeeds& speeds : sweep.relations) {
    grid.rows.push_back({std::string(name_of(speeds.relation)), std::to_string(speeds.pairs.size()),
                         three_digits(speeds.median_gib_per_second),
                         speeds.spread ? fmt::format("{:.1f} %", 100 * *speeds.spread) : "-", named(speeds.best),
                         named(speeds.worst), three_digits(speeds.relative_to_best)});
  }
  return grid;
}

// Empty when no pair is unlike the others.
std::string outlier_text(const RelationSpeeds& speeds) {
  constexpr std::size_t most_named = 6;
  if (speeds.outliers.empty()) return {};
  std::vector<std::string> parts;
  for (const PairSpeed& pair : speeds.outliers) {
    if (parts.size() == most_named) break;
    parts.push_back(fmt::format("{} ({} of the median)", named(pair),
                                three_digits(pair.gib_per_second / speeds.median_gib_per_second)));
  }
  if (speeds.outliers.size() > most_named)
    parts.push_back(fmt::format("and {} more", speeds.outliers.size() - most_named));
  return fmt::format("{}.{}", fmt::join(parts, "; "),
                     speeds.suspect ? fmt::format(" CPU {} is in most of them.", *speeds.suspect) : "");
}

std::string outlier_lead(const RelationSpeeds& speeds) {
  return fmt::format("outliers in {}: ", name_of(speeds.relation));
}

HeatMap heat_map(const Sweep& sweep) {
  HeatMap map;
  for (const RelationSpeeds& speeds : sweep.relations) {
    for (const PairSpeed& pair : speeds.pairs) map.set(pair.writer, pair.reader, pair.gib_per_second);
  }
  return map;
}

constexpr std::string_view explanation =
    "pairs: ordered, writer and reader. GiB/s: the median of the pairs' medians. spread: their median absolute "
    "deviation, relative to it. x best: relative to the best relation.";

}  // namespace

std::string sweeps_as_text(const Document& document, const View& view) {
  std::string text;
  const std::vector<Sweep> sweeps = find_sweeps(document);
  for (const Sweep& sweep : sweeps) {
    text += wrap_text(sweep.title + ":", view.width, 0, "") + heat_map(sweep).render(view.width, view.color) + '\n' +
            grid_as_text(relation_grid(sweep), view.width);
    for (const RelationSpeeds& speeds : sweep.relations) {
      const std::string outliers = outlier_text(speeds);
      if (!outliers.empty()) text += wrap_text(outliers, view.width, 2, outlier_lead(speeds));
    }
    text += '\n';
  }
  if (!sweeps.empty()) text += wrap_text(std::string(explanation), view.width, 0, "") + '\n';
  return text;
}

std::string sweeps_as_markdown(const Document& document) {
  std::string text;
  const std::vector<Sweep> sweeps = find_sweeps(document);
  for (const Sweep& sweep : sweeps) {
    text += fmt::format("{}:\n\n```\n{}```\n\n{}\n", escaped(sweep.title), heat_map(sweep).render(80, false),
                        grid_as_markdown(relation_grid(sweep)));
    for (const RelationSpeeds& speeds : sweep.relations) {
      const std::string outliers = outlier_text(speeds);
      if (!outliers.empty()) text += fmt::format("{}{}\n\n", outlier_lead(speeds), outliers);
    }
  }
  if (!sweeps.empty()) text += fmt::format("{}\n\n", explanation);
  return text;
}

}  // namespace pipebench
