#include "pipebench/system/pipe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <string_view>

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
  const int granted = ::fcntl(write_.get(), F_SETPIPE_SZ, bytes);
  if (granted < 0) fail(fmt::format("fcntl(pipe, F_SETPIPE_SZ, {})", bytes));
  capacity_ = static_cast<std::uint64_t>(granted);
  // The kernel cuts the argument to 32 bits, and grants what is left of it.
  if (capacity_ < bytes) throw SystemError(fmt::format("fcntl(pipe, F_SETPIPE_SZ, {})", bytes), EINVAL);
}

}  // namespace pipebench
