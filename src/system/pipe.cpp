#include "pipebench/system/pipe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

// Names the limit that was probably hit.
[[noreturn]] void fail(const std::string& call) {
  const int code = errno;
  std::string_view limit;
  if (code == EMFILE) limit = " (as many files are open as `ulimit -n` allows)";
  if (code == EPERM)
    limit = " (more than fs.pipe-max-size for one pipe, or than fs.pipe-user-pages-soft for all pipes of this user)";
  throw SystemError(fmt::format("{}{}", call, limit), code);
}

}  // namespace

Pipe::Pipe(std::uint64_t bytes, bool nonblocking) {
  int fds[2];
  const int flags = O_CLOEXEC | (nonblocking ? O_NONBLOCK : 0);
  if (::pipe2(fds, flags) < 0) fail("pipe2()");
  read_.reset(fds[0]);
  write_.reset(fds[1]);
  errno = resize(bytes);
  if (errno != 0) fail(fmt::format("fcntl(pipe, F_SETPIPE_SZ, {})", bytes));
}

Pipe Pipe::of(Transport transport, std::uint64_t bytes, bool nonblocking) {
  if (transport == Transport::pipe) return Pipe(bytes, nonblocking);
  Pipe other;
  if (transport == Transport::shared_memory) {
    other.ring_ = std::make_unique<SharedRing>(std::bit_ceil(bytes));
    return other;
  }
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0), 0, fds) < 0)
    fail("socketpair()");
  other.read_.reset(fds[0]);
  other.write_.reset(fds[1]);
  const int size = static_cast<int>(std::min<std::uint64_t>(bytes, std::numeric_limits<int>::max() / 2));
  if (::setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) < 0) fail("setsockopt(SO_SNDBUF)");
  return other;
}

// A descriptor and its copies share O_NONBLOCK, also with the shell and other programs; one opened anew does not.
Pipe Pipe::inherited(int fd, bool reads, bool nonblocking) {
  const std::string name = fmt::format("/proc/self/fd/{}", fd);
  const int access = reads ? O_RDONLY : O_WRONLY;
  const int own = nonblocking ? ::open(name.c_str(), access | O_NONBLOCK | O_CLOEXEC) : ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) throw SystemError(nonblocking ? fmt::format("open({})", name) : fmt::format("dup({})", fd), errno);
  Pipe pipe;
  (reads ? pipe.read_ : pipe.write_).reset(own);
  return pipe;
}

UniqueFd Pipe::give_away(bool read_end) {
  UniqueFd end = std::move(read_end ? read_ : write_);
  if (::fcntl(end.get(), F_SETFL, 0) < 0) throw SystemError("fcntl(pipe, F_SETFL)", errno);
  return end;
}

int Pipe::resize(std::uint64_t bytes) noexcept {
  const int granted = ::fcntl(any_fd(), F_SETPIPE_SZ, bytes);
  if (granted < 0) return errno;
  // The kernel cuts the argument to 32 bits, and grants what is left of it.
  return static_cast<std::uint64_t>(granted) < bytes ? EINVAL : 0;
}

std::uint64_t Pipe::capacity() const noexcept {
  if (ring_) return ring_->capacity();
  if (const auto bytes = pipe_capacity(any_fd())) return *bytes;
  int size = 0;
  socklen_t length = sizeof size;
  if (::getsockopt(write_.get(), SOL_SOCKET, SO_SNDBUF, &size, &length) < 0) return 0;
  return static_cast<std::uint64_t>(size) / 2;
}

std::string why_no_pipe(int fd, bool reads) {
  struct stat status {};
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fstat(fd, &status) != 0) return "is closed";
  if (::isatty(fd) == 1) return "is a terminal";
  if (S_ISREG(status.st_mode)) return "is a file";
  if (S_ISSOCK(status.st_mode)) return "is a socket";
  if (S_ISDIR(status.st_mode)) return "is a directory";
  if (!S_ISFIFO(status.st_mode)) return "is a device";
  const int access = flags & O_ACCMODE;
  if (access == (reads ? O_WRONLY : O_RDONLY)) return reads ? "is open for writing only" : "is open for reading only";
  return {};
}

std::optional<std::uint64_t> pipe_capacity(int fd) noexcept {
  const int bytes = ::fcntl(fd, F_GETPIPE_SZ);
  return bytes < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(bytes));
}

}  // namespace pipebench
