#include "pipebench/system/memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>

#include "pipebench/base/distinct.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/rounding.hpp"
#include "system/kernel_text.hpp"

namespace pipebench {
namespace {

void* map_into(std::byte* place, std::size_t size, Pages pages, std::size_t page_bytes, int file) {
  if (file >= 0) return ::mmap(place, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0);
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  if (is_hugetlb(pages)) flags |= MAP_HUGETLB | (std::countr_zero(page_bytes) << MAP_HUGE_SHIFT);
  return ::mmap(place, size, PROT_READ | PROT_WRITE, flags, -1, 0);
}

std::uint64_t mem_available(const std::filesystem::path& root) {
  std::ifstream file(root / "proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    unsigned long long kib = 0;
    if (std::sscanf(line.c_str(), "MemAvailable: %llu kB", &kib) == 1) return kib * 1024;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

// Where a version of control groups has its limits.
struct GroupFiles {
  const char* folder;
  const char* limit;
  const char* usage;
  const char* unused_cache;  ///< in memory.stat, of the group and those below it
};
constexpr GroupFiles version_1{.folder = "sys/fs/cgroup/memory",
                               .limit = "memory.limit_in_bytes",
                               .usage = "memory.usage_in_bytes",
                               .unused_cache = "total_inactive_file"};
constexpr GroupFiles version_2{
    .folder = "sys/fs/cgroup", .limit = "memory.max", .usage = "memory.current", .unused_cache = "inactive_file"};

// Pages of files that nobody has used for a while count as used, but make room before anybody is killed.
std::uint64_t reclaimable(const std::filesystem::path& group, const GroupFiles& files) {
  std::ifstream statistics(group / "memory.stat");
  std::string key;
  for (std::uint64_t bytes = 0; statistics >> key >> bytes;) {
    if (key == files.unused_cache) return bytes;
  }
  return 0;
}

// What one control group leaves; nothing when it has no limit ("max") or no file.
std::optional<std::uint64_t> left_in_group(const std::filesystem::path& group, const GroupFiles& files) {
  const auto most = parse_number<std::uint64_t>(read_line(group / files.limit).value_or(""));
  const auto used = parse_number<std::uint64_t>(read_line(group / files.usage).value_or(""));
  if (!most || !used) return std::nullopt;
  return *most - std::min(*most, *used - std::min(*used, reclaimable(group, files)));
}

// Each group up to the root has its own limit. In a container the groups may have their names outside, and be nowhere
// below the folder; the container's own is then the folder itself.
std::uint64_t left_up_to_root(const std::filesystem::path& root, std::filesystem::path group, const GroupFiles& files) {
  std::uint64_t left = std::numeric_limits<std::uint64_t>::max();
  for (;; group = group.parent_path()) {
    left = std::min(left, left_in_group(root / files.folder / group, files).value_or(left));
    if (group.empty()) return left;
  }
}

// What the limits leave that a line of /proc/self/cgroup tells of: "5:cpu,memory:/user/job", or "0::/user/job" of
// version 2, which knows no lists of controllers.
std::uint64_t left_by(std::string_view line, const std::filesystem::path& root) {
  constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
  const std::size_t controllers = line.find(':') + 1;
  const std::size_t path = line.find(":/", controllers);
  if (controllers == 0 || path == std::string_view::npos) return unlimited;
  const std::string_view group = line.substr(path + 2);
  if (line.starts_with("0::")) return left_up_to_root(root, group, version_2);
  const auto names = split(line.substr(controllers, path - controllers), ',');
  const bool is_memory = std::ranges::find(names, "memory") != names.end();
  return is_memory ? left_up_to_root(root, group, version_1) : unlimited;
}

// What `type` allows this process; nothing where it is unlimited or not known.
std::optional<std::uint64_t> limit_of(__rlimit_resource type) {
  rlimit limit{};
  if (::getrlimit(type, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return limit.rlim_cur;
}

// Of this process: how many mappings it has, and how much address space they take; of those that are private and may
// be written to, as RLIMIT_DATA counts them.
struct Mappings {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  std::uint64_t data_bytes = 0;
};
Mappings mappings_here() {
  Mappings sum;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line); ++sum.count) {
    unsigned long long start = 0, end = 0;
    char rights[5] = {};
    if (std::sscanf(line.c_str(), "%llx-%llx %4s", &start, &end, rights) != 3) continue;
    sum.bytes += end - start;
    if (rights[1] == 'w' && rights[3] == 'p') sum.data_bytes += end - start;
  }
  return sum;
}

// ENOMEM of mmap(2) and mlock(2) may mean a limit: which, in brackets, as far as it can be told; empty otherwise.
std::string limit_on_mappings(std::size_t bytes) {
  constexpr std::uint64_t split_off = 3;  // mappings that one more may add
  const Mappings here = mappings_here();
  const auto most_bytes = limit_of(RLIMIT_AS);
  if (most_bytes && here.bytes + bytes > *most_bytes)
    return fmt::format(" (`ulimit -v` allows {} KiB of address space)", *most_bytes / 1024);
  const auto most_data = limit_of(RLIMIT_DATA);
  if (most_data && here.data_bytes + bytes > *most_data)
    return fmt::format(" (`ulimit -d` allows {} KiB of data)", *most_data / 1024);
  const auto most = parse_number<std::uint64_t>(read_line("/proc/sys/vm/max_map_count").value_or(""));
  if (most && here.count + split_off >= *most)
    return fmt::format(" (the sysctl vm.max_map_count allows {} mappings; --contiguous needs one)", *most);
  return {};
}

std::string limit_behind_mmap(int code, std::size_t bytes) { return code == ENOMEM ? limit_on_mappings(bytes) : ""; }

// EPERM: none may be locked. ENOMEM: more than may be, all that is locked already included, or too many mappings.
std::string limit_behind_mlock(int code) {
  if (code != ENOMEM && code != EPERM) return {};
  const std::string mappings = code == ENOMEM ? limit_on_mappings(0) : "";
  const auto most = limit_of(RLIMIT_MEMLOCK);
  if (!mappings.empty() || !most) return mappings;
  return fmt::format(" (`ulimit -l` allows {} KiB of locked memory in all)", *most / 1024);
}

UniqueFd make_file(std::size_t bytes) {
  UniqueFd file(::memfd_create("pipebench", MFD_CLOEXEC));
  if (!file) throw SystemError("memfd_create()", errno);
  if (::ftruncate(file.get(), static_cast<off_t>(bytes)) < 0) {
    const int code = errno;
    const std::string_view limit = code == EFBIG ? " (see `ulimit -f`)" : "";
    throw SystemError(fmt::format("ftruncate(memfd, {}){}", bytes, limit), code);
  }
  return file;
}

}  // namespace

std::uint64_t available_memory(const std::filesystem::path& root) {
  std::uint64_t available = mem_available(root);
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) available = std::min(available, left_by(line, root));
  return available;
}

Mapping::Mapping(std::size_t bytes, Pages pages, std::size_t page_bytes, int file) : size_(bytes) {
  const std::size_t guard = page_sizes_here().base;
  reserved_ = size_ + page_bytes + 2 * guard;
  void* base = ::mmap(nullptr, reserved_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) {
    const int code = errno;
    throw SystemError(fmt::format("mmap({} bytes){}", reserved_, limit_behind_mmap(code, reserved_)), code);
  }
  base_ = static_cast<std::byte*>(base);
  const auto first = reinterpret_cast<std::uintptr_t>(base_) + guard;
  data_ = base_ + (round_up(first, page_bytes) - reinterpret_cast<std::uintptr_t>(base_));
  if (map_into(data_, size_, pages, page_bytes, file) == MAP_FAILED) {
    const int code = errno;
    ::munmap(base_, reserved_);
    throw SystemError(
        fmt::format("mmap({} bytes of {} pages){}", size_, name_of(pages), limit_behind_mmap(code, size_)), code);
  }
  // The kernel may lack THP altogether (EINVAL); what was obtained is checked and reported afterwards.
  if (!is_hugetlb(pages)) ::madvise(data_, size_, pages == Pages::thp ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

Mapping::Mapping(Mapping&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), reserved_(other.reserved_), data_(other.data_), size_(other.size_) {}

Mapping::~Mapping() {
  if (base_ != nullptr) ::munmap(base_, reserved_);
}

Smaps::Smaps(const std::filesystem::path& root) {
  std::ifstream smaps(root / "proc/self/smaps");
  readable_ = smaps.is_open();
  Residence* mapping = nullptr;
  for (std::string line; std::getline(smaps, line);) {
    const bool is_key = !line.empty() && line[0] >= 'A' && line[0] <= 'Z';  // a mapping begins with its address
    std::uintptr_t start = 0;
    if (is_key && mapping != nullptr) {
      add_line(line, *mapping);
    } else if (std::from_chars(line.data(), line.data() + line.size(), start, 16).ec == std::errc{}) {
      mapping = &by_start_[start];
    }
  }
}

void Smaps::add_line(const std::string& line, Residence& residence) {
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) return;
  const std::string_view name(line.data(), colon);
  const auto bytes = [&] { return std::strtoull(line.c_str() + colon + 1, nullptr, 10) * 1024; };  // "Rss:   128 kB"
  if (name == "Rss") residence.resident += bytes();
  if (name == "AnonHugePages" || name == "ShmemPmdMapped" || name == "FilePmdMapped") residence.huge += bytes();
  if (name == "Private_Hugetlb" || name == "Shared_Hugetlb") residence.hugetlb += bytes();
  if (name == "KernelPageSize") residence.page = bytes();
}

std::optional<ObtainedPages> Smaps::pages_of(std::span<const Mapping> mappings) const {
  if (mappings.empty()) return std::nullopt;
  if (!readable_) return ObtainedPages::unknown;
  Residence sum;
  for (const Mapping& mapping : mappings) {
    const auto at = by_start_.find(reinterpret_cast<std::uintptr_t>(mapping.data()));
    if (at == by_start_.end()) continue;
    const Residence& one = at->second;
    sum = {.resident = sum.resident + one.resident,
           .huge = sum.huge + one.huge,
           .hugetlb = sum.hugetlb + one.hugetlb,
           .page = one.page};
  }
  if (sum.hugetlb > 0) return pages_of_size(sum.page);
  if (sum.resident == 0) return ObtainedPages::untouched;
  if (sum.huge == 0) return pages_of_size(sum.page);
  return sum.huge >= sum.resident ? ObtainedPages::thp : ObtainedPages::mixed;
}

BufferSet::BufferSet(const BufferRequest& request, const PageSizes& sizes)
    : wanted_pages_(request.pages), page_bytes_(sizes.base) {
  const BufferLayout layout = layout_of(request, sizes);
  if (request.backing == Backing::memfd) file_ = make_file(layout.mapping_bytes);
  mappings_.reserve(layout.mappings);
  for (std::size_t i = 0; i < layout.mappings; ++i) {
    const Mapping& mapping =
        mappings_.emplace_back(layout.mapping_bytes, request.pages, page_bytes_of(request.pages, sizes), file_.get());
    touch_and_lock(mapping, layout.per_mapping * layout.stride, request, page_bytes_of(request.pages, sizes));
  }
  for (std::size_t i = 0; i < request.count; ++i) {
    starts_.push_back(mappings_[i / layout.per_mapping].data() + i % layout.per_mapping * layout.stride);
  }
}

// In pieces of whole pages of the kind: nothing interrupts mlock(2), and touching a gigabyte takes a second.
void BufferSet::touch_and_lock(const Mapping& mapping, std::size_t used, const BufferRequest& request,
                               std::size_t page) const {
  if (!request.touch && !request.lock) return;
  const std::size_t piece = std::max<std::size_t>(std::size_t{4} << 20U, page);
  for (std::size_t begin = 0; begin < mapping.size(); begin += piece) {
    if (request.cancelled && request.cancelled()) throw Cancelled();
    const std::size_t end = std::min(begin + piece, mapping.size());
    if (request.lock && ::mlock(mapping.data() + begin, end - begin) < 0) {
      const int code = errno;
      throw SystemError(fmt::format("mlock({} bytes){}", mapping.size(), limit_behind_mlock(code)), code);
    }
    // Written, not read: an unwritten page would be the shared zero page, and later writes would not be seen.
    for (std::size_t at = begin; request.touch && at < std::min(end, used); at += page_bytes_)
      mapping.data()[at] = std::byte{'X'};
  }
}

std::vector<int> BufferSet::nodes() const {
  constexpr std::size_t most = 1024;
  std::size_t bytes = 0;
  for (const Mapping& mapping : mappings_) bytes += mapping.size();
  const std::size_t stride = std::max(round_up(bytes / most, page_bytes_), page_bytes_);
  std::vector<void*> pages;
  for (const Mapping& mapping : mappings_) {
    for (std::size_t at = 0; at < mapping.size(); at += stride) pages.push_back(mapping.data() + at);
  }
  // get_mempolicy(MPOL_F_ADDR) would fault an untouched page in, as the zero page; move_pages without target nodes only
  // asks. Negative: an errno, for a page that is not there.
  std::vector<int> found(pages.size(), -1);
  if (::syscall(SYS_move_pages, 0, pages.size(), pages.data(), nullptr, found.data(), 0) != 0) return {};
  std::erase_if(found, [](int node) { return node < 0; });
  return sorted_distinct(std::move(found));
}

}  // namespace pipebench
