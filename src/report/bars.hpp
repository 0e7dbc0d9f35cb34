// Figures drawn as bars.
#pragma once

#include <string>

#include "pipebench/report/report.hpp"
#include "report/rows.hpp"

namespace pipebench {

/// From 100 columns on, where the view has bars at all.
[[nodiscard]] bool has_bars(const View& view);

/// Adds a column to `grid`, which has one row for each of `cases`: the main figure of each relative to the largest,
/// with its interval. The column takes what the others leave of the view's width.
void add_bars(Grid& grid, const Cases& cases, const View& view);

/// What the bars show; a sentence.
[[nodiscard]] std::string bar_legend(const View& view);

}  // namespace pipebench
