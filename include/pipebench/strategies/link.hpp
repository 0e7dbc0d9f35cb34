// All that the two ends of a stream share: one plain struct, so that it can lie in memory that two processes map.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace pipebench {

/// Far enough apart that neither the line nor the adjacent-line prefetcher makes two writers meet.
inline constexpr std::size_t no_sharing = 128;

/// Whether, and when, the ends are to stop.
enum class Stop : std::uint32_t {
  no,
  after_buffer,  ///< the writer sends one more buffer, the reader ends with it
  now,           ///< whatever is still in the pipe
};

inline constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

struct Link {
  /// Read by both ends at every turn and written a few times a sample, so it stays in both caches.
  struct alignas(no_sharing) Control {
    std::atomic<Stop> stop{Stop::no};
    /// Bytes after which the sample is over. The writer publishes it before it sends the last of them, so the
    /// reader knows its last byte when it sees it, and nobody has to wait for an end of file.
    std::atomic<std::uint64_t> final_bytes{no_limit};
  } control;

  /// Bytes that one end has moved in this phase; on a line of its own, written by that end only.
  struct alignas(no_sharing) Progress {
    std::atomic<std::uint64_t> bytes{0};
  } produced, consumed;

  /// What the writer is about to do, when it is verified; a reader that waits until the writer can do no more without
  /// it goes by this.
  struct alignas(no_sharing) Intent {
    /// The next transfer begins with this byte of the stream, and the memory of all bytes before `end` is as it will be
    /// sent.
    std::atomic<std::uint64_t> begin{0};
    std::atomic<std::uint64_t> end{0};
    void tell(std::uint64_t first, std::uint64_t behind_last) noexcept {
      end.store(behind_last, std::memory_order_release);  // first: an old begin with it claims nothing that is not so
      begin.store(first, std::memory_order_release);
    }
    /// It waits until the reader's count has come so far.
    std::atomic<std::uint64_t> awaits{0};
  } intent;

  [[nodiscard]] bool aborted() const noexcept { return control.stop.load(std::memory_order_relaxed) == Stop::now; }
};

}  // namespace pipebench
