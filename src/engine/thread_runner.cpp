#include "engine/thread_runner.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "engine/kick.hpp"
#include "pipebench/base/error.hpp"

namespace pipebench {

void ThreadRunner::start() try {
  thread_ = std::jthread([this] {
    routine_->run();
    done_.store(true, std::memory_order_release);
    stage_.note_done();
  });
} catch (const std::system_error& error) {
  const int code = error.code().value();
  const std::string_view limit =
      code == EAGAIN
          ? " (no memory for its stack, `ulimit -v`; or as many threads run as `ulimit -u`, the cgroup's pids.max or "
            "kernel.threads-max allow)"
          : "";
  throw SystemError(fmt::format("pthread_create(){}", limit), code);
}

void ThreadRunner::kick() noexcept {
  if (!done()) ::pthread_kill(thread_.native_handle(), kick_signal);
}

}  // namespace pipebench
