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

/// Takes samples on this machine's kernel.
class Sampler {
 public:
  /// `interrupt` becomes non-zero when the run is to end (a signal's number); looked at every 50 ms.
  Sampler(const Topology& topology, const std::atomic<int>& interrupt);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  /// Sets everything up, warms up, measures and takes everything down again. Does not throw for what can go wrong
  /// with a case: that is in the outcome. `spec` must be resolved (pipe_bytes set) and name known strategies.
  [[nodiscard]] SampleOutcome take(const CaseSpec& spec, const Sampling& sampling, unsigned round);

 private:
  const Topology& topology_;
  const std::atomic<int>& interrupt_;
};

}  // namespace pipebench
