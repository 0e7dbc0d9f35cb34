// A histogram of fixed size, for any number of durations.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pipebench {

/// Counts of whole numbers, exact below 256, and above in buckets whose middle is within 0.4 % of all they hold: each
/// power of two is divided into 128 buckets, as in HdrHistogram. Adding costs a few instructions and no memory.
class Histogram {
 public:
  Histogram() : counts_(buckets) {}

  void add(std::uint64_t value) noexcept {
    ++counts_[index_of(value)];
    ++total_;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return total_; }

  /// The smallest value below which, or at which, lies the given share of all, from 0 (the smallest) to 1 (the
  /// largest); the middle of its bucket. 0 when nothing was added.
  [[nodiscard]] double quantile(double share) const noexcept;

  /// Adds all values of another.
  void add(const Histogram& more) noexcept;

  void clear() noexcept;

 private:
  static constexpr unsigned sub_bits = 7;
  static constexpr std::size_t per_power = std::size_t{1} << sub_bits;
  static constexpr std::size_t buckets = (64 - sub_bits + 1) * per_power;

  [[nodiscard]] static std::size_t index_of(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > sub_bits + 1 ? width - sub_bits - 1 : 0;
    return shift * per_power + (value >> shift);
  }
  [[nodiscard]] static double middle_of(std::size_t index) noexcept;

  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace pipebench
