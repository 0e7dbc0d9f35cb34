// Takes one sample: makes pipes and pinned threads, starts them together, and watches them.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/system/perf/kernel_symbols.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

/// How a sample ended: with exactly one of `sample`, `failure` (a sentence) and `interrupted`; but with Sampling::once,
/// there may be a sample besides, of what was moved until then.
struct SampleOutcome {
  std::optional<Sample> sample;
  std::string failure;
  bool interrupted = false;
  Obtained obtained;
  std::optional<Profile> profile = {};  ///< with Sampling::profile_hz; its stacks alone
  std::vector<std::string> misses;      ///< sentences: what was asked for and not obtained; failures with --strict
  std::vector<std::string> notes;       ///< sentences: what else bears on the figure
};

/// How a verification ended. `verification` means something when there is no `failure` and it was not `interrupted`.
struct VerifyOutcome {
  Verification verification;
  std::string failure;
  bool interrupted = false;
};

/// A verification is cut short after so long.
inline constexpr double longest_verification_seconds = 10;

/// Roughly how long the verification of a resolved case takes; at most longest_verification_seconds.
[[nodiscard]] double estimated_verification_seconds(const CaseSpec& spec);

/// The descriptors that writer `stdin` and reader `stdout` mean.
struct OutsideEnds {
  int in = 0;
  int out = 1;
};

/// Is told how many bytes a sample has moved, all streams together, and in how many seconds: of one that is taken once
/// every 50 ms from its first byte on, of others once a second, after two: shorter ones are not to be
/// disturbed.
using Watch = std::function<void(std::uint64_t bytes, double seconds)>;

/// Takes samples on this machine's kernel.
class Sampler {
 public:
  /// `interrupt` becomes non-zero when the run is to end (a signal's number); looked at every 50 ms.
  /// `verify_limit_seconds`: cuts a verification short; empty: never.
  Sampler(const Topology& topology, const std::atomic<int>& interrupt,
          std::optional<double> verify_limit_seconds = longest_verification_seconds, const OutsideEnds& outside = {},
          Watch live = {});

  /// Sets everything up, warms up, measures and cleans up. What goes wrong with a case is in the outcome, and not
  /// thrown. `spec` must be resolved (pipe_bytes set) and name known strategies.
  [[nodiscard]] SampleOutcome take(const CaseSpec& spec, const Sampling& sampling, unsigned round);

  /// Sends a test pattern over the same kind of pipes between the same CPUs and checks every byte that arrives: 64 MiB
  /// or 64 rotations of the buffers, whichever is more, or as much as the time limit allows. Also tries whether the
  /// writer's pages are copied; with a reason `why_not`, only this is done. `sampling` gives the timeout.
  [[nodiscard]] VerifyOutcome verify(const CaseSpec& spec, const Sampling& sampling, const std::string& why_not);

 private:
  const Topology& topology_;
  const std::atomic<int>& interrupt_;
  std::optional<double> verify_limit_seconds_;
  OutsideEnds outside_;
  Watch live_;
  std::optional<KernelSymbols> symbols_;  ///< read when the first profile needs them
};

}  // namespace pipebench
