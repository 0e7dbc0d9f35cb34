// One sample: a pipe, two pinned threads, a common start, a clock and a watchdog.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

/// How a sample ended. Exactly one of `sample`, a `failure` sentence, or `interrupted`.
struct SampleOutcome {
  std::optional<Sample> sample;
  std::string failure;
  bool interrupted = false;
  Obtained obtained;
  std::vector<std::string> misses;  ///< sentences: what was asked for and not obtained; failures with --strict
  std::vector<std::string> notes;   ///< sentences: what else bears on the figure
};

/// How a verification ended. `verification` is meaningful when neither a `failure` nor `interrupted`.
struct VerifyOutcome {
  Verification verification;
  std::string failure;
  bool interrupted = false;
};

/// Takes samples on this machine's kernel.
class Sampler {
 public:
  /// `interrupt` becomes non-zero when the run is to end (a signal's number); looked at every 50 ms.
  Sampler(const Topology& topology, const std::atomic<int>& interrupt);

  /// Sets everything up, warms up, measures and takes everything down again. Does not throw for what can go wrong
  /// with a case: that is in the outcome. `spec` must be resolved (pipe_bytes set) and name known strategies.
  [[nodiscard]] SampleOutcome take(const CaseSpec& spec, const Sampling& sampling, unsigned round);

  /// Moves numbered bytes and looks at every one of them where it arrives, on the same CPUs and pipes; tries whether
  /// the writer's pages are copied. `sampling` gives the timeout; with a reason `why_not`, only the latter is done.
  [[nodiscard]] VerifyOutcome verify(const CaseSpec& spec, const Sampling& sampling, const std::string& why_not);

 private:
  const Topology& topology_;
  const std::atomic<int>& interrupt_;
};

}  // namespace pipebench
