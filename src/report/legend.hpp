// What explains the headers and marks of a table of measured cases.
#pragma once

#include <optional>

#include "pipebench/report/footer.hpp"

namespace pipebench {

/// Empty when nothing was measured.
[[nodiscard]] std::optional<Legend> legend_of(const Document& document);

}  // namespace pipebench
