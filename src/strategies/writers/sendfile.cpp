// sendfile(2) from a memfd into the pipe: splice() by another name, with another loop in the kernel.
#include <sys/sendfile.h>

#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class Sendfile {
 public:
  explicit Sendfile(const EndSetup& setup) : buffers_(writer_buffers(setup)) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    off_t offset = buffers_.offset_in_file(rest.data);
    return ::sendfile(pipe.fd, buffers_.file(), &offset, rest.size);
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
};

}  // namespace

extern const StrategyDescriptor writer_sendfile = {
    .info = {.name = "sendfile",
             .summary = "sendfile(2) from a memfd into the pipe",
             .role = Role::writer,
             .reuse = Reuse::after_pipe,
             .backing = Backing::memfd,
             .whole_pages = true,
             .uses = {.no_touch = true, .lock = true, .buffers = true},
             .system_call = "sendfile",
             .recipe = {.transfer = "sendfile(out, file, &(off_t){at - memory}, left)", .in_file = true}},
    .make = make_end<Role::writer, Sendfile>,
};

}  // namespace pipebench
