// Cases that vary two options as a grid of their figures.
#pragma once

#include <string>

#include "pipebench/analysis/crossing.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

/// Rows and columns are turned where they fit only so. What has no figure is marked.
[[nodiscard]] std::string crossing_as_text(const Crossing& crossing, unsigned width, bool color);

}  // namespace pipebench
