// The progress line on stderr.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/options.hpp"
#include "pipebench/engine/rounds.hpp"

namespace pipebench {

class ProgressLine : public RunObserver {
 public:
  /// Shown on a terminal, or as `when` says; never when `quiet`. `budget_seconds` run from the first sample on.
  ProgressLine(When when, bool quiet, std::optional<double> budget_seconds);
  ~ProgressLine() override { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void before_sample(const Progress& progress) override;
  void after_round(unsigned /*round*/) override { clear(); }  // what is logged then begins a line
  /// Takes the line away.
  void clear();

 private:
  [[nodiscard]] std::string status_text(const Progress& progress) const;

  bool shown_;
  bool dirty_ = false;
  std::optional<double> budget_seconds_;
  std::uint64_t begin_ns_ = 0;  // of the first sample or verification; 0 until then
  std::uint64_t start_ns_ = 0;  // of the verifications, and then of the samples
};

}  // namespace pipebench
