// What is done to run ends, from pinning to their reports, by whatever runs them.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "engine/end_work.hpp"
#include "engine/instruments.hpp"

namespace pipebench {

/// Of one end, of the two of a stream, or of one and another for the way back. Derived classes say how the bytes of a
/// phase are moved.
class EndRoutine {
 public:
  virtual ~EndRoutine() = default;
  EndRoutine(const EndRoutine&) = delete;
  EndRoutine& operator=(const EndRoutine&) = delete;

  /// Once, in the thread that is to run the ends. What fails is in the reports, and aborts the stage.
  void run() noexcept;
  /// One for each end, but for those of answers. Once, after run().
  [[nodiscard]] std::vector<EndReport> take_reports();

 protected:
  EndRoutine(const Topology& topology, Stage& stage) : topology_(topology), stage_(stage) {}
  /// In the constructor; the reader comes last.
  void add(EndTask task) { ends_.emplace_back(topology_, stage_, std::move(task)); }
  [[nodiscard]] std::span<EndWork> ends() noexcept { return ends_; }

  /// Runs the measured phase, and records what the thread found out about itself meanwhile.
  virtual void measure();

 private:
  static void take_over(EndReport& report, const EndReport& of_answers);
  void run_phases();
  /// False: aborted.
  [[nodiscard]] bool run_phase(unsigned number, Instruments* instruments = nullptr);

  /// Before the runners meet at the barrier of a phase.
  virtual void begin_phase(unsigned /*number*/) {}
  /// Leaves a tally in each end's report. `instruments`: null in the warm-up.
  virtual void move_bytes(unsigned number, Instruments* instruments) = 0;
  /// What the thread used in the phase.
  virtual void record_usage(const ThreadUsage& used) = 0;
  virtual void record_instruments(Instruments& instruments) = 0;

  const Topology& topology_;
  Stage& stage_;
  std::vector<EndWork> ends_;
};

}  // namespace pipebench
