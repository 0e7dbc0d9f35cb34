// The memory that bytes are sent from and received into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipebench/base/unique_fd.hpp"
#include "pipebench/model/buffers.hpp"
#include "pipebench/system/page_sizes.hpp"

namespace pipebench {

/// Bytes that this process can still allocate without swapping: MemAvailable of /proc/meminfo, or what the limits of
/// its control groups (cgroups(7), of both versions) leave. The largest number where neither can be read.
[[nodiscard]] std::uint64_t available_memory(const std::filesystem::path& root = "/");

/// A mapping of its own: its neighbours are inaccessible, so that the kernel's accounting of it (/proc/self/smaps)
/// covers it alone.
class Mapping {
 public:
  /// Private and anonymous, or, with a file, shared from its start. `bytes` are whole pages of the kind, which are of
  /// `page_bytes`, and the start is aligned to them. Throws SystemError; ENOMEM when too few huge pages are reserved.
  Mapping(std::size_t bytes, Pages pages, std::size_t page_bytes, int file = -1);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping();
  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::byte* base_ = nullptr;
  std::size_t reserved_ = 0;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// What /proc/self/smaps said of this process's mappings at one moment.
class Smaps {
 public:
  explicit Smaps(const std::filesystem::path& root = "/");
  /// The kind of pages that the kernel gave these mappings; `mixed`: of thp and ordinary ones, `unknown`: smaps cannot
  /// be read. Empty without mappings.
  [[nodiscard]] std::optional<ObtainedPages> pages_of(std::span<const Mapping> mappings) const;

 private:
  /// In bytes.
  struct Residence {
    std::size_t resident = 0;
    std::size_t huge = 0;     ///< transparent huge pages
    std::size_t hugetlb = 0;  ///< reserved huge pages, which Rss leaves out
    std::size_t page = 0;     ///< KernelPageSize
  };
  static void add_line(const std::string& line, Residence& residence);

  bool readable_ = false;
  std::unordered_map<std::uintptr_t, Residence> by_start_;
};

/// Buffers, allocated and touched by the thread that constructs them.
class BufferSet {
 public:
  /// Throws SystemError; with `lock`, ENOMEM or EPERM when RLIMIT_MEMLOCK is too small. Throws Cancelled.
  explicit BufferSet(const BufferRequest& request, const PageSizes& sizes = page_sizes_here());

  /// The first byte of each buffer, page-aligned.
  [[nodiscard]] std::span<std::byte* const> starts() const noexcept { return starts_; }
  [[nodiscard]] std::byte* start(std::size_t index) const noexcept { return starts_[index]; }
  /// The memfd that backs them, and where in it an address is.
  [[nodiscard]] int file() const noexcept { return file_.get(); }
  [[nodiscard]] std::int64_t offset_in_file(const std::byte* address) const noexcept {
    return address - mappings_[0].data();
  }

  /// The kind of pages that the kernel gave, as Smaps::pages_of(); empty without buffers.
  [[nodiscard]] std::optional<ObtainedPages> obtained_pages(const Smaps& smaps) const {
    return smaps.pages_of(mappings_);
  }
  /// The kind that was asked for.
  [[nodiscard]] Pages wanted_pages() const noexcept { return wanted_pages_; }

  /// The NUMA nodes (OS numbers, ascending) that hold the pages, of up to 1024 that lie evenly spread; without faulting
  /// any in (move_pages(2)). Empty when no page is there, and where the kernel or a seccomp profile does not tell.
  [[nodiscard]] std::vector<int> nodes() const;

 private:
  void touch_and_lock(const Mapping& mapping, std::size_t used, const BufferRequest& request, std::size_t page) const;

  Pages wanted_pages_;
  std::size_t page_bytes_;  // of ordinary ones
  UniqueFd file_;
  std::vector<Mapping> mappings_;
  std::vector<std::byte*> starts_;
};

}  // namespace pipebench
