// Do two sets of figures differ by more than chance? A pure function over numbers.
#pragma once

#include <span>

namespace pipebench {

/// The probability, when both sets come from one distribution, that one lies above the other at least as much as here;
/// two-sided, 0 to 1 (Mann and Whitney, 1947). Exact for up to 60 values in all, by counting the ways to choose ranks;
/// for more, the normal approximation with a correction for continuity. Equal values count
/// one half each way, rounded so that the result is rather too large. Throws std::invalid_argument when a set is empty
/// or has a value that is not a number.
[[nodiscard]] double mann_whitney_p(std::span<const double> some, std::span<const double> others);

}  // namespace pipebench
