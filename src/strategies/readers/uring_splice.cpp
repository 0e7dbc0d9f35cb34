// IORING_OP_SPLICE to /dev/null, one or several at a time; the kernel always gives them to a worker thread.
#include "pipebench/strategies/discarding.hpp"
#include "pipebench/strategies/uring.hpp"

namespace pipebench {
namespace {

class UringSpliceToNull : public Discarding {
 public:
  explicit UringSpliceToNull(const EndSetup& setup)
      : Discarding(setup),
        flags_(splice_flags(setup.spec, SPLICE_F_MOVE)),
        ring_(setup, {.files = 1, .by_workers = true}) {
    if (ring_.registers()) flags_ |= SPLICE_F_FD_IN_FIXED;
  }
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    const int from = ring_.name(pipe);
    const int to = ring_.name(0, sink());
    return look_and(pipe, limit, [&](std::size_t size) {
      return ring_.transfer(size, [&](const UringRequest& request) {
        // Nobody knows whether more bytes will come, so only the first of a chain may wait for some.
        const unsigned flags = request.first ? flags_ : flags_ | SPLICE_F_NONBLOCK;
        io_uring_prep_splice(request.entry, from, -1, to, -1, request.size, flags);
      });
    });
  }

 private:
  unsigned flags_;
  Uring ring_;
};

BufferRequest peek_buffer_of_chain(const CaseSpec& spec, Purpose purpose, const PageSizes& sizes) {
  BufferRequest request = peek_buffer(spec, purpose, sizes);
  request.bytes *= spec.depth;
  return request;
}

}  // namespace

extern const StrategyDescriptor reader_uring_splice = {
    .info = {.name = "uring-splice",
             .summary = "io_uring splice to /dev/null, --depth at a time (by a kernel worker)",
             .role = Role::reader,
             .release = Release::discarded,
             .sees_bytes = false,
             .takes_skb = true,
             .uses = {.gift = true, .uring = true},
             .kernel_workers = true,
             .further = peek_buffer_of_chain,
             .system_call = "io_uring_enter"},
    .make = make_end<Role::reader, UringSpliceToNull>,
};

}  // namespace pipebench
