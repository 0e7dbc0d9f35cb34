// read(2): the kernel copies out of the pipe's pages into the buffer.
#include <unistd.h>

#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class Read {
 public:
  explicit Read(const CaseSpec& spec) : buffer_(reader_buffer(spec)) {}
  ssize_t step(int pipe, std::size_t limit) noexcept { return ::read(pipe, buffer_.start(0), limit); }
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
             .system_call = "read"},
    .probe = always_available,
    .make = make_end<Role::reader, Read>,
};

}  // namespace pipebench
