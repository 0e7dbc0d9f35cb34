// The machine that the numbers come from, as far as it bears on believing them.
#pragma once

#include <filesystem>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// Reads `root`/proc and `root`/sys; another root lays out another machine. Never throws for what is missing there:
/// such a figure is null ("unknown" for kernel and cpu_model), and a finding names it. Other findings are what makes
/// this machine's numbers less trustworthy. hypervisor is null on bare metal, without a finding. page_size_bytes is
/// always this process's; `topology` stays empty, it is Topology's to tell.
[[nodiscard]] Host read_host(const std::filesystem::path& root = "/");

}  // namespace pipebench
