// The page sizes of this kernel. Read here and nowhere else.
#pragma once

#include <filesystem>

#include "pipebench/model/machine.hpp"

namespace pipebench {

/// Ordinary pages are those of this process, sysconf(3). Below `root`/sys/kernel/mm,
/// transparent_hugepage/hpage_pmd_size and the directories of hugepages give the huge ones. Without the former, a
/// transparent huge page is taken to be what one page table of 8-byte entries spans, as on x86-64 and arm64.
[[nodiscard]] PageSizes read_page_sizes(const std::filesystem::path& root = "/");

/// The same of the machine that this process runs on, read once.
[[nodiscard]] const PageSizes& page_sizes_here();

}  // namespace pipebench
