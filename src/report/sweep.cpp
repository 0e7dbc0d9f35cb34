#include "report/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "pipebench/analysis/handover.hpp"
#include "pipebench/analysis/sweep.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/report/heat_map.hpp"
#include "report/figures.hpp"

namespace pipebench {
namespace {

std::string named(const PairSpeed& pair) {
  return fmt::format("{},{} at {}", pair.writer, pair.reader, three_digits(pair.gib_per_second));
}

bool has_handover(const Sweep& sweep) {
  return std::ranges::any_of(sweep.relations, [](const auto& speeds) { return speeds.handover_ns.has_value(); });
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
  const bool with_handover = has_handover(sweep);
  if (with_handover) grid.columns.push_back({.header = "ns apart", .right = true});
  for (const RelationSpeeds& speeds : sweep.relations) {
    grid.rows.push_back({std::string(name_of(speeds.relation)), std::to_string(speeds.pairs.size()),
                         three_digits(speeds.median_gib_per_second),
                         speeds.spread ? fmt::format("{:.1f} %", 100 * *speeds.spread) : "-", named(speeds.best),
                         named(speeds.worst), three_digits(speeds.relative_to_best)});
    if (with_handover) grid.rows.back().push_back(speeds.handover_ns ? three_digits(*speeds.handover_ns) : "-");
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

// What was measured, and how far apart the CPUs were, where that is known.
std::vector<HeatMap> heat_maps(const Sweep& sweep) {
  PairCells throughput, handover;
  for (const RelationSpeeds& speeds : sweep.relations) {
    for (const PairSpeed& pair : speeds.pairs) {
      const std::pair cpus{pair.writer, pair.reader};
      throughput[cpus] = {.figure = pair.gib_per_second, .marks = pair.stable ? "" : std::string(1, cell_marks::doubt)};
      if (pair.handover_ns) handover[cpus].figure = *pair.handover_ns;
    }
  }
  std::vector<HeatMap> maps{pair_map(throughput_map, throughput)};
  if (!handover.empty()) maps.push_back(pair_map(handover_map, handover));
  return maps;
}

constexpr std::string_view explanation =
    "pairs: ordered, writer and reader. GiB/s: the median of the pairs' medians. spread: their median absolute "
    "deviation, relative to it. x best: relative to the best relation.";
constexpr std::string_view handover_explanation =
    " ns apart: how long a cache line takes from CPU to CPU, the median of the pairs' medians.";

std::string explanation_of(const std::vector<Sweep>& sweeps) {
  return std::string(explanation) + std::string(std::ranges::any_of(sweeps, has_handover) ? handover_explanation : "");
}

// What the figures have against the relations.
std::vector<std::string> contradictions(const Document& document) {
  std::vector<std::string> sentences;
  for (const Finding& finding : handover_contradictions(handovers_beside_samples(document)))
    sentences.push_back(sentence_of(finding));
  return sentences;
}

constexpr std::string_view contradiction_lead = "distance: ";

}  // namespace

std::string sweeps_as_text(const Document& document, const View& view) {
  std::string text;
  const std::vector<Sweep> sweeps = find_sweeps(document);
  if (sweeps.empty()) return text;
  for (const Sweep& sweep : sweeps) {
    text += wrap_text(sweep.title + ":", view.width, 0, "");
    if (view.arrangement != Arrangement::table) {
      for (const HeatMap& map : heat_maps(sweep)) text += map.render(view.width, view.color) + '\n';
    }
    text += grid_as_text(relation_grid(sweep), view.width);
    for (const RelationSpeeds& speeds : sweep.relations) {
      const std::string outliers = outlier_text(speeds);
      if (!outliers.empty()) text += wrap_text(outliers, view.width, 2, outlier_lead(speeds));
    }
    text += '\n';
  }
  for (const std::string& sentence : contradictions(document))
    text += wrap_text(sentence, view.width, 2, std::string(contradiction_lead));
  return text + wrap_text(explanation_of(sweeps), view.width, 0, "") + '\n';
}

std::string sweeps_as_markdown(const Document& document, const View& view) {
  std::string text;
  const std::vector<Sweep> sweeps = find_sweeps(document);
  if (sweeps.empty()) return text;
  for (const Sweep& sweep : sweeps) {
    text += fmt::format("{}:\n\n", markdown_text(sweep.title));
    if (view.arrangement != Arrangement::table) {
      for (const HeatMap& map : heat_maps(sweep)) text += fmt::format("```\n{}```\n\n", map.render(80, false));
    }
    text += grid_as_markdown(relation_grid(sweep)) + '\n';
    for (const RelationSpeeds& speeds : sweep.relations) {
      const std::string outliers = outlier_text(speeds);
      if (!outliers.empty()) text += fmt::format("{}{}\n\n", outlier_lead(speeds), markdown_text(outliers));
    }
  }
  for (const std::string& sentence : contradictions(document))
    text += fmt::format("{}{}\n\n", contradiction_lead, markdown_text(sentence));
  return text + fmt::format("{}\n\n", explanation_of(sweeps));
}

}  // namespace pipebench
