// vmsplice(2) from the pipe to user memory: in this direction the kernel copies, as read(2) does.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class VmspliceReader {
 public:
  explicit VmspliceReader(const EndSetup& setup) : buffer_(reader_buffer(setup)), flags_(splice_flags(setup.spec)) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    return send_pages(pipe.fd, {buffer_.start(0), limit}, flags_);
  }
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept { return buffer_.start(0); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffer_; }

 private:
  BufferSet buffer_;
  unsigned flags_;
};

}  // namespace

extern const StrategyDescriptor reader_vmsplice = {
    .info = {.name = "vmsplice",
             .summary = "vmsplice(2) from the pipe to user memory, which copies",
             .role = Role::reader,
             .copies = 1,
             .touches = true,
             .receives = true,
             .takes_skb = true,
             .uses = {.no_touch = true, .lock = true},
             .system_call = "vmsplice"},
    .make = make_end<Role::reader, VmspliceReader>,
};

}  // namespace pipebench
