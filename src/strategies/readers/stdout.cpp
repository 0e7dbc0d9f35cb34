// Another program, whose pipe is standard output. Where another one writes, too (`stdin`), this is what stands between
// the two, and passes every byte on from the one pipe to the other.
#include <poll.h>
#include <unistd.h>

#include <memory>

#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class PassOn {
 public:
  explicit PassOn(const EndSetup& setup)
      : out_(setup.exchange.out),
        cancelled_(setup.cancelled),
        copy_(std::make_unique_for_overwrite<std::byte[]>(setup.spec.buffer_bytes)) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    if (copies_) return copy(pipe.fd, limit);
    const ssize_t moved = ::splice(pipe.fd, nullptr, out_, nullptr, limit, SPLICE_F_MOVE);
    if (moved >= 0) return moved;
    if (errno == EAGAIN) await_room();
    if (errno != EINVAL && errno != ENOSYS && errno != EPERM) return moved;
    copies_ = true;
    return copy(pipe.fd, limit);
  }
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept { return copy_.get(); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return nothing_; }

 private:
  // It may have been for lack of room, and the loop waits for bytes alone. errno stays, or a signal came (EINTR).
  void await_room() const noexcept {
    pollfd entry{.fd = out_, .events = POLLOUT, .revents = 0};
    if (::poll(&entry, 1, -1) > 0) errno = EAGAIN;
  }
  // What was read has to be written, unless the sample was aborted.
  ssize_t copy(int from, std::size_t limit) noexcept {
    const ssize_t there = ::read(from, copy_.get(), limit);
    ssize_t done = 0;
    while (done < there) {
      const ssize_t written = ::write(out_, copy_.get() + done, static_cast<std::size_t>(there - done));
      if (written > 0) done += written;
      if (written < 0 && errno == EAGAIN) await_room();
      if (written < 0 && ((errno != EAGAIN && errno != EINTR) || (cancelled_ && cancelled_()))) return -1;
    }
    return there;
  }

  BufferSet nothing_{{}};
  int out_;
  std::function<bool()> cancelled_;
  std::unique_ptr<std::byte[]> copy_;  // where the kernel refuses splice()
  bool copies_ = false;
};

}  // namespace

extern const StrategyDescriptor reader_stdout = {
    .info = {.name = "stdout",
             .summary = "another program, whose pipe is standard output; with writer stdin, bytes are passed on to it",
             .role = Role::reader,
             .sees_bytes = false,
             .uses = {.exec = true},
             .outside = true,
             .system_call = "splice"},
    .make = make_end<Role::reader, PassOn>,
};

}  // namespace pipebench
