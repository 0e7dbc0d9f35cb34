// The thread of one end: pinned, prepared, warmed up, measured.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

/// What both threads of a stream look at besides the link of the phase that runs.
struct Stage {
  Link warmup;
  Link measured;
  /// Phases begun: 1 when the warm-up runs, 2 when the measurement does. The controller's clock starts by it.
  std::atomic<unsigned> phases_begun{0};
  std::uint64_t warmup_bytes = no_limit;
  std::uint64_t measured_bytes = no_limit;
  Exchange exchange;
  /// Ends that have nothing more to do with the other's memory.
  std::atomic<unsigned> finished{0};
  /// Set when an end could not be started, so that the other does not wait for it.
  std::atomic<bool> abandoned{false};

  void abort() noexcept {
    for (Link* link : {&warmup, &measured}) link->control.command.store(Command::abort, std::memory_order_release);
  }
};

/// What one end found out. Read after the thread has ended.
struct EndReport {
  Tally tally;  ///< of the measured phase, or of the warm-up when that failed
  std::uint64_t start_ns = 0;
  EndCounters counters;
  std::string pages;
  std::optional<int> node;
  std::string failure;  ///< a sentence, empty when all went well
  std::vector<std::string> notes;
};

/// What one end is to do.
struct EndTask {
  const StrategyDescriptor& strategy;
  const CaseSpec& spec;
  Purpose purpose = Purpose::measure;
  std::optional<int> cpu;  ///< not pinned when empty
  bool counters = true;
  std::vector<int> pipes;
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
  void measure(End& end);
  [[nodiscard]] bool run_phase(End& end, Link& link, std::uint64_t bytes, unsigned number);

  const Topology& topology_;
  Stage& stage_;
  EndTask task_;
  EndReport report_;
  std::atomic<bool> done_{false};
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pipebench
