// splice(2) out of the pipe in which the reader sends pages back: slots move from pipe to pipe (fs/splice.c,
// splice_pipe_to_pipe), with no page looked up and no reference counted. Holding a page is the permission to rewrite
// it.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/system/skb.hpp"

namespace pipebench {
namespace {

class RecycleWriter {
 public:
  explicit RecycleWriter(const EndSetup& setup)
      : buffers_(writer_buffers(setup)),
        returns_(setup.exchange.returns),
        flags_(splice_flags(setup.spec, SPLICE_F_MOVE)),
        skb_(setup.spec.pages == Pages::skb) {
    for (std::size_t k = 0; k < buffers_.starts().size(); ++k) {
      const Pipe& home = returns_[k % returns_.size()];
      if (skb_) {
        whole_slots_ = fill_with_skb_pages(home, setup.spec.buffer_bytes) && whole_slots_;
      } else {
        send_all_pages(home, {buffers_.start(k), setup.spec.buffer_bytes});
      }
    }
    setup.exchange.sent_from.store(&buffers_, std::memory_order_release);
  }
  ssize_t step(Lane lane, Piece rest) noexcept {
    return ::splice(returns_[lane.index].read_fd(), nullptr, lane.pipe, nullptr, rest.size, flags_);
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }
  [[nodiscard]] std::string obtained_pages() const {
    return !skb_ ? buffers_.obtained_pages() : whole_slots_ ? "skb" : "mixed";
  }

 private:
  BufferSet buffers_;
  const std::vector<Pipe>& returns_;
  unsigned flags_;
  bool skb_;
  bool whole_slots_ = true;
};

}  // namespace

extern const StrategyDescriptor writer_recycle = {
    .info = {.name = "recycle",
             .summary = "splice(2) of the pages that the reader sends back: they circulate",
             .role = Role::writer,
             .reuse = Reuse::on_return,
             .whole_pages = true,
             .takes_skb = true,
             .partner = "recycle",
             .system_call = "splice"},
    .probe = why_no_vmsplice,
    .make = make_end<Role::writer, RecycleWriter>,
};

}  // namespace pipebench
