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
    /// Number of bytes after which the phase is over. It is known before the last of them is sent, so the reader
    /// recognises the last byte without an end of file.
    std::atomic<std::uint64_t> final_bytes{no_limit};
    /// Writers that may go on, and how many bytes the others send in all.
    std::atomic<std::uint32_t> writers_left{1};
    std::atomic<std::uint64_t> announced_bytes{0};
  } control;

  /// Bytes that an end has moved in this phase; only that end writes to this cache line.
  struct alignas(no_sharing) Progress {
    std::atomic<std::uint64_t> bytes{0};
  };
  /// Of the first writer and the first reader, mostly the only ones. Others have theirs elsewhere (Phase::progress).
  Progress produced, consumed;

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

  /// Each writer, before it sends the last of its bytes, which are so many in this phase. The last to do so makes
  /// final_bytes known. Not inlined: once a phase, it would cost the loops registers.
  [[gnu::noinline]] void announce_end(std::uint64_t bytes) noexcept {
    control.announced_bytes.fetch_add(bytes, std::memory_order_relaxed);
    if (control.writers_left.fetch_sub(1, std::memory_order_acq_rel) == 1)
      control.final_bytes.store(control.announced_bytes.load(std::memory_order_relaxed), std::memory_order_release);
  }

  [[nodiscard]] bool aborted() const noexcept { return control.stop.load(std::memory_order_relaxed) == Stop::now; }
};

}  // namespace pipebench
