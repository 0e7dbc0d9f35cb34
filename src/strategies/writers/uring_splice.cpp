// IORING_OP_SPLICE from a memfd, one or several at a time; the kernel always gives them to a worker thread.
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/strategies/uring.hpp"

namespace pipebench {
namespace {

class UringSplice {
 public:
  explicit UringSplice(const EndSetup& setup)
      : buffers_(writer_buffers(setup)),
        flags_(splice_flags(setup.spec, SPLICE_F_MOVE)),
        ring_(setup, {.files = 1, .by_workers = true}) {
    if (ring_.registers()) flags_ |= SPLICE_F_FD_IN_FIXED;
  }
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    const int from = ring_.name(0, buffers_.file());
    const int to = ring_.name(pipe);
    return ring_.transfer(rest.size, [&](const UringRequest& request) {
      io_uring_prep_splice(request.entry, from, buffers_.offset_in_file(rest.data + request.offset), to, -1,
                           request.size, flags_);
    });
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
  unsigned flags_;
  Uring ring_;
};

}  // namespace

extern const StrategyDescriptor writer_uring_splice = {
    .info = {.name = "uring-splice",
             .summary = "io_uring splice from a memfd, --depth at a time (by a kernel worker)",
             .role = Role::writer,
             .reuse = Reuse::after_pipe,
             .backing = Backing::memfd,
             .whole_pages = true,
             .uses = {.gift = true, .no_touch = true, .lock = true, .buffers = true, .uring = true},
             .kernel_workers = true,
             .system_call = "io_uring_enter"},
    .make = make_end<Role::writer, UringSplice>,
};

}  // namespace pipebench
