// One end of a stream: what it is made from, what it returns, and the descriptor at the end of each strategy file.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pipebench/model/case.hpp"
#include "pipebench/model/strategy.hpp"
#include "pipebench/strategies/link.hpp"
#include "pipebench/system/memory.hpp"
#include "pipebench/system/pipe.hpp"

namespace pipebench {

/// What the two ends of a stream give each other besides the bytes.
struct Exchange {
  std::span<const Pipe> returns;             ///< `recycle`: the pipes back to the writer, one a stripe
  std::atomic<const std::byte*>& sent_from;  ///< where the writer's contiguous buffers begin; null until they exist
  int out = -1;  ///< `stdout` behind `stdin`: the writing end of the pipe that bytes are passed on to
  std::span<const Pipe> pipes = {};  ///< what the bytes go through, where that has more than descriptors (`shm`)
};

/// What an end is made from, in the thread that runs it.
struct EndSetup {
  const CaseSpec& spec;
  const StrategyInfo& info;
  Exchange exchange;
  const StrategyInfo* reader = nullptr;  ///< of the stream: decides what a writer must wait for; null: there is none
  bool input = false;                    ///< readers: another program writes
  Purpose purpose = Purpose::measure;
  /// Verification: holds the reader back until the writer cannot go on without it. `held`: bytes that the reader took
  /// out of the pipes and has not counted yet.
  std::function<void(std::size_t held)> reader_delay = {};
  /// Is the end no longer wanted? To be asked by whatever takes long in a constructor.
  std::function<bool()> cancelled = {};
  const PageSizes& page_sizes = page_sizes_here();
};

/// This end of the pipe that a turn uses.
struct PipeEnd {
  int fd;
  std::size_t stripe;  ///< which of the stream's pipes it is
};

/// Watches when bytes are sent and taken (--latency). Bytes of the stream are counted from 0 in each phase.
class TransferClock {
 public:
  virtual ~TransferClock() = default;
  /// A writer calls it before each step, with the bytes that it has sent so far; a reader after each step that took
  /// some, with those that it has taken so far.
  virtual void note(std::uint64_t bytes) noexcept = 0;
};

/// One phase (verification, warm-up or measurement) of one end.
struct Phase {
  Link& link;
  std::span<const int> pipes;            ///< this end's descriptors, used in turn
  std::uint64_t byte_target = no_limit;  ///< bytes to send; no_limit: until told to finish
  /// Where this end counts what it has moved; null: in the link, as the only one of its role.
  Link::Progress* progress = nullptr;
  TransferClock* clock = nullptr;  ///< null: nobody wants to know
};

/// The first 8 bytes that did not arrive as they were sent.
struct Mismatch {
  std::uint64_t offset = 0;  ///< in the stream
  std::uint64_t expected = 0;
  std::uint64_t found = 0;
};

/// What an end did in one phase. Lives on its thread's stack while the loop runs.
struct Tally {
  std::uint64_t bytes = 0;
  std::uint64_t calls = 0;
  std::uint64_t short_calls = 0;
  std::uint64_t would_block = 0;
  std::uint64_t waits = 0;
  std::uint64_t checksum = 0;  ///< of the reader; kept so that the compiler does not remove the work
  std::uint64_t end_ns = 0;    ///< monotonic, after the last byte
  std::optional<Mismatch> mismatch;
  int error = 0;             ///< errno of the transfer that ended the phase early, or 0
  bool end_of_file = false;  ///< a transfer returned 0 before the last byte
};

/// How a turn ended.
enum class Turn : std::uint8_t {
  moved,    ///< all that it was to move was moved
  blocked,  ///< it would have to wait for the rest, or was interrupted by a signal
  over,     ///< the phase is over, or a transfer failed
};

class End {
 public:
  virtual ~End() = default;
  /// Moves bytes until the phase is over. Does not throw; a failed transfer is in the tally.
  virtual Tally run(const Phase& phase) = 0;

  /// The same turn by turn, for a caller that owns both ends of non-blocking pipes: begin() once, then turn() as often
  /// as needed. A turn never waits. That of a writer sends up to a buffer, but no more than `most` bytes; that of a
  /// reader takes `most` bytes, which must be there. The calls of such turns do not fail with EAGAIN.
  virtual void begin(const Phase& phase) = 0;
  virtual Turn turn(std::uint64_t most) = 0;
  /// Of all turns since begin().
  [[nodiscard]] virtual const Tally& tally() const noexcept = 0;

  /// The same in whole buffers, with the waiting of run(): a writer sends its next buffer, a reader takes as much, or
  /// what is left of the phase. After begin(), as often as needed. False: the phase was aborted, or a transfer failed.
  [[nodiscard]] virtual bool move_buffer() = 0;

  /// What it sends from or receives into; empty when it needs none.
  [[nodiscard]] virtual const BufferSet& buffers() const noexcept = 0;
  /// The kind of pages it really got, as in Obtained.
  [[nodiscard]] virtual std::optional<ObtainedPages> obtained_pages(const Smaps& smaps) const = 0;
};

/// A strategy: the const object at the end of its file. src/strategies/meson.build lists them.
struct StrategyDescriptor {
  StrategyInfo info;
  /// May throw; the message then says why the strategy cannot run here.
  std::unique_ptr<End> (*make)(const EndSetup& setup);
};

}  // namespace pipebench
