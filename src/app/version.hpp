// Which build this is.
#pragma once

#include "pipebench/model/results.hpp"

namespace pipebench {

[[nodiscard]] Tool this_tool();

}  // namespace pipebench
