// write(2): the kernel copies the buffer into pages of its own.
#include <unistd.h>

#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class Write {
 public:
  explicit Write(const EndSetup& setup) : buffers_(writer_buffers(setup)) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept { return ::write(pipe.fd, rest.data, rest.size); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
};

}  // namespace

extern const StrategyDescriptor writer_write = {
    .info = {.name = "write",
             .summary = "write(2): the kernel copies into pages of its own",
             .role = Role::writer,
             .copies = 1,
             .touches = true,
             .reuse = Reuse::at_once,
             .uses = {.contiguous = true, .no_touch = true, .lock = true, .buffers = true},
             .system_call = "write",
             .recipe = {.transfer = "write(out, at, left)"}},
    .make = make_end<Role::writer, Write>,
};

}  // namespace pipebench
