// The two loops: the heart of the harness. A strategy is a `step`; these turn it into an end of a stream.
//
// Inside a loop there is no clock, no logging, no indirect call and no contended write: counters are locals, and
// progress is a store to a cache line that only this thread writes.
#pragma once

#include <poll.h>

#include <algorithm>
#include <utility>

#include "pipebench/base/clock.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/strategies/waiting.hpp"

namespace pipebench {

/// Bytes to move: where they are (null where user space cannot see them) and how many.
struct Piece {
  std::byte* data;
  std::size_t size;
};

/// Goes round 0, 1, ... count - 1, 0 without a division.
class Rotation {
 public:
  explicit Rotation(std::size_t count) noexcept : count_(count) {}
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  void advance() noexcept { index_ = index_ + 1 == count_ ? 0 : index_ + 1; }

 private:
  std::size_t count_;
  std::size_t index_ = 0;
};

/// Is the buffer that takes the total to `total` bytes the last? If it was decided just now, tells the reader.
inline bool is_last_buffer(Link& link, std::uint64_t total, std::uint64_t target) noexcept {
  if (total >= target) return true;
  if (link.control.command.load(std::memory_order_relaxed) == Command::go) return false;
  link.control.final_bytes.store(total, std::memory_order_release);
  return true;
}

/// `Strategy` has `ssize_t step(int pipe, Piece rest)`: moves some of `rest` into `pipe`; bytes, or -1 and errno.
template <class Strategy>
void writer_loop(Strategy& strategy, const CaseSpec& spec, const Phase& phase, Tally& tally) {
  const BufferSet& buffers = strategy.buffers();
  Rotation pipe(phase.pipes.size());
  Rotation buffer(buffers.starts().size());
  for (bool last = false; !last;) {
    const std::size_t size = std::min<std::uint64_t>(spec.buffer_bytes, phase.byte_target - tally.bytes);
    last = is_last_buffer(phase.link, tally.bytes + size, phase.byte_target);
    const int fd = phase.pipes[pipe.index()];
    for (Piece rest{buffers.start(buffer.index()), size}; rest.size > 0;) {
      const ssize_t moved = strategy.step(fd, rest);
      if (moved <= 0) [[unlikely]] {
        if (recover(moved, spec.wait, fd, POLLOUT, phase.link, tally)) continue;
        return;
      }
      const auto bytes = static_cast<std::size_t>(moved);
      ++tally.calls;
      tally.short_calls += bytes < rest.size;
      tally.bytes += bytes;
      phase.link.produced.bytes.store(tally.bytes, std::memory_order_release);
      rest = {rest.data + bytes, rest.size - bytes};
    }
    pipe.advance();
    buffer.advance();
  }
}

/// `Strategy` has `ssize_t step(int pipe, std::size_t limit)`: takes up to `limit` bytes out of `pipe`; bytes, 0 at the
/// end of file, or -1 and errno.
template <class Strategy>
void reader_loop(Strategy& strategy, const CaseSpec& spec, const Phase& phase, Tally& tally) {
  const int fd = phase.pipes[0];
  do {
    const ssize_t moved = strategy.step(fd, spec.buffer_bytes);
    if (moved <= 0) [[unlikely]] {
      if (recover(moved, spec.wait, fd, POLLIN, phase.link, tally)) continue;
      return;
    }
    const auto bytes = static_cast<std::size_t>(moved);
    ++tally.calls;
    tally.short_calls += bytes < spec.buffer_bytes;
    tally.bytes += bytes;
    phase.link.consumed.bytes.store(tally.bytes, std::memory_order_release);
  } while (tally.bytes < phase.link.control.final_bytes.load(std::memory_order_acquire));
}

/// An end made of a strategy: constructible from CaseSpec, with a step as above and its `buffers()`.
template <Role role, class Strategy>
class EndOf final : public End {
 public:
  explicit EndOf(const CaseSpec& spec) : spec_(spec), strategy_(spec) {}

  Tally run(const Phase& phase) override {
    Tally tally;
    if constexpr (role == Role::writer) {
      writer_loop(strategy_, spec_, phase, tally);
    } else {
      reader_loop(strategy_, spec_, phase, tally);
    }
    tally.end_ns = monotonic_ns();
    return tally;
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept override { return strategy_.buffers(); }

 private:
  const CaseSpec& spec_;
  Strategy strategy_;
};

/// For descriptors: makes the end in the thread that will run it.
template <Role role, class Strategy>
std::unique_ptr<End> make_end(const CaseSpec& spec) {
  return std::make_unique<EndOf<role, Strategy>>(spec);
}

/// For descriptors of strategies that every kernel has.
inline std::string always_available() { return {}; }

/// The buffers that a writer sends from, as the case asks for them.
[[nodiscard]] inline BufferSet writer_buffers(const CaseSpec& spec) {
  return BufferSet({.bytes = spec.buffer_bytes,
                    .count = spec.buffers,
                    .pages = spec.pages,
                    .contiguous = spec.contiguous,
                    .touch = !spec.no_touch,
                    .lock = spec.lock});
}

/// The one buffer that a reader receives into.
[[nodiscard]] inline BufferSet reader_buffer(const CaseSpec& spec) {
  return BufferSet(
      {.bytes = spec.buffer_bytes, .count = 1, .pages = spec.pages, .contiguous = false, .touch = !spec.no_touch, .lock = spec.lock});
}

}  // namespace pipebench
