#include "pipebench/strategies/uring.hpp"

#include <fmt/format.h>

#include <string_view>

#include "pipebench/base/error.hpp"

namespace pipebench {

Uring::Uring() {
  const int failed = io_uring_queue_init(4, &ring_, 0);
  const std::string_view setting = failed == -EPERM    ? " (see the sysctl kernel.io_uring_disabled)"
                                   : failed == -ENOMEM ? " (see `ulimit -l`, which limits rings, too)"
                                                       : "";
  if (failed < 0) throw SystemError(fmt::format("io_uring_setup(4 entries){}", setting), -failed);
}

}  // namespace pipebench
