// The progress line on stderr.
#pragma once

#include <cstdint>

#include "app/options.hpp"
#include "pipebench/engine/rounds.hpp"

namespace pipebench {

class ProgressLine : public RunObserver {
 public:
  /// Shown on a terminal, or as `when` says; never when `quiet`.
  ProgressLine(When when, bool quiet);
  ~ProgressLine() override { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void before_sample(const Progress& progress) override;
  /// Takes the line away.
  void clear();

 private:
  bool shown_;
  bool dirty_ = false;
  std::uint64_t start_ns_;  // of the verifications, and then of the samples
};

}  // namespace pipebench
