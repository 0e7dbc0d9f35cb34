// The rows and columns of the tables of results.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/report/grid.hpp"

namespace pipebench {

using Cases = std::vector<const CaseResult*>;

/// What a case is about: its speed in GiB/s, or, if it takes turns, its price in ns per 4 KiB, both ends added up.
struct MainFigure {
  std::optional<double> median = {};          ///< empty: there is none
  std::optional<double> low = {}, high = {};  ///< of its interval
};
[[nodiscard]] MainFigure main_figure(const CaseResult& result);

/// One row for each of these cases, which have figures and a thread for each end.
[[nodiscard]] Grid measured_grid(const Document& document, const Cases& speeds);

/// One row for each of these cases, which have figures and take turns.
[[nodiscard]] Grid price_grid(const Document& document, const Cases& prices);

/// One row per case that has `latency`.
[[nodiscard]] Grid latency_grid(const Document& document);

/// One row per case that has figures and `ceilings`: how much it reaches of what limits it.
[[nodiscard]] Grid ceiling_grid(const Document& document);

/// One row per planned case. Where all of several cases are alike, `alike` says so instead of a column.
struct PlannedTable {
  Grid grid;
  std::string alike;  ///< "wait busy, pages thp"; may be empty
};
[[nodiscard]] PlannedTable planned_table(const Document& document);
/// The same of these cases, without how they are sampled.
[[nodiscard]] PlannedTable choice_table(const Cases& cases);

/// Does a column of planned_table() show this key of the results' `spec`?
[[nodiscard]] bool has_column(std::string_view spec_key);

/// The name, with the marks that qualify the figures: "tee-splice (replay)".
[[nodiscard]] std::string marked_name(const CaseResult& result);

/// The grid without columns in which no row has a figure.
[[nodiscard]] Grid without_empty_columns(Grid grid);

/// Does the interval have the 95 % that the header of its column promises?
[[nodiscard]] bool covers_95(const Summary& summary);

/// Is there a ratio of too few rounds for an interval of its own?
[[nodiscard]] bool lacks_ratio_interval(const Summary& summary);

/// "0,1"; "any" for an end that is not pinned.
[[nodiscard]] std::string cpus_text(const Placement& placement);

}  // namespace pipebench
