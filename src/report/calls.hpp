// The table of what each end's calls took, which View::calls asks for.
#pragma once

#include <string>

#include "pipebench/model/results.hpp"
#include "pipebench/report/grid.hpp"

namespace pipebench {

/// Two rows for each case that has figures: its writer and its reader.
[[nodiscard]] Grid call_grid(const Document& document);

/// What its columns are, and why those of hardware events are not there; empty where the table is.
[[nodiscard]] std::string call_legend(const Document& document);

}  // namespace pipebench
