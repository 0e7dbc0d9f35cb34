// A pipe with the capacity that was asked for, or another kind of channel in its place.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pipebench/base/unique_fd.hpp"
#include "pipebench/model/case.hpp"
#include "pipebench/system/shared_ring.hpp"

namespace pipebench {

class Pipe {
 public:
  /// A pipe of at least `bytes` capacity (the kernel rounds up to a power of two pages, pipe(7)). With `nonblocking`,
  /// both ends have O_NONBLOCK. Throws SystemError: EPERM above /proc/sys/fs/pipe-max-size without
  /// CAP_SYS_RESOURCE, or over pipe-user-pages-soft or -hard; EMFILE.
  Pipe(std::uint64_t bytes, bool nonblocking);

  /// A pipe, or what stands in its place. Two sockets have the send buffer that net.core.wmem_max allows; shared memory
  /// has no descriptors (-1), but a ring(). Throws SystemError.
  [[nodiscard]] static Pipe of(Transport transport, std::uint64_t bytes, bool nonblocking);

  /// The end of a pipe that the descriptor `fd` is, which stays open; the other end belongs to another program. With
  /// `nonblocking`, O_NONBLOCK is set where others that share `fd` do not see it. Throws SystemError.
  [[nodiscard]] static Pipe inherited(int fd, bool reads, bool nonblocking);

  /// Gives one end away, which the other program gets without O_NONBLOCK, as it expects. Throws SystemError.
  [[nodiscard]] UniqueFd give_away(bool read_end);

  /// Changes the capacity; at least `bytes`, as in the constructor. Returns 0, or errno: EBUSY where it holds more,
  /// EPERM above the limits.
  [[nodiscard]] int resize(std::uint64_t bytes) noexcept;

  [[nodiscard]] int read_fd() const noexcept { return read_.get(); }
  [[nodiscard]] int write_fd() const noexcept { return write_.get(); }
  /// The real capacity in bytes, as F_GETPIPE_SZ tells it: another program may have changed it. Of sockets, half of
  /// SO_SNDBUF, which the kernel doubles for what it needs besides (socket(7)).
  [[nodiscard]] std::uint64_t capacity() const noexcept;
  /// Of shared memory; else null.
  [[nodiscard]] SharedRing* ring() const noexcept { return ring_.get(); }

 private:
  Pipe() = default;
  [[nodiscard]] int any_fd() const noexcept { return read_ ? read_.get() : write_.get(); }
  UniqueFd read_, write_;
  std::unique_ptr<SharedRing> ring_;
};

/// Why the descriptor is no end of a pipe that can be read (or written to), as the end of a sentence: "is a terminal";
/// empty when it is.
[[nodiscard]] std::string why_no_pipe(int fd, bool reads);
/// Of the pipe that it is; empty: it is none.
[[nodiscard]] std::optional<std::uint64_t> pipe_capacity(int fd) noexcept;

}  // namespace pipebench
