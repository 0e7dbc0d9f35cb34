// One end of a stream: what the engine gives it, what it gives back, and the descriptor that a strategy file ends in.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "pipebench/model/case.hpp"
#include "pipebench/model/strategy.hpp"
#include "pipebench/strategies/link.hpp"
#include "pipebench/system/memory.hpp"

namespace pipebench {

/// One phase (warm-up or measurement) of one end.
struct Phase {
  Link& link;
  std::span<const int> pipes;            ///< this end's descriptors, used in turn
  std::uint64_t byte_target = no_limit;  ///< bytes to send; no_limit: until told to finish
};

/// What an end did in one phase. Lives on its thread's stack while the loop runs.
struct Tally {
  std::uint64_t bytes = 0;
  std::uint64_t calls = 0;
  std::uint64_t short_calls = 0;
  std::uint64_t would_block = 0;
  std::uint64_t waits = 0;
  std::uint64_t end_ns = 0;  ///< monotonic, after the last byte
  int error = 0;             ///< errno of the transfer that ended the phase early, or 0
  bool end_of_file = false;  ///< a transfer returned 0 before the last byte
};

class End {
 public:
  virtual ~End() = default;
  /// Moves bytes until the phase is over. Never throws; a failed transfer is in the tally.
  virtual Tally run(const Phase& phase) = 0;
  /// What it sends from or receives into; empty when it needs none.
  [[nodiscard]] virtual const BufferSet& buffers() const noexcept = 0;
};

/// The const object at the end of each strategy file; src/strategies/meson.build lists them.
struct StrategyDescriptor {
  StrategyInfo info;
  /// Why it cannot run here, as a sentence; empty when it can. Tried once per run, on the real kernel.
  std::string (*probe)();
  std::unique_ptr<End> (*make)(const CaseSpec& spec);
};

}  // namespace pipebench
