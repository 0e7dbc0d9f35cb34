// Huge pages: which the kernel gives, and reserving them (hugetlb).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipebench/model/buffers.hpp"
#include "pipebench/model/finding.hpp"

namespace pipebench {

/// The sizes that this project uses, in KiB, as in the names under /sys/kernel/mm/hugepages.
enum class HugeSize : std::uint32_t { m2 = 2048, g1 = 1048576 };

/// Does `root`/sys report huge pages? In a container it may not.
[[nodiscard]] bool huge_pages_are_told(const std::filesystem::path& root = "/");

/// Transparent huge pages: "always", "madvise" or "never"; empty where the kernel has none, or does not tell.
[[nodiscard]] std::optional<std::string> thp_setting(const std::filesystem::path& root = "/");

/// Why the kernel gives no pages of this kind now: a blocker, or a note where that is not known. Empty when it gives
/// them.
[[nodiscard]] std::optional<Finding> why_no_pages(Pages pages, const std::filesystem::path& root = "/");

/// Why files in memory (memfd_create(2)) get no transparent huge pages, as a note. Empty when they do, and where
/// that is not known.
[[nodiscard]] std::optional<Finding> why_no_thp_in_files(const std::filesystem::path& root = "/");

/// Huge pages of this size that are reserved and not in use; 0 where the kernel has none of them, empty where it does
/// not tell.
[[nodiscard]] std::optional<std::uint64_t> free_huge_pages(HugeSize size, const std::filesystem::path& root = "/");

/// Huge pages of this size that are reserved, in use or not; 0 where the kernel has none or does not tell.
[[nodiscard]] std::uint64_t reserved_huge_pages(HugeSize size, const std::filesystem::path& root = "/");

/// The free ones, and as many more as HugeReservation may reserve and available memory has room for.
[[nodiscard]] std::optional<std::uint64_t> reservable_huge_pages(HugeSize size,
                                                                 const std::filesystem::path& root = "/");

/// Reserves huge pages and gives them back on destruction.
class HugeReservation {
 public:
  explicit HugeReservation(std::filesystem::path root = "/") : root_(std::move(root)) {}
  HugeReservation(HugeReservation&&) = default;
  HugeReservation& operator=(HugeReservation&&) = delete;
  ~HugeReservation();

  /// Makes `count` of them free, as far as the kernel finds the memory. Throws SystemError when it may not (EACCES).
  void ensure(HugeSize size, std::uint64_t count);

 private:
  struct Taken {
    HugeSize size;
    std::uint64_t before;  ///< nr_hugepages to go back to
  };
  std::filesystem::path root_;
  std::vector<Taken> taken_;
};

}  // namespace pipebench
