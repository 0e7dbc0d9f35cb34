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

/// A verification ends after so long, though not all has arrived.
inline constexpr double longest_verification_seconds = 10;

/// How long the verification of a resolved case takes, roughly; at most the longest.
[[nodiscard]] double estimated_verification_seconds(const CaseSpec& spec);

/// Takes samples on this machine's kernel.
class Sampler {
 public:
  /// `interrupt` becomes non-zero when the run is to end (a signal's number); looked at every 50 ms.
  /// `verify_limit_seconds`: empty: a verification may take as long as it takes.
  Sampler(const Topology& topology, const std::atomic<int>& interrupt,
          std::optional<double> verify_limit_seconds = longest_verification_seconds);

  /// Sets everything up, warms up, measures and takes everything down again. Does not throw for what can go wrong
  /// with a case: that is in the outcome. `spec` must be resolved (pipe_bytes set) and name known strategies.
  [[nodiscard]] SampleOutcome take(const CaseSpec& spec, const Sampling& sampling, unsigned round);

  /// Moves numbered bytes and looks at every one of them where it arrives, on the same CPUs and pipes: 64 MiB, or 64
  /// rotations of the buffers, if that is more, or as many as the limit in time allows. Tries whether the writer's
  /// pages are copied. `sampling` gives the timeout; with a reason `why_not`, only the latter is done.
  [[nodiscard]] VerifyOutcome verify(const CaseSpec& spec, const Sampling& sampling, const std::string& why_not);

 private:
  const Topology& topology_;
  const std::atomic<int>& interrupt_;
  std::optional<double> verify_limit_seconds_;
};

}  // namespace pipebench
