// read(2): the kernel copies out of the pipe's pages into the buffer.
#include <unistd.h>

#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class Read {
 public:
  explicit Read(const EndSetup& setup) : buffer_(reader_buffer(setup)) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept { return ::read(pipe.fd, buffer_.start(0), limit); }
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept { return buffer_.start(0); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffer_; }

 private:
  BufferSet buffer_;
};

}  // namespace

extern const StrategyDescriptor reader_read = {
    .info = {.name = "read",
             .summary = "read(2): the kernel copies into the buffer",
             .role = Role::reader,
             .copies = 1,
             .touches = true,
             .receives = true,
             .takes_skb = true,
             .uses = {.no_touch = true, .lock = true},
             .system_call = "read"},
    .make = make_end<Role::reader, Read>,
};

}  // namespace pipebench
