#include "pipebench/strategies/uring.hpp"

#include "pipebench/base/error.hpp"

namespace pipebench {

#ifdef PIPEBENCH_LIBURING

Uring::Uring() {
  if (const int failed = io_uring_queue_init(4, &ring_, 0); failed < 0)
    throw SystemError("io_uring_setup(4 entries)", -failed);
}

std::string why_no_uring() try {
  const Uring ring;
  return {};
} catch (const SystemError& error) {
  return std::string(error.what()) + "; kernel.io_uring_disabled or a seccomp profile may forbid it.";
}

#else

std::string why_no_uring() { return "This pipebench was built without liburing."; }

#endif

}  // namespace pipebench
