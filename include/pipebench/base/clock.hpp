// The one clock of the project.
#pragma once

#include <cstdint>
#include <ctime>

namespace pipebench {

/// Nanoseconds on CLOCK_MONOTONIC: never set back, the same for all threads and processes of a
/// machine, read without a system call (vDSO) on the machines that matter.
[[nodiscard]] inline std::uint64_t monotonic_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace pipebench
