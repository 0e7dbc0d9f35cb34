// Where a thread was when it was sampled, by function names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pipebench {

/// The only frame of user code.
inline constexpr std::string_view user_frame = "[user]";
/// An address of the kernel that no symbol is known for.
inline constexpr std::string_view unknown_frame = "[unknown]";

/// `count` samples in the same functions: frames[0] is where the thread was, the next is its caller, the last is the
/// system call's entry.
struct Stack {
  std::vector<std::string> frames = {};
  std::uint64_t count = 1;
  bool operator==(const Stack&) const = default;
};

}  // namespace pipebench
