// What the ends of a stream share in a phase: one plain struct, so that two processes can map it.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "pipebench/base/cache_line.hpp"

namespace pipebench {

/// When the ends have to stop.
enum class Stop : std::uint32_t {
  no,
  after_buffer,  ///< the writer sends one more buffer, the reader ends with it
  now,           ///< at once, even if bytes are left in the pipe
};

inline constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

struct Link {
  /// Read by both ends at every turn, but written only a few times a sample, so it stays in both caches.
  struct alignas(no_sharing) Control {
    std::atomic<Stop> stop{Stop::no};
    /// Number of bytes after which the phase is over. The writer publishes it before it sends the last of them, so the
    /// reader recognises the last byte without an end of file.
    std::atomic<std::uint64_t> final_bytes{no_limit};
  } control;

  /// Bytes that an end has moved in this phase; only that end writes to this cache line.
  struct alignas(no_sharing) Progress {
    std::atomic<std::uint64_t> bytes{0};
  } produced, consumed;

  /// Verification: what the writer is about to do. Tells a reader that holds back whether the writer can go on.
  struct alignas(no_sharing) Intent {
    /// The next transfer begins with this byte of the stream. The memory of all bytes before `end` already holds what
    /// will be sent.
    std::atomic<std::uint64_t> begin{0};
    std::atomic<std::uint64_t> end{0};
    void publish(std::uint64_t first, std::uint64_t behind_last) noexcept {
      end.store(behind_last, std::memory_order_release);  // before begin: the new end is true of the old begin, too
      begin.store(first, std::memory_order_release);
    }
    /// The writer waits until `consumed` has reached this.
    std::atomic<std::uint64_t> awaits{0};
  } intent;

  [[nodiscard]] bool aborted() const noexcept { return control.stop.load(std::memory_order_relaxed) == Stop::now; }
};

}  // namespace pipebench
