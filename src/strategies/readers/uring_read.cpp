// IORING_OP_READ, one at a time: read(2) by another way into the kernel.
#include "pipebench/strategies/receiving.hpp"
#include "pipebench/strategies/uring.hpp"

namespace pipebench {
namespace {

class UringRead : public Receiving {
 public:
  using Receiving::Receiving;
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    return ring_.transfer(
        [&](io_uring_sqe* entry) { io_uring_prep_read(entry, pipe.fd, buffer(), static_cast<unsigned>(limit), 0); });
  }

 private:
  Uring ring_;
};

}  // namespace

extern const StrategyDescriptor reader_uring_read = {
    .info = receiving({.name = "uring-read",
                       .summary = "io_uring read, one at a time",
                       .role = Role::reader,
                       .kernel_workers = true,
                       .system_call = "io_uring_enter"}),
    .make = make_end<Role::reader, UringRead>,
};

}  // namespace pipebench
