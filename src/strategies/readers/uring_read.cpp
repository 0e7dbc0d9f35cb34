// IORING_OP_READ, one or several at a time: read(2) by another way into the kernel.
#include "pipebench/strategies/receiving.hpp"
#include "pipebench/strategies/uring.hpp"

namespace pipebench {
namespace {

class UringRead : public Receiving {
 public:
  explicit UringRead(const EndSetup& setup) : Receiving(setup), ring_(setup) {
    if (ring_.registers()) ring_.register_buffers(buffers(), step_bytes(setup.info, setup.spec));
  }
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    const int file = ring_.name(pipe);
    return ring_.transfer(limit, [&](const UringRequest& request) {
      std::byte* const to = buffer() + request.offset;
      if (ring_.registers()) {
        io_uring_prep_read_fixed(request.entry, file, to, request.size, 0, 0);
      } else {
        io_uring_prep_read(request.entry, file, to, request.size, 0);
      }
      // Nobody knows whether more bytes will come, so only the first of a chain may wait for some.
      request.entry->rw_flags = ring_.rw_flags(request.first);
    });
  }
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept {
    return buffer() + ring_.begin_of_last();
  }

 private:
  Uring ring_;
};

}  // namespace

extern const StrategyDescriptor reader_uring_read = {
    .info = receiving({.name = "uring-read",
                       .summary = "io_uring read, --depth at a time",
                       .role = Role::reader,
                       .uses = {.uring = true},
                       .kernel_workers = true,
                       .system_call = "io_uring_enter"}),
    .make = make_end<Role::reader, UringRead>,
};

}  // namespace pipebench
