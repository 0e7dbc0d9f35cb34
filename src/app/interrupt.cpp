#include "app/interrupt.hpp"

#include <csignal>

namespace pipebench {
namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler stores it");

}  // namespace

void watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int number) { received.store(number); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    // Started in the background by a shell, or under nohup, it stays ignored.
    struct sigaction before {};
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
  }
}

const std::atomic<int>& interrupt_signal() noexcept { return received; }

}  // namespace pipebench
