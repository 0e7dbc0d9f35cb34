// The kernel's own test of get_user_pages_fast(), which a kernel built with CONFIG_GUP_TEST has in debugfs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "pipebench/base/unique_fd.hpp"
#include "pipebench/model/finding.hpp"

namespace pipebench {

/// Ordinary pages that the test looks up at a time: as many as vmsplice(2) does (iter_to_pipe in fs/splice.c).
inline constexpr std::uint32_t gup_pages_per_call = 16;

/// In the kernel's own clock, whole microseconds, rounded down.
struct GupTimes {
  std::uint64_t get_us = 0;  ///< get_user_pages_fast() of all pages
  std::uint64_t put_us = 0;  ///< put_page() of each
};

class GupTest {
 public:
  /// How the kernels call it that have it.
  enum class Interface : std::uint8_t {
    gup_test,       ///< mm/gup_test.c, Linux 5.11 and later
    gup_benchmark,  ///< mm/gup_benchmark.c, before that
  };

  /// The test of this machine, below `root`/sys/kernel/debug.
  struct Search;
  [[nodiscard]] static Search find(const std::filesystem::path& root = "/");

  /// Looks every page of `bytes` at `start` up, gup_pages_per_call at a time, without asking to write to it, as
  /// vmsplice(2) does, and then drops the references. Throws SystemError; EFAULT when the kernel did not get all pages.
  [[nodiscard]] GupTimes look_up(const std::byte* start, std::size_t bytes) const;

  [[nodiscard]] Interface interface() const noexcept { return interface_; }
  /// "gup_test" or "gup_benchmark".
  [[nodiscard]] std::string name() const;

 private:
  GupTest(UniqueFd file, Interface interface) : file_(std::move(file)), interface_(interface) {}
  UniqueFd file_;
  Interface interface_;
};

/// Either the test, or why it cannot be had.
struct GupTest::Search {
  std::optional<GupTest> test = {};
  Finding finding = {};
};

}  // namespace pipebench
