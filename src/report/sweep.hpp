// Sweeps over pairs of CPUs as text: a heat map, and a line per relation.
#pragma once

#include <string>

#include "pipebench/model/results.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

/// For each group of cases that differ in their CPUs alone; maps only where the view has grids. Empty when there is
/// none.
[[nodiscard]] std::string sweeps_as_text(const Document& document, const View& view);
[[nodiscard]] std::string sweeps_as_markdown(const Document& document, const View& view);

}  // namespace pipebench
