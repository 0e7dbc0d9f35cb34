// What one end of a sample does, in whatever runs it: it is pinned, prepared, warmed up and measured.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/stage.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

/// What one end found out.
struct EndReport {
  Tally tally;  ///< of the measured phase, or of the warm-up when that failed
  std::uint64_t start_ns = 0;
  EndCounters counters;
  std::string pages;         ///< as in Obtained
  std::string wanted_pages;  ///< what `pages` says when it got the kind that it asked for
  std::vector<int> nodes;    ///< NUMA nodes that hold its buffers, ascending
  std::string failure;       ///< a sentence, empty when all went well
  std::vector<std::string> notes;
  std::vector<std::string> misses;
};

/// What one end is to do.
struct EndTask {
  const StrategyDescriptor& strategy;
  const CaseSpec& spec;
  std::size_t stream = 0;  ///< of the stage
  Purpose purpose = Purpose::measure;
  std::optional<int> cpu;               ///< not pinned when empty
  std::optional<int> memory_node = {};  ///< where its memory is to be, when bound to one node
  bool counters = true;
  std::vector<int> pipes;              ///< this end's descriptors
  std::vector<int> writing_ends = {};  ///< of the same pipes, for a reader that verifies
  std::span<const Pipe> returns = {};  ///< `recycle`: the way back
};

class EndWork {
 public:
  EndWork(const Topology& topology, Stage& stage, EndTask task);

  /// All of it, in the calling thread. What goes wrong is in the report, and aborts the stage.
  void run() noexcept;
  /// After run().
  [[nodiscard]] const EndReport& report() const noexcept { return report_; }

 private:
  void run_phases();
  void bind_memory();
  void measure(End& end);
  void look_at_memory(const End& end);
  [[nodiscard]] bool run_phase(End& end, Link& link, std::uint64_t bytes, unsigned number);

  const Topology& topology_;
  Stage& stage_;
  StreamShare& stream_;
  EndTask task_;
  EndReport report_;
};

}  // namespace pipebench
