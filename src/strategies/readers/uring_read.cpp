// IORING_OP_READ, one at a time: read(2) by another way into the kernel.
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/strategies/uring.hpp"

namespace pipebench {
namespace {

class UringRead {
 public:
  explicit UringRead(const EndSetup& setup) : buffer_(reader_buffer(setup)) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    return ring_.transfer([&](io_uring_sqe* entry) {
      io_uring_prep_read(entry, pipe.fd, buffer_.start(0), static_cast<unsigned>(limit), 0);
    });
  }
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept { return buffer_.start(0); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffer_; }

 private:
  BufferSet buffer_;
  Uring ring_;
};

}  // namespace

extern const StrategyDescriptor reader_uring_read = {
    .info = {.name = "uring-read",
             .summary = "io_uring read, one at a time",
             .role = Role::reader,
             .copies = 1,
             .touches = true,
             .receives = true,
             .takes_skb = true,
             .uses = {.no_touch = true, .lock = true},
             .kernel_workers = true,
             .system_call = "io_uring_enter"},
    .make = make_end<Role::reader, UringRead>,
};

}  // namespace pipebench
