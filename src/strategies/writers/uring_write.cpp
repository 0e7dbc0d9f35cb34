// IORING_OP_WRITE, one or several at a time: write(2) by another way into the kernel.
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/strategies/uring.hpp"

namespace pipebench {
namespace {

class UringWrite {
 public:
  explicit UringWrite(const EndSetup& setup) : buffers_(writer_buffers(setup)), ring_(setup) {
    if (ring_.registers()) ring_.register_buffers(buffers_, step_bytes(setup.info, setup.spec));
  }
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    const int file = ring_.name(pipe);
    return ring_.transfer(rest.size, [&](const UringRequest& request) {
      std::byte* const data = rest.data + request.offset;
      if (ring_.registers()) {
        io_uring_prep_write_fixed(request.entry, file, data, request.size, 0, ring_.buffer_of(data));
      } else {
        io_uring_prep_write(request.entry, file, data, request.size, 0);
      }
      request.entry->rw_flags = ring_.rw_flags(true);
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
             .summary = "io_uring write, --depth at a time",
             .role = Role::writer,
             .copies = 1,
             .touches = true,
             .reuse = Reuse::at_once,
             .uses = {.contiguous = true, .no_touch = true, .lock = true, .buffers = true, .uring = true},
             .kernel_workers = true,
             .system_call = "io_uring_enter"},
    .make = make_end<Role::writer, UringWrite>,
};

}  // namespace pipebench
