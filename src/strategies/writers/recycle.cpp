// splice(2) out of the pipe in which the reader sends pages back: slots move from pipe to pipe (fs/splice.c,
// splice_pipe_to_pipe), without looking up a page or counting a reference. The end that holds a page may rewrite it.
#include "pipebench/strategies/kept_pages.hpp"

namespace pipebench {
namespace {

class RecycleWriter {
 public:
  explicit RecycleWriter(const EndSetup& setup)
      : pages_(setup), returns_(setup.exchange.returns), flags_(splice_flags(setup.spec, SPLICE_F_MOVE)) {
    for (std::size_t k = 0; k < buffers().starts().size(); ++k) pages_.put_into(returns_[k % returns_.size()], k);
    setup.exchange.sent_from.store(buffers().start(0), std::memory_order_release);
  }
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    return ::splice(returns_[pipe.stripe].read_fd(), nullptr, pipe.fd, nullptr, rest.size, flags_);
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return pages_.buffers(); }
  [[nodiscard]] std::optional<ObtainedPages> obtained_pages(const Smaps& smaps) const {
    return pages_.obtained_pages(smaps);
  }

 private:
  KeptPages pages_;
  std::span<const Pipe> returns_;
  unsigned flags_;
};

std::uint64_t return_pipe_bytes(const CaseSpec& spec, const PageSizes& sizes) {
  return pipe_bytes_to_keep(spec.buffers, spec, sizes);
}

}  // namespace

extern const StrategyDescriptor writer_recycle = {
    .info = {.name = "recycle",
             .summary = "splice(2) of the pages that the reader sends back: they circulate",
             .role = Role::writer,
             .reuse = Reuse::on_return,
             .whole_pages = true,
             .takes_skb = true,
             .uses = {.gift = true, .lock = true, .buffers = true},
             .kept_pipe_bytes = return_pipe_bytes,
             .partner = "recycle",
             .system_call = "splice"},
    .make = make_end<Role::writer, RecycleWriter>,
};

}  // namespace pipebench
