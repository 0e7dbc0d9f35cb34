// IORING_OP_SPLICE to /dev/null, one at a time; the kernel always gives it to a worker thread.
#include "pipebench/strategies/discarding.hpp"
#include "pipebench/strategies/uring.hpp"

namespace pipebench {
namespace {

class UringSpliceToNull : public Discarding {
 public:
  explicit UringSpliceToNull(const EndSetup& setup)
      : Discarding(setup), flags_(splice_flags(setup.spec, SPLICE_F_MOVE)) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    return look_and(pipe, limit, [&](std::size_t size) {
      return ring_.transfer([&](io_uring_sqe* entry) {
        io_uring_prep_splice(entry, pipe.fd, -1, sink(), -1, static_cast<unsigned>(size), flags_);
      });
    });
  }

 private:
  unsigned flags_;
  Uring ring_;
};

}  // namespace

extern const StrategyDescriptor reader_uring_splice = {
    .info = {.name = "uring-splice",
             .summary = "io_uring splice to /dev/null, one at a time (by a kernel worker)",
             .role = Role::reader,
             .release = Release::discarded,
             .sees_bytes = false,
             .takes_skb = true,
             .uses = {.gift = true},
             .kernel_workers = true,
             .further = peek_buffer,
             .system_call = "io_uring_enter"},
    .make = make_end<Role::reader, UringSpliceToNull>,
};

}  // namespace pipebench
