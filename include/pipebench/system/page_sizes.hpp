// The sizes of pages that this kernel has: read in this one place.
#pragma once

#include <filesystem>

#include "pipebench/model/machine.hpp"

namespace pipebench {

/// Ordinary pages are those of this process, sysconf(3). Below `root`/sys/kernel/mm,
/// transparent_hugepage/hpage_pmd_size and the folders of hugepages tell of the huge ones. Where the former is missing,
/// transparent huge pages are taken for what one table of addresses of 8 bytes spans, as on x86-64 and arm64.
[[nodiscard]] PageSizes read_page_sizes(const std::filesystem::path& root = "/");

/// The same of the machine that this process runs on, read once.
[[nodiscard]] const PageSizes& page_sizes_here();

}  // namespace pipebench
