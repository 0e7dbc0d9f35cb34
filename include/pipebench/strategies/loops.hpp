// The two loops: the heart of the harness. A strategy is a `step`; the loops make an end of a stream of it.
//
// Inside a loop there is no clock (but with --latency), no logging, no indirect call and no contended write: counters
// are locals, and progress is a store to a cache line that only this thread writes. run() and turn() share the parts of
// a turn, which are always inlined: with calls, the state of the loop would not stay in registers.
#pragma once

#include <poll.h>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "pipebench/base/clock.hpp"
#include "pipebench/model/memory_need.hpp"
#include "pipebench/strategies/content.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/strategies/waiting.hpp"

namespace pipebench {

/// Bytes to move. The address is only a stand-in where user space cannot see them.
struct Piece {
  std::byte* data;
  std::size_t size;
};

/// Counts 0, 1, ... count - 1, 0 without a division.
class Rotation {
 public:
  explicit Rotation(std::size_t count) noexcept : count_(count) {}
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  void advance() noexcept { index_ = index_ + 1 == count_ ? 0 : index_ + 1; }

 private:
  std::size_t count_;
  std::size_t index_ = 0;
};

/// Is the buffer that ends at byte `total` the last? If so, tells the reader. After Stop::after_buffer, the last is one
/// that ends at a multiple of `rotation`.
inline bool is_last_buffer(Link& link, std::uint64_t total, std::uint64_t target, std::uint64_t rotation) noexcept {
  if (total >= target) return true;
  const Stop stop = link.control.stop.load(std::memory_order_relaxed);
  if (stop == Stop::no || (stop == Stop::after_buffer && total % rotation != 0)) return false;
  link.announce_end(total);
  return true;
}

/// What a case asks of the loops, besides steps. Tested once a turn.
struct WriterPolicy {
  Fill fill = Fill::nothing;
  std::uint64_t rotation = 1;       ///< a phase ends at a multiple of so many bytes
  std::uint64_t window = no_limit;  ///< bytes in flight allowed by the shared counters; no_limit: not limited
  bool credit = false;
  std::uint64_t capacity = no_limit;  ///< with credit: bytes that the pipes hold
  bool publishes_intent = false;      ///< verification
};
struct ReaderPolicy {
  Look look = Look::nothing;
  bool credit = false;
  bool announced = false;  ///< no pipe makes the reader wait, so it takes only what the writer has counted
  /// Another program writes. It does not know which byte is the last, and may pause after it: so the reader asks for no
  /// more than is wanted, and notes when each transfer was over.
  bool input = false;
};

/// What the case and the purpose ask for.
[[nodiscard]] WriterPolicy writer_policy(const EndSetup& setup);
[[nodiscard]] ReaderPolicy reader_policy(const EndSetup& setup);

/// stamp(), in pieces, as a gigabyte takes a second. False: aborted.
[[nodiscard]] inline bool stamp_unless_aborted(Piece piece, std::uint64_t offset, const Link& link) noexcept {
  constexpr std::size_t most_at_once = std::size_t{4} << 20U;
  for (std::size_t done = 0; done < piece.size; done += most_at_once) {
    if (link.aborted()) return false;
    stamp(piece.data + done, std::min(most_at_once, piece.size - done), offset + done);
  }
  return true;
}

/// False: aborted.
[[nodiscard]] inline bool fill_buffer(Fill fill, Piece piece, std::uint64_t offset, const Link& link) noexcept {
  if (fill == Fill::fresh) fill_fresh(piece.data, piece.size, offset);
  if (fill == Fill::page_numbers) number_pages(piece.data, piece.size, offset);
  return fill != Fill::numbered || stamp_unless_aborted(piece, offset, link);
}

/// With a window: spins until the reader has consumed so much that the bytes up to `total` may be sent. False: aborted.
[[nodiscard]] inline bool await_window(const WriterPolicy& policy, std::uint64_t total, Link& link,
                                       Tally& tally) noexcept {
  if (policy.window == no_limit) return true;
  const std::uint64_t needed = std::max(total, policy.window) - policy.window;
  if (policy.publishes_intent) link.intent.awaits.store(needed, std::memory_order_release);
  return spin_until(link.consumed.bytes, link, tally, [&](std::uint64_t consumed) { return consumed >= needed; });
}

inline void look_at(Look look, const std::byte* data, std::size_t size, Tally& tally) noexcept {
  if (look == Look::checksum) tally.checksum += checksum(data, size);
  if (look == Look::verify && !tally.mismatch) tally.mismatch = find_mismatch(data, size, tally.bytes);
}

/// How many of the `given` bytes the last step asked the kernel to move. A strategy that may ask for less has
/// `std::size_t asked()`.
template <class Strategy>
[[nodiscard]] std::size_t asked_of(const Strategy& strategy, std::size_t given) noexcept {
  if constexpr (requires { strategy.asked(); }) return strategy.asked();
  return given;
}

/// The writer's loop over one phase. `Strategy` has `ssize_t step(PipeEnd pipe, Piece rest)`: moves some of `rest` into
/// the pipe; bytes, or -1 and errno. What is a buffer here may be several of the case (step_bytes()). It may have `void
/// renew(Piece buffer)`: makes the pages new before they are filled; and `void stage(Piece rest)`: touches memory of
/// its own before a step.
template <class Strategy>
class WriterLoop {
 public:
  /// All of the arguments outlive it.
  WriterLoop(Strategy& strategy, const EndSetup& setup, const Phase& phase, Tally& tally)
      : strategy_(strategy),
        spec_(setup.spec),
        step_bytes_(step_bytes(setup.info, setup.spec)),
        policy_(writer_policy(setup)),
        phase_(phase),
        tally_(tally),
        progress_(phase.progress != nullptr ? *phase.progress : phase.link.produced),
        stripe_(phase.pipes.size()),
        buffer_(strategy.buffers().starts().size()) {}

  /// Runs until the phase is over.
  void run() {
    while (!last_ && move_buffer()) {
    }
  }

  /// As End::move_buffer().
  [[gnu::always_inline]] bool move_buffer() {
    if (!begin_buffer()) return false;
    while (rest_.size > 0) {
      const ssize_t moved = step(rest_);
      if (moved > 0) [[likely]] {
        count(moved, rest_.size);
      } else if (!wait(moved)) {
        return false;
      }
    }
    return true;
  }

  /// Sends a buffer, or what is left of it, but no more than `most` bytes, without waiting. What a program does for
  /// each buffer (renewing pages, new bytes) is done for each piece, so that turns are alike.
  Turn turn(std::uint64_t most) {
    if (rest_.size == 0) {
      if (last_) return Turn::over;
      next_buffer();
    }
    Piece piece{rest_.data, std::min<std::uint64_t>(rest_.size, most)};
    if (!prepare(piece)) return Turn::over;
    while (piece.size > 0) {
      const ssize_t moved = step(piece);
      if (moved <= 0) return turn_after_failure(moved, phase_.link, tally_);
      count(moved, piece.size);
      piece = {rest_.data, piece.size - static_cast<std::size_t>(moved)};
    }
    return Turn::moved;
  }

 private:
  // False: aborted.
  [[gnu::always_inline]] bool begin_buffer() {
    next_buffer();
    return prepare(rest_);
  }
  [[gnu::always_inline]] void next_buffer() {
    const std::size_t size = std::min<std::uint64_t>(step_bytes_, phase_.byte_target - tally_.bytes);
    last_ = is_last_buffer(phase_.link, tally_.bytes + size, phase_.byte_target, policy_.rotation);
    pipe_ = {.fd = phase_.pipes[stripe_.index()], .stripe = stripe_.index()};
    rest_ = {strategy_.buffers().start(buffer_.index()), size};
    stripe_.advance();
    buffer_.advance();
  }
  // What comes before the bytes may be sent. False: aborted.
  [[gnu::always_inline]] bool prepare(Piece piece) {
    if (!await_window(policy_, tally_.bytes + piece.size, phase_.link, tally_)) return false;
    if constexpr (requires { strategy_.renew(piece); }) strategy_.renew(piece);
    return policy_.fill == Fill::nothing || fill_buffer(policy_.fill, piece, tally_.bytes, phase_.link);
  }
  [[gnu::always_inline]] ssize_t step(Piece piece) {
    if (phase_.clock != nullptr) [[unlikely]]
      phase_.clock->note(tally_.bytes);
    constexpr bool stages = requires { strategy_.stage(piece); };
    if constexpr (stages) strategy_.stage(piece);
    // stage() may have prepared only a part of the piece, at least one byte.
    if (policy_.publishes_intent) phase_.link.intent.publish(tally_.bytes, tally_.bytes + (stages ? 1 : piece.size));
    return strategy_.step(pipe_, piece);
  }
  // After a step that was given so many bytes.
  [[gnu::always_inline]] void count(ssize_t moved, std::size_t given) {
    const auto bytes = static_cast<std::size_t>(moved);
    ++tally_.calls;
    tally_.short_calls += bytes < asked_of(strategy_, given);
    tally_.bytes += bytes;
    progress_.bytes.store(tally_.bytes, std::memory_order_release);
    rest_ = {rest_.data + bytes, rest_.size - bytes};
  }
  // False: the phase is over.
  [[gnu::always_inline]] bool wait(ssize_t moved) {
    if (!recover(moved, spec_.wait, pipe_.fd, POLLOUT, phase_.link, tally_)) return false;
    const auto room = [&](std::uint64_t consumed) { return tally_.bytes - consumed < policy_.capacity; };
    if (policy_.credit) spin_briefly(phase_.link.consumed.bytes, tally_, room);
    return true;
  }

  Strategy& strategy_;
  const CaseSpec& spec_;
  const std::size_t step_bytes_;
  const WriterPolicy policy_;
  const Phase phase_;
  Tally& tally_;
  Link::Progress& progress_;
  Rotation stripe_;
  Rotation buffer_;
  PipeEnd pipe_{};
  Piece rest_{};
  bool last_ = false;
};

/// The reader's loop over one phase. `Strategy` has `ssize_t step(PipeEnd pipe, std::size_t limit)`: takes up to
/// `limit` bytes out of the pipe; bytes, 0 at the end of file, or -1 and errno; and `const std::byte*
/// seen(std::uint64_t offset)`: where the bytes are that the last step took, from the given offset of the stream.
template <class Strategy>
class ReaderLoop {
 public:
  /// All of the arguments outlive it.
  ReaderLoop(Strategy& strategy, const EndSetup& setup, const Phase& phase, Tally& tally)
      : strategy_(strategy),
        setup_(setup),
        policy_(reader_policy(setup)),
        phase_(phase),
        tally_(tally),
        progress_(phase.progress != nullptr ? *phase.progress : phase.link.consumed),
        stripe_(phase.pipes.size()),
        paced_(phase.pipes.size() > 1 || policy_.input),
        step_bytes_(step_bytes(setup.info, setup.spec)),
        left_of_turn_(step_bytes_) {
    if (policy_.input) left_of_turn_ = wanted_of_input();
    // Without it, verification would call intact what it has not looked at.
    static_assert(requires { strategy.seen(std::uint64_t{}); });
  }

  /// Runs until the phase is over.
  void run() {
    do {
      if (policy_.announced && !spin_until(phase_.link.produced.bytes, phase_.link, tally_, some())) return;
      const ssize_t moved = step(limit());
      if (moved > 0) [[likely]] {
        count(moved, limit());
      } else if (!wait(moved)) {
        return;
      }
    } while (!at_end());
  }

  /// As End::move_buffer().
  bool move_buffer() {
    const std::uint64_t goal = tally_.bytes + step_bytes_;
    while (tally_.bytes < goal && !at_end()) {
      const std::size_t rest = goal - tally_.bytes;
      const ssize_t moved = step(rest);
      if (moved > 0) [[likely]] {
        count(moved, rest);
      } else if (!wait(moved)) {
        return false;
      }
    }
    return true;
  }

  /// Takes `most` bytes, without waiting.
  Turn turn(std::uint64_t most) {
    for (const std::uint64_t goal = tally_.bytes + most; tally_.bytes < goal;) {
      const std::size_t given = std::min<std::uint64_t>(limit(), goal - tally_.bytes);
      const ssize_t moved = step(given);
      if (moved <= 0) return turn_after_failure(moved, phase_.link, tally_);
      count(moved, given);
    }
    return at_end() ? Turn::over : Turn::moved;
  }

 private:
  // With one pipe, a step may cross the border of two buffers; asking for a whole buffer saves calls.
  [[nodiscard]] std::size_t limit() const noexcept { return paced_ ? left_of_turn_ : step_bytes_; }
  [[nodiscard]] std::size_t wanted_of_input() const noexcept {
    const std::uint64_t last = phase_.link.control.final_bytes.load(std::memory_order_acquire);
    return std::min(step_bytes_, last - std::min(last, tally_.bytes));
  }
  // Works left_of_turn_ out.
  void pace(std::size_t bytes) noexcept {
    if (policy_.input) {
      tally_.end_ns = monotonic_ns();
      left_of_turn_ = wanted_of_input();
    } else if ((left_of_turn_ -= bytes) == 0) {
      stripe_.advance();
      left_of_turn_ = step_bytes_;
    }
  }
  [[nodiscard]] PipeEnd pipe() const noexcept {
    return {.fd = phase_.pipes[stripe_.index()], .stripe = stripe_.index()};
  }
  [[nodiscard]] auto some() const noexcept {
    return [this](std::uint64_t produced) { return produced > tally_.bytes; };
  }
  [[nodiscard]] bool at_end() const noexcept {
    return tally_.bytes >= phase_.link.control.final_bytes.load(std::memory_order_acquire);
  }
  [[gnu::always_inline]] ssize_t step(std::size_t most) {
    if (policy_.look == Look::verify) setup_.reader_delay(0);
    return strategy_.step(pipe(), most);
  }
  // After a step that was given so many bytes.
  [[gnu::always_inline]] void count(ssize_t moved, std::size_t given) {
    const auto bytes = static_cast<std::size_t>(moved);
    if (phase_.clock != nullptr) [[unlikely]]
      phase_.clock->note(tally_.bytes + bytes);
    if (policy_.look != Look::nothing) look_at(policy_.look, strategy_.seen(tally_.bytes), bytes, tally_);
    ++tally_.calls;
    tally_.short_calls += bytes < asked_of(strategy_, given);
    tally_.bytes += bytes;
    progress_.bytes.store(tally_.bytes, std::memory_order_release);
    if (paced_) pace(bytes);
  }
  // False: the phase is over.
  [[gnu::always_inline]] bool wait(ssize_t moved) {
    if (!recover(moved, setup_.spec.wait, pipe().fd, POLLIN, phase_.link, tally_)) return false;
    if (policy_.credit) spin_briefly(phase_.link.produced.bytes, tally_, some());
    return true;
  }

  Strategy& strategy_;
  const EndSetup& setup_;
  const ReaderPolicy policy_;
  const Phase phase_;
  Tally& tally_;
  Link::Progress& progress_;
  Rotation stripe_;
  const bool paced_;
  const std::size_t step_bytes_;
  std::size_t left_of_turn_;
};

/// An end made of a strategy: constructible from EndSetup, with a step as above and its `buffers()`.
template <Role role, class Strategy>
class EndOf final : public End {
 public:
  explicit EndOf(const EndSetup& setup) : setup_(setup), strategy_(setup) {}

  Tally run(const Phase& phase) override {
    Tally tally;
    Loop(strategy_, setup_, phase, tally).run();
    if (tally.end_ns == 0) tally.end_ns = monotonic_ns();
    return tally;
  }
  void begin(const Phase& phase) override {
    tally_ = {};
    loop_.emplace(strategy_, setup_, phase, tally_);
  }
  Turn turn(std::uint64_t most) override { return loop_->turn(most); }
  bool move_buffer() override { return loop_->move_buffer(); }
  [[nodiscard]] const Tally& tally() const noexcept override { return tally_; }
  [[nodiscard]] const BufferSet& buffers() const noexcept override { return strategy_.buffers(); }
  [[nodiscard]] std::optional<ObtainedPages> obtained_pages(const Smaps& smaps) const override {
    if constexpr (requires { strategy_.obtained_pages(smaps); }) return strategy_.obtained_pages(smaps);
    return strategy_.buffers().obtained_pages(smaps);
  }

 private:
  using Loop = std::conditional_t<role == Role::writer, WriterLoop<Strategy>, ReaderLoop<Strategy>>;

  const EndSetup setup_;
  Strategy strategy_;
  // Of a phase that is taken turn by turn.
  Tally tally_;
  std::optional<Loop> loop_;
};

/// For descriptors: makes the end, in the thread that runs it.
template <Role role, class Strategy>
std::unique_ptr<End> make_end(const EndSetup& setup) {
  return std::make_unique<EndOf<role, Strategy>>(setup);
}

/// The flags of splice(2), vmsplice(2) and tee(2) that the case asks for; vmsplice() and tee() do not look at
/// O_NONBLOCK.
[[nodiscard]] unsigned splice_flags(const CaseSpec& spec, unsigned gift_flag = 0);

/// What an end allocates, as in memory_need.hpp; given up when the end is no longer wanted.
[[nodiscard]] BufferRequest writer_buffers(const EndSetup& setup);
[[nodiscard]] BufferRequest reader_buffer(const EndSetup& setup);
[[nodiscard]] BufferRequest further_buffer(const EndSetup& setup);

}  // namespace pipebench
