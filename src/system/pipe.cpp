#include "pipebench/system/pipe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "pipebench/base/error.hpp"

namespace pipebench {

Pipe::Pipe(std::uint64_t bytes, bool nonblocking) {
  int fds[2];
  const int flags = O_CLOEXEC | (nonblocking ? O_NONBLOCK : 0);
  if (::pipe2(fds, flags) < 0) throw SystemError("pipe2()", errno);
  read_.reset(fds[0]);
  write_.reset(fds[1]);
  const int granted = ::fcntl(write_.get(), F_SETPIPE_SZ, bytes);
  if (granted < 0) throw SystemError(fmt::format("fcntl(pipe, F_SETPIPE_SZ, {})", bytes), errno);
  capacity_ = static_cast<std::uint64_t>(granted);
  // The kernel cuts the argument to 32 bits, and grants what is left of it.
  if (capacity_ < bytes) throw SystemError(fmt::format("fcntl(pipe, F_SETPIPE_SZ, {})", bytes), EINVAL);
}

}  // namespace pipebench
