// A pipe with the capacity that was asked for.
#pragma once

#include <cstdint>

#include "pipebench/base/unique_fd.hpp"

namespace pipebench {

class Pipe {
 public:
  /// A pipe of at least `bytes` capacity (the kernel rounds up to a power of two pages, pipe(7)). With `nonblocking`,
  /// both ends have O_NONBLOCK. Throws SystemError: EPERM above /proc/sys/fs/pipe-max-size without
  /// CAP_SYS_RESOURCE, or over pipe-user-pages-soft or -hard; EMFILE.
  Pipe(std::uint64_t bytes, bool nonblocking);

  [[nodiscard]] int read_fd() const noexcept { return read_.get(); }
  [[nodiscard]] int write_fd() const noexcept { return write_.get(); }
  /// The real capacity in bytes, as F_GETPIPE_SZ reads it back.
  [[nodiscard]] std::uint64_t capacity() const noexcept { return capacity_; }

 private:
  UniqueFd read_, write_;
  std::uint64_t capacity_ = 0;
};

}  // namespace pipebench
