#include "pipebench/system/skb.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

constexpr std::size_t slot = 32768;

struct SocketPair {
  SocketPair() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
      throw SystemError("socketpair(AF_UNIX, SOCK_STREAM)", errno);
    in.reset(fds[0]);
    out.reset(fds[1]);
  }
  UniqueFd in, out;
};

void expect_all(ssize_t moved, const char* call) {
  if (moved < 0) throw SystemError(call, errno);
  if (moved != static_cast<ssize_t>(slot)) throw SystemError(call, EIO);
}

// tee() into a pipe of one slot copies one slot's reference, so what it returns is the size of the first slot.
std::size_t first_slot_size(const Pipe& pipe) {
  const Pipe probe(4096, true);
  const ssize_t size = ::tee(pipe.read_fd(), probe.write_fd(), slot, SPLICE_F_NONBLOCK);
  if (size < 0) throw SystemError("tee(pipe, one-slot pipe)", errno);
  return static_cast<std::size_t>(size);
}

}  // namespace

bool fill_with_skb_pages(const Pipe& pipe, std::uint64_t bytes) {
  const SocketPair sockets;
  const Pipe transfer(65536, true);
  const std::vector<char> content(slot, 'X');
  bool whole = true;
  for (std::uint64_t done = 0; done < bytes; done += slot) {
    expect_all(::send(sockets.in.get(), content.data(), slot, 0), "send(socket, 32768 bytes)");
    expect_all(::splice(sockets.out.get(), nullptr, transfer.write_fd(), nullptr, slot, 0),
               "splice(socket, pipe, 32768 bytes)");
    whole = whole && first_slot_size(transfer) == slot;
    expect_all(::splice(transfer.read_fd(), nullptr, pipe.write_fd(), nullptr, slot, SPLICE_F_NONBLOCK),
               "splice(pipe, pipe, 32768 bytes)");
  }
  return whole;
}

}  // namespace pipebench
