// tee(2) from a template pipe that is filled once: only references move, and always to the same pages.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/system/skb.hpp"

namespace pipebench {
namespace {

class Tee {
 public:
  explicit Tee(const EndSetup& setup)
      : buffers_(writer_buffers(setup)),
        template_(setup.spec.pipe_bytes_to_keep(1), setup.spec.wait != Wait::block),
        flags_(splice_flags(setup.spec)),
        skb_(setup.spec.pages == Pages::skb) {
    if (skb_) {
      whole_slots_ = fill_with_skb_pages(template_, setup.spec.buffer_bytes);
    } else {
      send_all_pages(template_, {buffers_.start(0), setup.spec.buffer_bytes});
    }
  }
  ssize_t step(Lane lane, Piece rest) noexcept { return ::tee(template_.read_fd(), lane.pipe, rest.size, flags_); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }
  [[nodiscard]] std::string obtained_pages() const {
    return !skb_ ? buffers_.obtained_pages() : whole_slots_ ? "skb" : "mixed";
  }

 private:
  BufferSet buffers_;
  Pipe template_;
  unsigned flags_;
  bool skb_;
  bool whole_slots_ = true;
};

}  // namespace

extern const StrategyDescriptor writer_tee = {
    .info = {.name = "tee",
             .summary = "tee(2) from a pipe that is filled once: sends the same pages again and again",
             .role = Role::writer,
             .replay = true,
             .reuse = Reuse::after_pipe,
             .whole_pages = true,
             .takes_skb = true,
             .system_call = "tee"},
    .probe = why_no_vmsplice,
    .make = make_end<Role::writer, Tee>,
};

}  // namespace pipebench
