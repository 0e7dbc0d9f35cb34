// SIGINT, SIGTERM and SIGHUP.
#pragma once

#include <atomic>

namespace pipebench {

/// From now on, the first of these signals is recorded, and the run ends in order. One that comes more than a second
/// later also gives up output that cannot be written.
void handle_interrupts();

/// Did a second signal come, more than a second after the first?
[[nodiscard]] bool interrupted_again() noexcept;

/// The signal that came, or 0.
[[nodiscard]] const std::atomic<int>& interrupt_signal() noexcept;

/// The exit code of a command that it ended, as a shell has it: 128 and the signal's number.
[[nodiscard]] int interrupted_exit_code() noexcept;

}  // namespace pipebench
