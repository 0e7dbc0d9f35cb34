// Profiles as text: for each case what its two ends did, in which functions, and what follows.
#pragma once

#include <string>
#include <vector>

#include "pipebench/report/report.hpp"

namespace pipebench {

/// Does a case have a profile? Then people see profiles instead of the table of figures.
[[nodiscard]] bool has_profiles(const Document& document);
/// Were profiles asked for, whether or not anything could be sampled? Of a plan, which has none: false.
[[nodiscard]] bool asks_for_profiles(const Document& document);

[[nodiscard]] std::string profiles_as_text(const Document& document, const View& view);
[[nodiscard]] std::string profiles_as_markdown(const Document& document, const View& view);
/// One row for each kind of work of each end.
[[nodiscard]] Grid profile_rows(const Document& document);

/// What the tables of the profiles show.
[[nodiscard]] std::string profile_legend(const Document& document);

}  // namespace pipebench
