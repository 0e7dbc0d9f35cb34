// futex(2): sleeping until a word in shared memory changes.
#pragma once

#include <atomic>
#include <cstdint>

namespace pipebench {

using FutexWord = std::atomic<std::uint32_t>;

/// Sleeps while `word` holds `expected`; may return early. Between processes, too.
void futex_wait(const FutexWord& word, std::uint32_t expected) noexcept;
/// For at most `ns` nanoseconds.
void futex_wait_for(const FutexWord& word, std::uint32_t expected, std::uint64_t ns) noexcept;
/// Wakes all that sleep on `word`.
void futex_wake_all(FutexWord& word) noexcept;

}  // namespace pipebench
