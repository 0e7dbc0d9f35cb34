// One transfer at a time through io_uring. Everything here works, and says so, without liburing too.
#pragma once

#include <cerrno>
#include <string>

#include "pipebench/strategies/loops.hpp"

#ifdef PIPEBENCH_LIBURING
#include <liburing.h>
#endif

namespace pipebench {

/// Why io_uring cannot be used here, as a sentence; empty when it can.
[[nodiscard]] std::string why_no_uring();

#ifdef PIPEBENCH_LIBURING

class Uring {
 public:
  /// Throws SystemError: EPERM (kernel.io_uring_disabled, seccomp), ENOSYS.
  Uring();
  ~Uring() { io_uring_queue_exit(&ring_); }
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;

  /// `prepare(sqe)` describes a transfer; its result, or -1 and errno. After EINTR the transfer is still under way, and
  /// the next call goes on waiting for it.
  template <class Prepare>
  ssize_t transfer(const Prepare& prepare) noexcept {
    if (!under_way_) {
      io_uring_sqe* entry = io_uring_get_sqe(&ring_);
      prepare(entry);
      under_way_ = true;
      io_uring_submit_and_wait(&ring_, 1);
    }
    io_uring_cqe* done = nullptr;
    if (const int failed = io_uring_wait_cqe(&ring_, &done); failed < 0) {
      errno = -failed;
      return -1;
    }
    const int result = done->res;
    io_uring_cqe_seen(&ring_, done);
    under_way_ = false;
    if (result < 0) errno = -result;
    return result < 0 ? -1 : result;
  }

 private:
  io_uring ring_{};
  bool under_way_ = false;
};

#endif

}  // namespace pipebench
