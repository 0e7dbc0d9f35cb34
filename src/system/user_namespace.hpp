// The kernel asks for most capabilities in the first user namespace: capable() in kernel/capability.c.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>

namespace pipebench {

/// Is this process in the first user namespace, the one that maps all users to themselves, user_namespaces(7)? Else
/// its capabilities hold in its own alone. True where `root`/proc does not tell, as kernels without namespaces do.
[[nodiscard]] inline bool in_first_user_namespace(const std::filesystem::path& root) {
  std::ifstream users(root / "proc/self/uid_map");
  std::uint64_t first = 0, outside = 0, count = UINT32_MAX;
  users >> first >> outside >> count;
  return outside == 0 && count == UINT32_MAX;
}

}  // namespace pipebench
