#include "pipebench/base/error.hpp"

#include <fmt/format.h>

#include <cstring>

namespace pipebench {

SystemError::SystemError(std::string_view call, int code)
    : std::runtime_error(fmt::format("{} failed: {}", call, describe_errno(code))), code_(code) {}

std::string describe_errno(int code) {
  const char* name = strerrorname_np(code);
  return fmt::format("{} ({})", name != nullptr ? name : std::to_string(code),
                     strerrordesc_np(code) != nullptr ? strerrordesc_np(code) : "unknown error");
}

}  // namespace pipebench
