// No pipe, but something to compare with: two connected AF_UNIX stream sockets.
#include <sys/socket.h>

#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class SendToSocket {
 public:
  explicit SendToSocket(const EndSetup& setup) : buffers_(writer_buffers(setup)) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept { return ::send(pipe.fd, rest.data, rest.size, MSG_NOSIGNAL); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
};

}  // namespace

extern const StrategyDescriptor writer_socketpair = {
    .info = {.name = "socketpair",
             .summary = "no pipe, to compare with: send(2) to an AF_UNIX stream socket",
             .role = Role::writer,
             .copies = 1,
             .touches = true,
             .reuse = Reuse::at_once,
             .uses = {.contiguous = true, .no_touch = true, .lock = true, .buffers = true},
             .transport = Transport::socketpair,
             .partner = "socketpair",
             .system_call = "send"},
    .make = make_end<Role::writer, SendToSocket>,
};

}  // namespace pipebench
