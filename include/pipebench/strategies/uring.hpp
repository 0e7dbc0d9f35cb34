// One transfer at a time through io_uring.
#pragma once

#include <liburing.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>

namespace pipebench {

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
    if (state_ == State::idle) {
      io_uring_sqe* entry = io_uring_get_sqe(&ring_);
      prepare(entry);
      state_ = State::prepared;
    }
    if (state_ == State::prepared) {
      // What the kernel did not take stays in the queue, and the next call submits it.
      if (const int submitted = io_uring_submit_and_wait(&ring_, 1); submitted < 1) {
        errno = submitted < 0 ? -submitted : EINTR;
        return -1;
      }
      state_ = State::under_way;
    }
    io_uring_cqe* done = nullptr;
    if (const int failed = io_uring_wait_cqe(&ring_, &done); failed < 0) {
      errno = -failed;
      return -1;
    }
    const int result = done->res;
    io_uring_cqe_seen(&ring_, done);
    state_ = State::idle;
    if (result < 0) errno = -result;
    return result < 0 ? -1 : result;
  }

 private:
  enum class State : std::uint8_t { idle, prepared, under_way };

  io_uring ring_{};
  State state_ = State::idle;
};

}  // namespace pipebench
