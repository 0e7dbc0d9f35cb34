// splice(2) from a memfd: the pipe refers to the pages of the page cache.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class SpliceFile {
 public:
  explicit SpliceFile(const EndSetup& setup)
      : buffers_(writer_buffers(setup)), flags_(splice_flags(setup.spec, SPLICE_F_MOVE)) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    off_t offset = buffers_.offset_in_file(rest.data);
    return ::splice(buffers_.file(), &offset, pipe.fd, nullptr, rest.size, flags_);
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
  unsigned flags_;
};

}  // namespace

extern const StrategyDescriptor writer_splice = {
    .info = {.name = "splice",
             .summary = "splice(2) from a memfd: the pipe refers to pages of the page cache",
             .role = Role::writer,
             .reuse = Reuse::after_pipe,
             .backing = Backing::memfd,
             .whole_pages = true,
             .uses = {.gift = true, .no_touch = true, .lock = true, .buffers = true},
             .system_call = "splice",
             .recipe = {.transfer = "splice(file, &(loff_t){at - memory}, out, NULL, left, FLAGS)", .in_file = true}},
    .make = make_end<Role::writer, SpliceFile>,
};

}  // namespace pipebench
