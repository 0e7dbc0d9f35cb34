#include "pipebench/strategies/uring.hpp"

#include <fmt/format.h>
#include <sys/uio.h>

#include <cerrno>
#include <string_view>

#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

// With IORING_SETUP_DEFER_TASKRUN (6.1 and later) the kernel finishes things when this thread, the only one that uses
// the ring, comes to wait for them. Reads and writes are 5 to 20 % cheaper with it, and a splice at a time 10 %. In a
// chain of splices, however, each would come back to this thread, which would give the next one to a worker; without it
// the worker goes on by itself, which makes 16 splices of 4 KiB twice as fast (measured on 6.18).
unsigned setup_flags(const CaseSpec& spec, const UringUse& use) {
  if (spec.sqpoll) return IORING_SETUP_SQPOLL;
  return use.by_workers && spec.depth > 1 ? 0 : IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
}

}  // namespace

Uring::Uring(const EndSetup& setup, UringUse use)
    : buffer_bytes_(setup.spec.buffer_bytes),
      files_(use.files),
      waits_(setup.spec.wait == Wait::block),
      sqpoll_(setup.spec.sqpoll),
      registers_(setup.spec.registered) {
  // The kernel's thread may say that a chain is over before it has given the entries back: so there are twice as many.
  const unsigned entries = 2 * setup.spec.depth;
  int failed = -EINVAL;
  for (const unsigned flags : {setup_flags(setup.spec, use), sqpoll_ ? IORING_SETUP_SQPOLL : 0U}) {
    if (failed == -EINVAL) failed = io_uring_queue_init(entries, &ring_, flags);
  }
  const std::string_view setting = failed == -EPERM    ? " (see the sysctl kernel.io_uring_disabled)"
                                   : failed == -ENOMEM ? " (see `ulimit -l`, which limits rings, too)"
                                                       : "";
  if (failed < 0)
    throw SystemError(fmt::format("io_uring_setup({} entries{}){}", entries, sqpoll_ ? ", SQPOLL" : "", setting),
                      -failed);
  if (!registers_) return;
  registered_files_.assign(files_ + setup.spec.stripe, -1);
  (void)io_uring_register_ring_fd(&ring_);  // 5.18 and later; the ring is a file, too
  // From -1: none yet.
  failed = io_uring_register_files(&ring_, registered_files_.data(), static_cast<unsigned>(registered_files_.size()));
  if (failed < 0) {
    io_uring_queue_exit(&ring_);
    throw SystemError(fmt::format("io_uring_register({} files)", registered_files_.size()), -failed);
  }
}

void Uring::register_buffers(const BufferSet& buffers, std::size_t bytes) {
  std::vector<iovec> places;
  for (std::byte* start : buffers.starts()) places.push_back({.iov_base = start, .iov_len = bytes});
  const int failed = io_uring_register_buffers(&ring_, places.data(), static_cast<unsigned>(places.size()));
  const std::string_view setting = failed == -ENOMEM ? " (see `ulimit -l`, which limits registered buffers, too)" : "";
  if (failed < 0)
    throw SystemError(fmt::format("io_uring_register({} buffers of {} bytes){}", places.size(), bytes, setting),
                      -failed);
  buffers_ = &buffers;
  bytes_ = bytes;
}

// Buffers are used in turn.
int Uring::buffer_of(const std::byte* data) noexcept {
  const auto starts = buffers_->starts();
  while (data < starts[current_] || data >= starts[current_] + bytes_)
    current_ = current_ + 1 == starts.size() ? 0 : current_ + 1;
  return static_cast<int>(current_);
}

// The pipes of a phase are known only when their turn comes. If registering one fails, so do the requests that name it.
int Uring::name_at(std::size_t index, int fd) noexcept {
  if (!registers_) return fd;
  if (registered_files_[index] != fd) {
    registered_files_[index] = fd;
    (void)io_uring_register_files_update(&ring_, static_cast<unsigned>(index), &fd, 1);
  }
  return static_cast<int>(index);
}

// False: errno says why not. What was not submitted stays in the queue, and the next call submits it.
bool Uring::submit() noexcept {
  const int taken = sqpoll_ ? io_uring_submit(&ring_) : io_uring_submit_and_wait(&ring_, left_);
  submitted_ = taken >= static_cast<int>(left_);
  if (submitted_) return true;
  // A part of a chain is no longer linked to the rest.
  errno = taken < 0 ? -taken : taken == 0 ? EINTR : ENOMEM;
  return false;
}

// Waits asleep, whatever the case says: the kernel's thread that takes requests has the affinity of the one that made
// the ring, so an end that spun would keep the CPU from it.
ssize_t Uring::collect() noexcept {
  counted_ = moved_;
  int failed = 0;
  take_results();
  while (left_ > 0 && failed == 0) {
    io_uring_cqe* first = nullptr;
    failed = io_uring_wait_cqe_nr(&ring_, &first, left_);
    take_results();
  }
  if (moved_ > counted_ || (left_ == 0 && ended_)) return static_cast<ssize_t>(moved_ - counted_);
  errno = left_ > 0 ? -failed : error_;
  return -1;
}

void Uring::take_results() noexcept {
  io_uring_cqe* done = nullptr;
  unsigned head = 0;
  unsigned count = 0;
  io_uring_for_each_cqe(&ring_, head, done) {
    ++count;
    const int result = done->res;
    if (result > 0) moved_ += static_cast<std::size_t>(result);
    if (result == 0) ended_ = true;
    // Those behind one that failed are cancelled: that one says why.
    if (result < 0 && (error_ == 0 || error_ == ECANCELED)) error_ = -result;
  }
  io_uring_cq_advance(&ring_, count);
  left_ -= count;
}

}  // namespace pipebench
