// A histogram of fixed size, for any number of durations.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pipebench {

/// Counts of whole numbers, exact below 512, and above in buckets that are narrower than 0.4 % of what they hold: each
/// power of two is divided into 256 buckets, as in HdrHistogram. Adding costs a few instructions and no memory.
class Histogram {
 public:
  Histogram() : counts_(buckets) {}

  /// `times`: how often it is counted.
  void add(std::uint64_t value, std::uint64_t times = 1) noexcept {
    counts_[index_of(value)] += times;
    total_ += times;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return total_; }

  /// The smallest value below which, or at which, lies the given share of all, from 0 (the smallest) to 1 (the
  /// largest). Interpolated by rank, as if the values of a bucket lay evenly in it, so that it moves smoothly; wherever
  /// they lie, it is within 0.4 %. 0 when nothing was added.
  [[nodiscard]] double quantile(double share) const noexcept;

  /// Adds all values of another.
  void add(const Histogram& more) noexcept;

  void clear() noexcept;

  /// How often each bucket was counted: what add_counts() of another takes, in another process, say.
  [[nodiscard]] const std::vector<std::uint64_t>& counts() const noexcept { return counts_; }
  /// Adds those of another histogram; as many as there are buckets.
  void add_counts(const std::vector<std::uint64_t>& counts) noexcept;

 private:
  static constexpr unsigned sub_bits = 8;
  static constexpr std::size_t per_power = std::size_t{1} << sub_bits;
  static constexpr std::size_t buckets = (64 - sub_bits + 1) * per_power;

  [[nodiscard]] static std::size_t index_of(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > sub_bits + 1 ? width - sub_bits - 1 : 0;
    return shift * per_power + (value >> shift);
  }
  /// From the smallest value of a bucket (0) to its largest (1).
  [[nodiscard]] static double value_in(std::size_t index, double share) noexcept;

  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace pipebench
