// What `tune` found, for people.
#pragma once

#include <string>
#include <vector>

#include "pipebench/report/grid.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

/// What there is to say of the results of a search, in the order that people read it.
struct TuningText {
  std::vector<Grid> grids;              ///< the best cases; none where nothing was measured
  std::vector<std::string> paragraphs;  ///< what the table's cases have in common, the fastest, how sure that is
};

/// `document` has PlanRecord::tuning, and has been measured.
[[nodiscard]] TuningText tuning_text(const Document& document);

/// The part of the document that remarks are about: the best cases and those that failed, without doubts about figures
/// that the search itself did not need better.
[[nodiscard]] Document remarkable(const Document& document);

}  // namespace pipebench
