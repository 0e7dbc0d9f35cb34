// IORING_OP_WRITE, one at a time: write(2) by another way into the kernel.
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/strategies/uring.hpp"

namespace pipebench {
namespace {

class UringWrite {
 public:
  explicit UringWrite(const EndSetup& setup) : buffers_(writer_buffers(setup)) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    return ring_.transfer([&](io_uring_sqe* entry) {
      io_uring_prep_write(entry, pipe.fd, rest.data, static_cast<unsigned>(rest.size), 0);
    });
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
  Uring ring_;
};

}  // namespace

extern const StrategyDescriptor writer_uring_write = {
    .info = {.name = "uring-write",
             .summary = "io_uring write, one at a time",
             .role = Role::writer,
             .copies = 1,
             .touches = true,
             .reuse = Reuse::at_once,
             .uses = {.contiguous = true, .no_touch = true, .lock = true, .buffers = true},
             .kernel_workers = true,
             .system_call = "io_uring_enter"},
    .make = make_end<Role::writer, UringWrite>,
};

}  // namespace pipebench
