// The thread of one end: pinned, prepared, warmed up, measured.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/stage.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

/// What one end found out. Read after the thread has ended.
struct EndReport {
  Tally tally;  ///< of the measured phase, or of the warm-up when that failed
  std::uint64_t start_ns = 0;
  EndCounters counters;
  std::string pages;
  std::vector<int> nodes;  ///< NUMA nodes that hold its buffers, ascending
  std::string failure;     ///< a sentence, empty when all went well
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
  std::vector<int> pipes;
  std::vector<int> writing_ends = {};  ///< of the same pipes, for a reader that verifies
};

class EndThread {
 public:
  EndThread(const Topology& topology, Stage& stage, EndTask task);
  /// Joins: the owner aborts the stage first when the thread could still be at work.
  ~EndThread() = default;
  EndThread(const EndThread&) = delete;
  EndThread& operator=(const EndThread&) = delete;

  [[nodiscard]] bool done() const noexcept { return done_.load(std::memory_order_acquire); }
  /// Ends whatever call the thread sleeps in. May come too early to catch it: repeat until done().
  void kick() noexcept;
  /// After done().
  [[nodiscard]] const EndReport& report() const noexcept { return report_; }

 private:
  void work();
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
  std::atomic<bool> done_{false};
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pipebench
