// Are figures that were measured one after the other independent? A pure function over numbers.
#pragma once

#include <span>
#include <vector>

namespace pipebench {

/// Series that were measured side by side, each in order of time. A machine that drifts makes neighbours alike, and
/// then n figures say less about a median than n independent ones. The result is how many independent ones they are
/// worth, as a share: above 0, at most 1.
///
/// It follows from the autocorrelation of neighbours, of ranks (so that outliers do not decide), as a mean over the
/// series, and corrected for its bias in short series (Kendall, 1954): r' = (n r + 1) / (n - 3). That figures k places
/// apart are alike by r'^k is taken from an autoregressive process, and that they lie on the same side of the median
/// accordingly, from the normal distribution: a correlation c becomes 2/pi asin(c) (Sheppard, 1899).
///
/// 1 where neighbours are not alike, and where there are fewer than 60 figures in series of at least 8: by chance
/// alone, the autocorrelation of so few is often large.
[[nodiscard]] double independent_share(std::span<const std::vector<double>> series);

}  // namespace pipebench
