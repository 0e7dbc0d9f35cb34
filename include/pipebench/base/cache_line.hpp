// Keeping apart what different CPUs write to.
#pragma once

#include <cstddef>

namespace pipebench {

/// Alignment at which neither cache lines nor the adjacent-line prefetcher cause false sharing.
inline constexpr std::size_t no_sharing = 128;

}  // namespace pipebench
