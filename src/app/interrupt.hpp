// Ctrl-C and its like.
#pragma once

#include <atomic>

namespace pipebench {

/// From now on the first SIGINT, SIGTERM or SIGHUP is recorded and ends the run in order. One that comes more than a
/// second later gives up output that cannot be written, too.
void watch_for_interrupts();

/// Did the user insist?
[[nodiscard]] bool interrupted_again() noexcept;

/// The signal that came, or 0.
[[nodiscard]] const std::atomic<int>& interrupt_signal() noexcept;

}  // namespace pipebench
