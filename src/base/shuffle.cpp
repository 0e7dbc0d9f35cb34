#include "pipebench/base/shuffle.hpp"

#include <numeric>
#include <random>
#include <utility>

namespace pipebench {

std::vector<std::size_t> shuffled_order(std::size_t count, std::uint64_t seed, unsigned round) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  // mt19937_64 is the same everywhere; std::shuffle and the distributions are not.
  std::mt19937_64 random(seed + 0x9E3779B97F4A7C15U * (round + 1));
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  return order;
}

}  // namespace pipebench
