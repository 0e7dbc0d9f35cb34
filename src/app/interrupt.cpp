#include "app/interrupt.hpp"

#include <csignal>
#include <cstdint>

#include "pipebench/base/clock.hpp"

namespace pipebench {
namespace {

std::atomic<int> received{0};
std::atomic<std::uint64_t> received_ns{0};
std::atomic<bool> again{false};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler stores it");

// Signals that come sooner are the same request: terminals and timeout(1) send two at once.
constexpr std::uint64_t same_request_ns = 1'000'000'000;

void on_signal(int number) {
  const std::uint64_t now = monotonic_ns();
  if (received.load() == 0) {
    received_ns.store(now);
    received.store(number);
  } else if (now - received_ns.load() > same_request_ns) {
    again.store(true);  // not the default action: reserved pages and unfinished files would stay
  }
}

}  // namespace

void handle_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    // Signals that were ignored at the start (nohup, background jobs of a shell) stay ignored.
    struct sigaction before {};
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
  }
}

bool interrupted_again() noexcept { return again.load(); }

const std::atomic<int>& interrupt_signal() noexcept { return received; }

int interrupted_exit_code() noexcept { return 128 + received.load(); }

}  // namespace pipebench
