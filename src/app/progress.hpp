// The progress line on stderr.
//
// It is drawn between samples, with the speed of the last one. Whoever draws it takes a CPU from the ends of a pipe,
// and so does the terminal that shows it: on a machine with two CPUs, a line that went on during a sample would be part
// of what is measured. So a sample that goes on for longer than two seconds has it drawn once a second, and the one
// sample of a case in which another program takes part four times, as that may go on for hours.
//
// The cursor is never hidden: there is nothing to restore, whatever ends or stops the process. What remains is to take
// the line away, so that a shell's prompt begins a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/options.hpp"
#include "pipebench/engine/rounds.hpp"

namespace pipebench {

/// One at a time, of the main thread.
class ProgressLine : public RunObserver {
 public:
  /// Shown on a terminal that knows escape sequences, or as `when` says; never when `quiet`. `budget_seconds` run from
  /// the first sample on.
  ProgressLine(When when, bool quiet, std::optional<double> budget_seconds);
  ~ProgressLine() override;
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void before_sample(const CaseResult& result, const Progress& progress) override;
  void after_sample(const CaseResult& result, const Progress& progress) override;
  void during_sample(std::uint64_t bytes, double seconds) override;
  void after_round(unsigned /*round*/) override { clear(); }  // what follows the last one is no sample
  /// Takes the line away.
  void clear();

 private:
  friend class ProgressPause;
  [[nodiscard]] std::string status_text(const Progress& progress) const;
  [[nodiscard]] std::string speed_text(const CaseResult& result) const;
  void draw();

  bool shown_;
  bool dirty_ = false;
  std::optional<double> budget_seconds_;
  std::uint64_t begin_ns_ = 0;  // of the first sample or verification; 0 until then
  std::uint64_t start_ns_ = 0;  // of the verifications, and then of the samples
  std::string status_, name_, speed_;
  bool has_speed_ = true;                         // of the sample that goes on
  std::uint64_t drawn_ns_ = 0, drawn_bytes_ = 0;  // during a sample: the last time
  std::optional<double> last_gib_per_second_;     // of whichever case
};

/// While it exists, the progress line is not there, if there is one; then it comes back.
class ProgressPause {
 public:
  ProgressPause();
  ~ProgressPause();
  ProgressPause(const ProgressPause&) = delete;
  ProgressPause& operator=(const ProgressPause&) = delete;

 private:
  ProgressLine* line_;  // nullptr: there was none
};

}  // namespace pipebench
