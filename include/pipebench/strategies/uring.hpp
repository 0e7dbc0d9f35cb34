// Transfers through io_uring: one, or a chain of several with one entry into the kernel.
#pragma once

#include <liburing.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include "pipebench/strategies/end.hpp"

namespace pipebench {

/// One transfer of a chain, for whoever describes it to the kernel.
struct UringRequest {
  io_uring_sqe* entry;
  std::size_t offset;  ///< of its bytes, in those of the chain
  unsigned size;
  bool first;
};

/// What a strategy sends to its ring.
struct UringUse {
  std::size_t files = 0;    ///< how many it names besides pipes
  bool by_workers = false;  ///< requests that the kernel always gives to a worker thread
};

/// The ring of an end. A transfer of more than a buffer becomes a chain of linked requests of a buffer each
/// (IOSQE_IO_LINK): each begins when the one before it has moved all of its bytes, and when one has not, the rest are
/// cancelled. So the bytes that were moved are always the first ones, in order.
class Uring {
 public:
  /// A ring for what the case asks for. Throws SystemError: EPERM (kernel.io_uring_disabled, seccomp), ENOSYS.
  explicit Uring(const EndSetup& setup, UringUse use = {});
  ~Uring() { io_uring_queue_exit(&ring_); }
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;

  [[nodiscard]] bool registers() const noexcept { return registers_; }
  /// Pins buffers of `bytes` each. Throws SystemError: ENOMEM (RLIMIT_MEMLOCK).
  void register_buffers(const BufferSet& buffers, std::size_t bytes);
  /// Which of the registered buffers holds this address.
  [[nodiscard]] int buffer_of(const std::byte* data) noexcept;
  /// What a request calls the pipe, or another file by its index: the descriptor, or the number under which it is
  /// registered, for IOSQE_FIXED_FILE and SPLICE_F_FD_IN_FIXED.
  [[nodiscard]] int name(PipeEnd pipe) noexcept { return name_at(files_ + pipe.stripe, pipe.fd); }
  [[nodiscard]] int name(std::size_t file, int fd) noexcept { return name_at(file, fd); }
  /// For a read or a write: RWF_NOWAIT where neither the case nor the request may wait. io_uring itself waits for a
  /// pipe that has O_NONBLOCK, too.
  [[nodiscard]] int rw_flags(bool may_wait) const noexcept {
    return (waits_ && may_wait) || !takes_nowait_ ? 0 : RWF_NOWAIT;
  }

  /// Moves up to `bytes`, which are no more than what a step is given. `prepare(request)` describes each request. The
  /// bytes moved, or -1 and errno. After EINTR the transfer is still under way, and the next call goes on waiting for
  /// it.
  template <class Prepare>
  ssize_t transfer(std::size_t bytes, const Prepare& prepare) noexcept {
    if (left_ == 0) prepare_chain(bytes, prepare);
    if (!submitted_ && !submit()) return -1;
    const ssize_t moved = collect();
    const bool again = moved < 0 && errno == EOPNOTSUPP && std::exchange(takes_nowait_, false);
    return again ? transfer(bytes, prepare) : moved;
  }
  /// Where what the last transfer moved begins, in the bytes of its chain: not at 0 after an interrupt.
  [[nodiscard]] std::size_t begin_of_last() const noexcept { return counted_; }

 private:
  template <class Prepare>
  void prepare_chain(std::size_t bytes, const Prepare& prepare) noexcept {
    io_uring_sqe* last = nullptr;
    for (std::size_t offset = 0; offset < bytes; offset += buffer_bytes_) {
      io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
      const bool first = last == nullptr;
      prepare(UringRequest{entry, offset, static_cast<unsigned>(std::min(buffer_bytes_, bytes - offset)), first});
      if (registers_) entry->flags |= IOSQE_FIXED_FILE;
      if (!first) last->flags |= IOSQE_IO_LINK;
      last = entry;
      ++left_;
    }
    moved_ = counted_ = 0;
    ended_ = submitted_ = false;
    error_ = 0;
  }
  [[nodiscard]] bool submit() noexcept;
  [[nodiscard]] ssize_t collect() noexcept;
  void take_results() noexcept;
  [[nodiscard]] int name_at(std::size_t index, int fd) noexcept;

  io_uring ring_{};
  const std::size_t buffer_bytes_;
  const std::size_t files_;
  const bool waits_;
  bool takes_nowait_ = true;  ///< until the kernel says that it does not, for pipes (6.1)
  const bool sqpoll_;
  const bool registers_;
  std::vector<int> registered_files_;
  // Of the registered buffers.
  const BufferSet* buffers_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t current_ = 0;
  // Of the chain that is prepared or under way.
  unsigned left_ = 0;  ///< requests without a result
  bool submitted_ = false;
  std::size_t moved_ = 0;
  std::size_t counted_ = 0;  ///< of those, the ones that earlier calls have returned
  bool ended_ = false;       ///< end of file
  int error_ = 0;
};

}  // namespace pipebench
