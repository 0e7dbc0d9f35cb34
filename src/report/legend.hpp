// What explains the headers and marks of a table of measured cases.
#pragma once

#include <optional>
#include <vector>

#include "pipebench/report/footer.hpp"

namespace pipebench {

/// Of a table that has rows of these cases, which have figures, and of what else shows figures of all cases. Empty when
/// nothing was measured.
[[nodiscard]] std::optional<Legend> legend_of(const Document& document, const std::vector<const CaseResult*>& rows);

}  // namespace pipebench
