// vmsplice(2): the pipe refers to the buffer's own pages; nothing is copied.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class Vmsplice {
 public:
  explicit Vmsplice(const EndSetup& setup)
      : buffers_(writer_buffers(setup)), flags_(splice_flags(setup.spec, SPLICE_F_GIFT)) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept { return send_pages(pipe.fd, rest, flags_); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
  unsigned flags_;
};

}  // namespace

extern const StrategyDescriptor writer_vmsplice = {
    .info = {.name = "vmsplice",
             .summary = "vmsplice(2): the pipe refers to the buffer's own pages",
             .role = Role::writer,
             .reuse = Reuse::after_pipe,
             .whole_pages = true,
             .gives_pages = true,
             .uses = {.gift = true, .contiguous = true, .no_touch = true, .lock = true, .buffers = true},
             .system_call = "vmsplice",
             .recipe = {.transfer = "vmsplice(out, &(struct iovec){at, left}, 1, FLAGS)"}},
    .make = make_end<Role::writer, Vmsplice>,
};

}  // namespace pipebench
