#include "pipebench/system/memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <utility>

#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

// The size of a transparent huge page where it matters here (x86-64, arm64 with 4 KiB pages).
constexpr std::size_t thp_bytes = std::size_t{2} << 20U;

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

std::size_t round_up(std::size_t value, std::size_t unit) { return (value + unit - 1) / unit * unit; }

struct Residence {
  std::size_t resident = 0;
  std::size_t huge = 0;
};

// Adds up the Rss and AnonHugePages of the mappings that start at one of `starts`.
bool read_residence(const std::vector<Mapping>& mappings, Residence& sum) {
  std::ifstream smaps("/proc/self/smaps");
  if (!smaps) return false;
  bool ours = false;
  for (std::string line; std::getline(smaps, line);) {
    unsigned long long value = 0;
    unsigned long long end = 0;
    if (std::sscanf(line.c_str(), "%llx-%llx ", &value, &end) == 2) {
      ours = false;
      for (const Mapping& mapping : mappings) ours |= reinterpret_cast<std::uintptr_t>(mapping.data()) == value;
    } else if (ours && std::sscanf(line.c_str(), "Rss: %llu kB", &value) == 1) {
      sum.resident += value * 1024;
    } else if (ours && std::sscanf(line.c_str(), "AnonHugePages: %llu kB", &value) == 1) {
      sum.huge += value * 1024;
    }
  }
  return true;
}

}  // namespace

Mapping::Mapping(std::size_t bytes, Pages pages) {
  const std::size_t unit = pages == Pages::thp ? thp_bytes : page_bytes();
  size_ = round_up(bytes, unit);
  reserved_ = size_ + unit + 2 * page_bytes();
  void* base = ::mmap(nullptr, reserved_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) throw SystemError(fmt::format("mmap({} bytes)", reserved_), errno);
  base_ = static_cast<std::byte*>(base);
  const auto first = reinterpret_cast<std::uintptr_t>(base_) + page_bytes();
  data_ = base_ + (round_up(first, unit) - reinterpret_cast<std::uintptr_t>(base_));
  // The kernel may lack THP altogether (EINVAL); what was obtained is checked and reported afterwards.
  if (::mprotect(data_, size_, PROT_READ | PROT_WRITE) < 0) {
    const int code = errno;
    ::munmap(base_, reserved_);
    throw SystemError(fmt::format("mprotect({} bytes)", size_), code);
  }
  ::madvise(data_, size_, pages == Pages::thp ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

Mapping::Mapping(Mapping&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), reserved_(other.reserved_), data_(other.data_), size_(other.size_) {}

Mapping::~Mapping() {
  if (base_ != nullptr) ::munmap(base_, reserved_);
}

BufferSet::BufferSet(const BufferRequest& request) {
  const std::size_t stride = round_up(request.bytes, page_bytes());
  const std::size_t mappings = request.contiguous && request.count > 0 ? 1 : request.count;
  const std::size_t mapped = request.contiguous ? stride * request.count : stride;
  mappings_.reserve(mappings);
  for (std::size_t i = 0; i < mappings; ++i) {
    const Mapping& mapping = mappings_.emplace_back(mapped, request.pages);
    if (request.lock && ::mlock(mapping.data(), mapping.size()) < 0) {
      throw SystemError(fmt::format("mlock({} bytes)", mapping.size()), errno);
    }
    if (!request.touch) continue;
    // Written, not read: an unwritten page would be the shared zero page, and later writes would not be seen.
    for (std::size_t at = 0; at < mapping.size(); at += page_bytes()) mapping.data()[at] = std::byte{'X'};
  }
  for (std::size_t i = 0; i < request.count; ++i) {
    starts_.push_back(request.contiguous ? mappings_[0].data() + i * stride : mappings_[i].data());
  }
}

std::string BufferSet::obtained_pages() const {
  if (mappings_.empty()) return "";
  Residence sum;
  if (!read_residence(mappings_, sum)) return "unknown";
  if (sum.resident == 0) return "not touched";
  if (sum.huge == 0) return "4k";
  return sum.huge >= sum.resident ? "thp" : "mixed";
}

}  // namespace pipebench
