// What tables of results say, before a format shows it.
#pragma once

#include <string>
#include <vector>

#include "pipebench/analysis/crossing.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

/// In the order that people read it.
struct ResultsText {
  std::vector<Grid> grids;                ///< those that have rows
  std::vector<Crossing> crossings;        ///< as grids, below the others
  std::vector<std::string> remarks;       ///< "~: write-read: The ends sleep ..."
  std::vector<std::string> explanations;  ///< what figures mean, a paragraph each
  std::vector<std::string> facts;         ///< where it was measured, and how many cases
  std::string code = {};                  ///< what a search found, in C; may be empty
};
[[nodiscard]] ResultsText text_of(const Document& document, const View& view);

}  // namespace pipebench
