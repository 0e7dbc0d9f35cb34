// The kernel asks for most capabilities in the first user namespace: capable() in kernel/capability.c.
#pragma once

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include "system/kernel_text.hpp"

namespace pipebench {

/// A bit of the masks in /proc/self/status, capabilities(7).
[[nodiscard]] constexpr std::uint64_t capability_bit(unsigned number) { return std::uint64_t{1} << number; }

/// Is this process in the first user namespace? Else its capabilities hold in its own alone, user_namespaces(7), even
/// where that one maps all users to themselves. The first one has the same number on each machine, since Linux 3.8
/// (PROC_USER_INIT_INO in include/linux/proc_ns.h). True where `root`/proc does not tell, as on kernels without
/// namespaces.
[[nodiscard]] inline bool in_first_user_namespace(const std::filesystem::path& root) {
  std::error_code unknown;
  const std::filesystem::path name = std::filesystem::read_symlink(root / "proc/self/ns/user", unknown);
  return unknown || name == "user:[4026531837]";
}

/// Has this process one of the capabilities of `mask` there? False where that cannot be read.
[[nodiscard]] inline bool is_capable_of_any(std::uint64_t mask, const std::filesystem::path& root) {
  const std::string effective = status_entry(root, "CapEff");
  std::uint64_t held = 0;
  std::from_chars(effective.data(), effective.data() + effective.size(), held, 16);
  return (held & mask) != 0 && in_first_user_namespace(root);
}

}  // namespace pipebench
