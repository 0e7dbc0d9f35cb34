// splice(2) from the pipe into a socket, which the same thread drains: what a program that forwards to a socket pays.
#include <sys/socket.h>

#include "pipebench/base/error.hpp"
#include "pipebench/strategies/receiving.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class SpliceToSocket : public Receiving {
 public:
  explicit SpliceToSocket(const EndSetup& setup)
      : Receiving(setup), reader_delay_(setup.reader_delay), flags_(splice_flags(setup.spec, SPLICE_F_MOVE)) {
    int fds[2];
    // Non-blocking: with a full socket the call returns. Blocking, it would wait for a drain that only this thread
    // does.
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
      throw SystemError("socketpair(AF_UNIX, SOCK_STREAM)", errno);
    in_.reset(fds[0]);
    out_.reset(fds[1]);
  }
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    const ssize_t moved = ::splice(pipe.fd, nullptr, in_.get(), nullptr, limit, flags_);
    if (moved > 0 && reader_delay_) reader_delay_(static_cast<std::size_t>(moved));
    return move_all(moved,
                    [this](std::size_t done, std::size_t rest) { return ::read(out_.get(), buffer() + done, rest); });
  }

 private:
  std::function<void(std::size_t)> reader_delay_;
  unsigned flags_;
  UniqueFd in_, out_;
};

}  // namespace

extern const StrategyDescriptor reader_splice_socket = {
    .info = {.name = "splice-socket",
             .summary = "splice(2) into a UNIX socket, read out of its other end",
             .role = Role::reader,
             .copies = 1,
             .touches = true,
             .release = Release::passed_on,
             .receives = true,
             .takes_skb = true,
             .uses = {.gift = true, .no_touch = true, .lock = true},
             .system_call = "splice"},
    .make = make_end<Role::reader, SpliceToSocket>,
};

}  // namespace pipebench
