// The two loops: the heart of the harness. A strategy is a `step`; these turn it into an end of a stream.
//
// Inside a loop there is no clock, no logging, no indirect call and no contended write: counters are locals, and
// progress is a store to a cache line that only this thread writes.
#pragma once

#include <poll.h>

#include <algorithm>
#include <utility>

#include "pipebench/base/clock.hpp"
#include "pipebench/strategies/content.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/strategies/waiting.hpp"

namespace pipebench {

/// Bytes to move: where they are (an address that stands for them where user space cannot see them) and how many.
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
/// It is told to finish at multiples of `rotation` only.
inline bool is_last_buffer(Link& link, std::uint64_t total, std::uint64_t target, std::uint64_t rotation) noexcept {
  if (total >= target) return true;
  const Stop stop = link.control.stop.load(std::memory_order_relaxed);
  if (stop == Stop::no || (stop == Stop::after_buffer && total % rotation != 0)) return false;
  link.control.final_bytes.store(total, std::memory_order_release);
  return true;
}

/// Which words of the two loops a case uses. All of them are asked for once a buffer, not once a byte.
struct WriterManners {
  Fill fill = Fill::nothing;
  std::uint64_t rotation = 1;  ///< a phase ends after a multiple of so many bytes
  std::uint64_t window =
      no_limit;  ///< bytes that may be in flight, by the shared counters; no_limit: the pipe alone decides
  bool credit = false;
  std::uint64_t capacity = no_limit;  ///< with credit: bytes that the pipes hold
  bool tells = false;                 ///< verification: says what it is about to do
};
struct ReaderManners {
  Look look = Look::nothing;
  bool credit = false;
  bool announced = false;  ///< there is no pipe that would make it wait: only what was counted may be taken
};

inline void fill_buffer(Fill fill, Piece piece, std::uint64_t offset) noexcept {
  if (fill == Fill::fresh) fill_fresh(piece.data, piece.size, offset);
  if (fill == Fill::page_numbers) number_pages(piece.data, piece.size, offset);
  if (fill == Fill::numbered) stamp(piece.data, piece.size, offset);
}

/// With a window: spins until the reader has counted so much that `total` bytes may have been sent. False: aborted.
[[nodiscard]] inline bool await_window(const WriterManners& manners, std::uint64_t total, Link& link,
                                       Tally& tally) noexcept {
  if (manners.window == no_limit) return true;
  const std::uint64_t needed = std::max(total, manners.window) - manners.window;
  if (manners.tells) link.intent.awaits.store(needed, std::memory_order_release);
  return spin_until(link.consumed.bytes, link, tally, [&](std::uint64_t consumed) { return consumed >= needed; });
}

inline void look_at(Look look, const std::byte* data, std::size_t size, Tally& tally) noexcept {
  if (look == Look::checksum) tally.checksum += checksum(data, size);
  if (look == Look::verify && !tally.damage) tally.damage = find_damage(data, size, tally.bytes);
}

/// What the last step asked the kernel for, out of the `given` bytes. A strategy whose calls may ask for less than they
/// are given has `std::size_t asked()`.
template <class Strategy>
[[nodiscard]] std::size_t asked_of(const Strategy& strategy, std::size_t given) noexcept {
  if constexpr (requires { strategy.asked(); }) return strategy.asked();
  return given;
}

/// `Strategy` has `ssize_t step(Lane lane, Piece rest)`: moves some of `rest` into the lane's pipe; bytes, or -1 and
/// errno. It may have `void renew(Piece buffer)`: makes the pages new before they are filled; and `void stage(Piece
/// rest)`: touches memory of its own before a step.
template <class Strategy>
void writer_loop(Strategy& strategy, const CaseSpec& spec, const WriterManners& manners, const Phase& phase,
                 Tally& tally) {
  const BufferSet& buffers = strategy.buffers();
  Rotation pipe(phase.pipes.size());
  Rotation buffer(buffers.starts().size());
  for (bool last = false; !last;) {
    const std::size_t size = std::min<std::uint64_t>(spec.buffer_bytes, phase.byte_target - tally.bytes);
    last = is_last_buffer(phase.link, tally.bytes + size, phase.byte_target, manners.rotation);
    const Lane lane{.pipe = phase.pipes[pipe.index()], .index = pipe.index()};
    Piece rest{buffers.start(buffer.index()), size};
    if (!await_window(manners, tally.bytes + size, phase.link, tally)) return;
    if constexpr (requires { strategy.renew(rest); }) strategy.renew(rest);
    if (manners.fill != Fill::nothing) fill_buffer(manners.fill, rest, tally.bytes);
    while (rest.size > 0) {
      if constexpr (requires { strategy.stage(rest); }) strategy.stage(rest);
      if (manners.tells) phase.link.intent.sends.store(tally.bytes + 1, std::memory_order_release);
      const ssize_t moved = strategy.step(lane, rest);
      if (moved <= 0) [[unlikely]] {
        if (!recover(moved, spec.wait, lane.pipe, POLLOUT, phase.link, tally)) return;
        const auto room = [&](std::uint64_t consumed) { return tally.bytes - consumed < manners.capacity; };
        if (manners.credit) watch_for(phase.link.consumed.bytes, tally, room);
        continue;
      }
      const auto bytes = static_cast<std::size_t>(moved);
      ++tally.calls;
      tally.short_calls += bytes < asked_of(strategy, rest.size);
      tally.bytes += bytes;
      phase.link.produced.bytes.store(tally.bytes, std::memory_order_release);
      rest = {rest.data + bytes, rest.size - bytes};
    }
    pipe.advance();
    buffer.advance();
  }
}

/// `Strategy` has `ssize_t step(Lane lane, std::size_t limit)`: takes up to `limit` bytes out of the lane's pipe;
/// bytes, 0 at the end of file, or -1 and errno. Where user space can see them it has `const std::byte*
/// seen(std::uint64_t offset)`: where the bytes are that the last step took, from the given offset of the stream.
template <class Strategy>
void reader_loop(Strategy& strategy, const CaseSpec& spec, const ReaderManners& manners, const Phase& phase,
                 const std::function<void(std::size_t)>& linger, Tally& tally) {
  // Without it, verification would call intact what it has not looked at.
  static_assert(requires { strategy.seen(std::uint64_t{}); });
  Rotation pipe(phase.pipes.size());
  const bool striped = phase.pipes.size() > 1;
  std::size_t left_of_turn = spec.buffer_bytes;
  do {
    const Lane lane{.pipe = phase.pipes[pipe.index()], .index = pipe.index()};
    // With one pipe, turns need no borders, and asking for a whole buffer saves calls.
    const std::size_t limit = striped ? left_of_turn : spec.buffer_bytes;
    const auto some = [&](std::uint64_t produced) { return produced > tally.bytes; };
    if (manners.announced && !spin_until(phase.link.produced.bytes, phase.link, tally, some)) return;
    if (manners.look == Look::verify) linger(0);
    const ssize_t moved = strategy.step(lane, limit);
    if (moved <= 0) [[unlikely]] {
      if (!recover(moved, spec.wait, lane.pipe, POLLIN, phase.link, tally)) return;
      if (manners.credit) watch_for(phase.link.produced.bytes, tally, some);
      continue;
    }
    const auto bytes = static_cast<std::size_t>(moved);
    if (manners.look != Look::nothing) look_at(manners.look, strategy.seen(tally.bytes), bytes, tally);
    ++tally.calls;
    tally.short_calls += bytes < asked_of(strategy, limit);
    tally.bytes += bytes;
    phase.link.consumed.bytes.store(tally.bytes, std::memory_order_release);
    if (striped && (left_of_turn -= bytes) == 0) {
      pipe.advance();
      left_of_turn = spec.buffer_bytes;
    }
  } while (tally.bytes < phase.link.control.final_bytes.load(std::memory_order_acquire));
}

/// What the case and the purpose ask of each loop.
[[nodiscard]] WriterManners writer_manners(const EndSetup& setup);
[[nodiscard]] ReaderManners reader_manners(const EndSetup& setup);

/// An end made of a strategy: constructible from EndSetup, with a step as above and its `buffers()`.
template <Role role, class Strategy>
class EndOf final : public End {
 public:
  explicit EndOf(const EndSetup& setup) : setup_(setup), strategy_(setup) {}

  Tally run(const Phase& phase) override {
    Tally tally;
    if constexpr (role == Role::writer) {
      writer_loop(strategy_, setup_.spec, writer_manners(setup_), phase, tally);
    } else {
      reader_loop(strategy_, setup_.spec, reader_manners(setup_), phase, setup_.linger, tally);
    }
    tally.end_ns = monotonic_ns();
    return tally;
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept override { return strategy_.buffers(); }
  [[nodiscard]] std::string obtained_pages(const Smaps& smaps) const override {
    if constexpr (requires { strategy_.obtained_pages(smaps); }) return strategy_.obtained_pages(smaps);
    return strategy_.buffers().obtained_pages(smaps);
  }

 private:
  const EndSetup setup_;
  Strategy strategy_;
};

/// For descriptors: makes the end in the thread that will run it.
template <Role role, class Strategy>
std::unique_ptr<End> make_end(const EndSetup& setup) {
  return std::make_unique<EndOf<role, Strategy>>(setup);
}

/// The flags of splice(2), vmsplice(2) and tee(2) that the case asks for; vmsplice() and tee() do not look at
/// O_NONBLOCK.
[[nodiscard]] unsigned splice_flags(const CaseSpec& spec, unsigned gift_flag = 0);

/// The buffers that a writer sends from, as the case asks for them.
[[nodiscard]] BufferRequest writer_buffers(const EndSetup& setup);
/// The one buffer that a reader receives into.
[[nodiscard]] BufferRequest reader_buffer(const EndSetup& setup);

}  // namespace pipebench
