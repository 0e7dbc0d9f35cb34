// A signal that does nothing but interrupt a system call that sleeps.
#pragma once

#include <pthread.h>

#include <csignal>

namespace pipebench {

inline constexpr int kick_signal = SIGUSR1;

/// While this object exists, kick_signal interrupts calls (EINTR) instead of ending the process.
class KickHandler {
 public:
  KickHandler() noexcept {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigemptyset(&action.sa_mask);  // no SA_RESTART: the point is EINTR
    ::sigaction(kick_signal, &action, &before_);
  }
  ~KickHandler() { ::sigaction(kick_signal, &before_, nullptr); }
  KickHandler(const KickHandler&) = delete;
  KickHandler& operator=(const KickHandler&) = delete;

 private:
  struct sigaction before_ {};
};

}  // namespace pipebench
