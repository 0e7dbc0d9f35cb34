// One end of a stream: what the engine gives it, what it gives back, and the descriptor that a strategy file ends in.
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

/// What the two ends of a stream hand each other besides the bytes.
struct Exchange {
  std::span<const Pipe> returns;             ///< `recycle`: the way back, one pipe a stripe
  std::atomic<const std::byte*>& sent_from;  ///< where the writer's buffers begin, one after the other; null until then
};

/// What an end is made from, in the thread that will run it.
struct EndSetup {
  const CaseSpec& spec;
  const StrategyInfo& info;
  Exchange exchange;
  Purpose purpose = Purpose::measure;
  /// Verification only: returns when the writer has come as far as it can without this reader, who holds so many bytes
  /// that it took out of the pipes and has not counted yet.
  std::function<void(std::size_t held)> linger = {};
  /// Is the end no longer wanted? For whatever takes long while it is made.
  std::function<bool()> cancelled = {};
  const PageSizes& page_sizes = page_sizes_here();
};

/// The pipe that a turn uses.
struct Lane {
  int pipe;           ///< this end's descriptor
  std::size_t index;  ///< which stripe
};

/// One phase (verification, warm-up or measurement) of one end.
struct Phase {
  Link& link;
  std::span<const int> pipes;            ///< this end's descriptors, used in turn
  std::uint64_t byte_target = no_limit;  ///< bytes to send; no_limit: until told to finish
};

/// The first bytes that arrived other than they were sent.
struct Damage {
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
  std::uint64_t checksum = 0;  ///< of the reader; keeps the compiler from leaving the work out
  std::uint64_t end_ns = 0;    ///< monotonic, after the last byte
  std::optional<Damage> damage;
  int error = 0;             ///< errno of the transfer that ended the phase early, or 0
  bool end_of_file = false;  ///< a transfer returned 0 before the last byte
};

/// How a turn ended.
enum class Turn : std::uint8_t {
  moved,    ///< all that it wanted
  blocked,  ///< it would have had to wait, or a signal came
  over,     ///< the phase ended, or a transfer failed
};

class End {
 public:
  virtual ~End() = default;
  /// Moves bytes until the phase is over. Never throws; a failed transfer is in the tally.
  virtual Tally run(const Phase& phase) = 0;

  /// The same turn by turn, for somebody who owns both ends of pipes that do not block: begin(), and then turn() as
  /// often as wanted. A turn moves up to a buffer and never waits.
  virtual void begin(const Phase& phase) = 0;
  virtual Turn turn() = 0;
  /// What the turns since begin() came to.
  [[nodiscard]] virtual const Tally& tally() const noexcept = 0;

  /// What it sends from or receives into; empty when it needs none.
  [[nodiscard]] virtual const BufferSet& buffers() const noexcept = 0;
  /// The kind of pages it really got, as in Obtained.
  [[nodiscard]] virtual std::string obtained_pages(const Smaps& smaps) const = 0;
};

/// The const object at the end of each strategy file; src/strategies/meson.build lists them.
struct StrategyDescriptor {
  StrategyInfo info;
  /// May throw; what it says is then why the strategy cannot run here.
  std::unique_ptr<End> (*make)(const EndSetup& setup);
};

}  // namespace pipebench
