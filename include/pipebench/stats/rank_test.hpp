// Do two sets of figures differ by more than chance? Pure functions over numbers.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pipebench {

/// The probability, when both sets come from one distribution, that one lies above the other at least as much as here;
/// two-sided, 0 to 1 (Mann and Whitney, 1947). Exact for up to 60 values in all, by counting the ways to choose ranks;
/// for more, the normal approximation with a correction for continuity. Equal values count
/// one half each way, rounded so that the result is rather too large. Throws std::invalid_argument when a set is empty
/// or has a value that is not a number.
[[nodiscard]] double mann_whitney_p(std::span<const double> some, std::span<const double> others);

/// The probability, when either order is as likely, that of so many pairs at least as many lie in one order as here;
/// two-sided, 0 to 1, exact (the sign test). 1 when there are no pairs.
[[nodiscard]] double sign_test_p(std::size_t in_order, std::size_t pairs);

/// The probabilities of several tests, each raised so that among all of them one lies below a limit by chance with that
/// probability at most (Holm, 1979). In the order of `p`.
[[nodiscard]] std::vector<double> holm_adjusted(std::span<const double> p);

}  // namespace pipebench
