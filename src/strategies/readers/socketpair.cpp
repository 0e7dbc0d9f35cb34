// No pipe, but something to compare with: two connected AF_UNIX stream sockets.
#include <sys/socket.h>

#include "pipebench/strategies/receiving.hpp"

namespace pipebench {
namespace {

class ReceiveFromSocket : public Receiving {
 public:
  using Receiving::Receiving;
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept { return ::recv(pipe.fd, buffer(), limit, 0); }
};

}  // namespace

extern const StrategyDescriptor reader_socketpair = {
    .info = receiving({.name = "socketpair",
                       .summary = "no pipe, to compare with: recv(2) from an AF_UNIX stream socket",
                       .role = Role::reader,
                       .transport = Transport::socketpair,
                       .partner = "socketpair",
                       .system_call = "recv"}),
    .make = make_end<Role::reader, ReceiveFromSocket>,
};

}  // namespace pipebench
