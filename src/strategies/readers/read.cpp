// read(2): the kernel copies out of the pipe's pages into the buffer.
#include <unistd.h>

#include "pipebench/strategies/receiving.hpp"

namespace pipebench {
namespace {

class Read : public Receiving {
 public:
  using Receiving::Receiving;
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept { return ::read(pipe.fd, buffer(), limit); }
};

}  // namespace

extern const StrategyDescriptor reader_read = {
    .info = receiving({.name = "read",
                       .summary = "read(2): the kernel copies into the buffer",
                       .role = Role::reader,
                       .system_call = "read",
                       .recipe = {.transfer = "read(in, memory, SIZE)"}}),
    .make = make_end<Role::reader, Read>,
};

}  // namespace pipebench
