// Rounds over a plan: every case once a round, in shuffled order, until each has its samples.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "pipebench/engine/sample.hpp"

namespace pipebench {

/// Takes one sample; the real one is Sampler::take, tests use a fake machine.
using Measure = std::function<SampleOutcome(const CaseSpec&, const Sampling&, unsigned round)>;

/// Proves what arrives; the real one is Sampler::verify.
using Verify = std::function<VerifyOutcome(const CaseSpec&, const Sampling&, const std::string& why_not)>;

/// The two things that can be done with a case.
struct Hands {
  Measure measure;
  Verify verify;
};

/// What a progress line shows, before each sample.
struct Progress {
  std::string_view name;  ///< of the case that runs now
  std::size_t done = 0;   ///< samples taken
  std::size_t total = 0;
};

struct RoundsSettings {
  std::uint64_t seed = 0;
  bool shuffled = true;
  std::function<void(const Progress&)> on_progress;  ///< may be empty
};

/// Measures every planned case, and fills in samples, what was obtained, notes, summary and status. A case that fails
/// is not tried again. False: interrupted; what was measured until then is filled in all the same. Cases whose sampling
/// says `verify` are verified first: one that is called safe and comes out torn has failed.
[[nodiscard]] bool run_rounds(std::vector<CaseResult>& cases, const RoundsSettings& settings, const Hands& hands);

/// Statistics over the samples of one case.
[[nodiscard]] Summary summarize(const CaseResult& result);

}  // namespace pipebench
