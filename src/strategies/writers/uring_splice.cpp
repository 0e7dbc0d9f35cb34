// IORING_OP_SPLICE from a memfd, one at a time; the kernel always gives it to a worker thread.
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/strategies/uring.hpp"

namespace pipebench {
namespace {

class UringSplice {
 public:
  explicit UringSplice(const EndSetup& setup)
      : buffers_(writer_buffers(setup)), flags_(splice_flags(setup.spec, SPLICE_F_MOVE)) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    return ring_.transfer([&](io_uring_sqe* entry) {
      io_uring_prep_splice(entry, buffers_.file(), buffers_.offset_in_file(rest.data), pipe.fd, -1,
                           static_cast<unsigned>(rest.size), flags_);
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
             .summary = "io_uring splice from a memfd, one at a time (by a kernel worker)",
             .role = Role::writer,
             .reuse = Reuse::after_pipe,
             .backing = Backing::memfd,
             .whole_pages = true,
             .uses = {.gift = true, .no_touch = true, .lock = true, .buffers = true},
             .kernel_workers = true,
             .system_call = "io_uring_enter"},
    .make = make_end<Role::writer, UringSplice>,
};

}  // namespace pipebench
