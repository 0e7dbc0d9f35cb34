// Orders that a seed reproduces.
#pragma once

#include <cstdint>
#include <vector>

namespace pipebench {

/// The order of one round: `count` indices, shuffled by `seed` and `round`, the same on every machine.
[[nodiscard]] std::vector<std::size_t> shuffled_order(std::size_t count, std::uint64_t seed, unsigned round);

}  // namespace pipebench
