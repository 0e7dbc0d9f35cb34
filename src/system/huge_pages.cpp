#include "pipebench/system/huge_pages.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "pipebench/base/error.hpp"
#include "pipebench/base/unique_fd.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/system/memory.hpp"
#include "pipebench/system/page_sizes.hpp"
#include "system/kernel_text.hpp"

namespace pipebench {
namespace {

std::filesystem::path folder(HugeSize size, const std::filesystem::path& root) {
  return root / fmt::format("sys/kernel/mm/hugepages/hugepages-{}kB", static_cast<std::uint32_t>(size));
}

std::uint64_t read_number(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::uint64_t number = 0;
  return stream >> number ? number : 0;
}

/// What is in brackets: "always [madvise] never".
std::optional<std::string> chosen_in(const std::filesystem::path& file) {
  const std::string text = read_line(file).value_or("");
  const auto open = text.find('[');
  const auto close = text.find(']', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  return text.substr(open + 1, close - open - 1);
}

bool write_number(const std::filesystem::path& file, std::uint64_t number) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  const std::string text = std::to_string(number);
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::optional<Finding> why_no_thp(const std::filesystem::path& root) {
  const std::optional<std::string> setting = thp_setting(root);
  if (!setting) return Finding{.severity = Severity::blocker, .what = "This kernel has no transparent huge pages."};
  if (*setting != "never") return std::nullopt;
  return Finding{.severity = Severity::blocker,
                 .what = "Transparent huge pages are switched off.",
                 .why =
                     "Buffers that ask for them get ordinary pages, of which each is looked up: vmsplice took 42 ns "
                     "a page of 4 KiB instead of 12.",
                 .mend = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"};
}

std::optional<Finding> why_no_reserved(Pages pages, const std::filesystem::path& root) {
  const HugeSize size = pages == Pages::m2 ? HugeSize::m2 : HugeSize::g1;
  const std::string bytes = format_size(static_cast<std::uint64_t>(size) * 1024);
  const PageSizes sizes = read_page_sizes(root);
  if (std::ranges::find(sizes.hugetlb, page_bytes_of(pages, sizes)) == sizes.hugetlb.end())
    return Finding{.severity = Severity::blocker,
                   .what = fmt::format("This kernel has no huge pages of {} (see /sys/kernel/mm/hugepages).", bytes)};
  if (free_huge_pages(size, root).value_or(0) > 0) return std::nullopt;
  constexpr std::uint64_t some = 4;
  return Finding{.severity = Severity::blocker,
                 .what = fmt::format("No huge pages of {} are free.", bytes),
                 .why = "Cases that need them are skipped, unless --reserve-huge reserves some for the run.",
                 .mend = fmt::format("echo {} > /sys/kernel/mm/hugepages/hugepages-{}kB/nr_hugepages",
                                     reserved_huge_pages(size, root) + some, static_cast<std::uint32_t>(size))};
}

}  // namespace

bool huge_pages_are_told(const std::filesystem::path& root) {
  std::error_code ignored;
  return std::filesystem::exists(root / "sys/kernel/mm", ignored);
}

std::optional<std::string> thp_setting(const std::filesystem::path& root) {
  return chosen_in(root / "sys/kernel/mm/transparent_hugepage/enabled");
}

std::optional<Finding> why_no_thp_in_files(const std::filesystem::path& root) {
  // Documentation/admin-guide/mm/transhuge.rst. "deny" is "never" for all mounts, and not only for the kernel's own.
  const std::string file = "/sys/kernel/mm/transparent_hugepage/shmem_enabled";
  const auto setting = chosen_in(root / file.substr(1));
  if (setting != "never" && setting != "deny") return std::nullopt;
  // The usual setting, so only a note.
  return Finding{.about = "thp of files",
                 .what = fmt::format("Files in memory get no huge pages (shmem_enabled is {}).", *setting),
                 .why =
                     "Writers that send from a file (splice, sendfile, uring-splice) get ordinary pages instead of "
                     "thp: splice took 94 ns a page of 4 KiB, and 6 ns with huge ones.",
                 .mend = "echo advise > " + file};
}

std::optional<Finding> why_no_pages(Pages pages, const std::filesystem::path& root) {
  if (pages != Pages::thp && !is_hugetlb(pages)) return std::nullopt;
  if (!huge_pages_are_told(root))
    return Finding{
        .what = "/sys/kernel/mm is not there.",
        .why = fmt::format("Whether there are {} is not known here.", pages == Pages::thp  ? "transparent huge pages"
                                                                      : pages == Pages::m2 ? "huge pages of 2M"
                                                                                           : "huge pages of 1G")};
  return pages == Pages::thp ? why_no_thp(root) : why_no_reserved(pages, root);
}

std::optional<std::uint64_t> free_huge_pages(HugeSize size, const std::filesystem::path& root) {
  if (!huge_pages_are_told(root)) return std::nullopt;
  const std::uint64_t free = read_number(folder(size, root) / "free_hugepages");
  // Some are already mapped by others, who have yet to touch them.
  const std::uint64_t promised = read_number(folder(size, root) / "resv_hugepages");
  return free - std::min(free, promised);
}

std::uint64_t reserved_huge_pages(HugeSize size, const std::filesystem::path& root) {
  return read_number(folder(size, root) / "nr_hugepages");
}

std::optional<std::uint64_t> reservable_huge_pages(HugeSize size, const std::filesystem::path& root) {
  const std::optional<std::uint64_t> free = free_huge_pages(size, root);
  if (!free || ::access((folder(size, root) / "nr_hugepages").c_str(), W_OK) != 0) return free;
  return *free + available_memory(root) / 1024 / static_cast<std::uint32_t>(size);
}

HugeReservation::~HugeReservation() {
  for (const Taken& taken : taken_) write_number(folder(taken.size, root_) / "nr_hugepages", taken.before);
}

void HugeReservation::ensure(HugeSize size, std::uint64_t count) {
  const std::uint64_t free = free_huge_pages(size, root_).value_or(0);
  if (free >= count) return;
  const auto file = folder(size, root_) / "nr_hugepages";
  const std::uint64_t before = read_number(file);
  if (!write_number(file, before + count - free))
    throw SystemError(fmt::format("write({}, {})", file.string(), before + count - free), errno);
  taken_.push_back({size, before});
}

}  // namespace pipebench
