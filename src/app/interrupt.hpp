// Ctrl-C and its like.
#pragma once

#include <atomic>

namespace pipebench {

/// From now on the first SIGINT, SIGTERM or SIGHUP is recorded and ends the run in order; one that comes more than a
/// second later ends the process.
void watch_for_interrupts();

/// The signal that came, or 0.
[[nodiscard]] const std::atomic<int>& interrupt_signal() noexcept;

}  // namespace pipebench
