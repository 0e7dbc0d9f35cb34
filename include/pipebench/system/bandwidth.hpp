// How fast one core reads and copies memory, and what a bare system call costs.
#pragma once

#include <cstdint>

#include "pipebench/model/case.hpp"

namespace pipebench {

/// Blocks that are taken in turn, as a writer takes its buffers.
struct WorkingSet {
  std::uint64_t block_bytes = 0;
  std::uint64_t blocks = 1;
  Pages pages = Pages::k4;  ///< k4 or thp
  auto operator<=>(const WorkingSet&) const = default;
};

struct MemorySpeeds {
  double read_gib_per_second = 0;
  double copy_gib_per_second = 0;  ///< bytes that were copied; each is read and written
};

/// Of the CPU that this thread runs on: block after block is read by memchr(3) for a byte that is not there, and copied
/// by memcpy(3) into one more block, which the C library does with the widest loads and stores that the CPU has,
/// whatever the compiler's flags are. The best of several batches, so that what disturbs one does not count. Takes some
/// 5 ms, and longer for blocks of tens of MiB. Throws SystemError when there is no memory.
[[nodiscard]] MemorySpeeds measure_memory_speeds(const WorkingSet& set);

/// A system call that does next to nothing, in ns: getppid(2), which takes no lock. A number that is no system call
/// would do even less, but seccomp profiles may kill for it. The smallest of several batches; takes about 1 ms.
[[nodiscard]] double measure_system_call_ns() noexcept;

}  // namespace pipebench
