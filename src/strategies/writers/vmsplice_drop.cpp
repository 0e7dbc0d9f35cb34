// vmsplice(2) of pages that are given up afterwards (MADV_DONTNEED): the next page at the same address is a new one, so
// every byte may be new and no rule of reuse is needed. The price is a new, cleared page each time.
#include <sys/mman.h>

#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class VmspliceDrop {
 public:
  explicit VmspliceDrop(const EndSetup& setup)
      : buffers_(writer_buffers(setup)),
        flags_(splice_flags(setup.spec, SPLICE_F_GIFT)),
        fault_step_(setup.page_sizes.base) {}

  // The old pages stay in the pipe. Each new one is written to: an untouched page would be the shared zero page.
  void renew(Piece buffer) noexcept {
    ::madvise(buffer.data, buffer.size, MADV_DONTNEED);
    for (std::size_t at = 0; at < buffer.size; at += fault_step_) buffer.data[at] = std::byte{'X'};
  }
  ssize_t step(PipeEnd pipe, Piece rest) noexcept { return send_pages(pipe.fd, rest, flags_); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
  unsigned flags_;
  std::size_t fault_step_;
};

}  // namespace

extern const StrategyDescriptor writer_vmsplice_drop = {
    .info =
        {.name = "vmsplice-drop",
         .summary = "vmsplice(2) of new pages each time; the old ones are given up (MADV_DONTNEED)",
         .role = Role::writer,
         .touches = true,  // the kernel clears each page
         .reuse = Reuse::new_pages,
         .whole_pages = true,
         .gives_pages = true,
         .uses = {.gift = true, .contiguous = true, .lock = true, .buffers = true},
         .system_call = "vmsplice",
         .recipe = {.transfer = "vmsplice(out, &(struct iovec){at, left}, 1, FLAGS)",
                    .renew =
                        "if (madvise(at, SIZE, MADV_DONTNEED) < 0) return -1; /* the old pages stay in the pipe */\n"}},
    .make = make_end<Role::writer, VmspliceDrop>,
};

}  // namespace pipebench
