#include "pipebench/system/page_sizes.hpp"

#include <unistd.h>

#include <algorithm>
#include <bit>

#include "pipebench/system/huge_pages.hpp"
#include "system/kernel_text.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;

// From directories named like hugepages-2048kB.
std::vector<std::uint64_t> hugetlb_sizes(const fs::path& folder) {
  constexpr std::string_view before = "hugepages-";
  constexpr std::string_view after = "kB";
  std::vector<std::uint64_t> sizes;
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(folder, unreadable)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(before) || !name.ends_with(after)) continue;
    const auto number = std::string_view(name).substr(before.size(), name.size() - before.size() - after.size());
    if (const auto kib = parse_number<std::uint64_t>(number)) sizes.push_back(*kib * 1024);
  }
  std::ranges::sort(sizes);
  return sizes;
}

}  // namespace

PageSizes read_page_sizes(const fs::path& root) {
  PageSizes sizes;
  sizes.base = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const fs::path folder = root / "sys/kernel/mm";
  const auto told = parse_number<std::uint64_t>(read_line(folder / "transparent_hugepage/hpage_pmd_size").value_or(""));
  // Buffers are aligned to it, so it must be a whole number of ordinary pages.
  const bool sound = told && std::has_single_bit(*told) && *told >= sizes.base;
  sizes.thp = sound ? *told : sizes.base / 8 * sizes.base;
  // Where the kernel does not tell, a case finds out by asking for them.
  if (huge_pages_are_told(root)) sizes.hugetlb = hugetlb_sizes(folder / "hugepages");
  return sizes;
}

const PageSizes& page_sizes_here() {
  static const PageSizes sizes = read_page_sizes();
  return sizes;
}

}  // namespace pipebench
