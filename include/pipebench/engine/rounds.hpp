// Runs a plan in rounds: one sample of every case a round, in shuffled order.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pipebench/engine/sample.hpp"

namespace pipebench {

/// Takes one sample; the real one is Sampler::take, tests use a fake machine.
using Measure = std::function<SampleOutcome(const CaseSpec&, const Sampling&, unsigned round)>;

/// Verifies a case; the real one is Sampler::verify.
using Verify = std::function<VerifyOutcome(const CaseSpec&, const Sampling&, const std::string& why_not)>;

/// Decides before each round which cases take a sample in it: places in `cases`, planned ones; none: the run is over.
/// `cases` have what was measured so far, of which it may set samples aside.
using NextCases = std::function<std::vector<std::size_t>(std::span<CaseResult> cases, unsigned round)>;

/// What can be done with a case.
struct Operations {
  Measure measure;
  Verify verify;
  /// Takes the sample of its own (CaseResult::counting), after the last round; empty: there is none.
  Measure count = {};
  NextCases next = {};  ///< empty: each case takes part until it has had its Sampling::rounds
};

/// Does Operations::count take a sample of this case? Its own samples do without hardware events then.
[[nodiscard]] bool wants_counting(const CaseResult& result);

/// Where a run stands.
struct Progress {
  bool verifying = false;  ///< counts verifications, which come first, instead of samples
  std::size_t done = 0;
  std::optional<std::size_t> total = {};  ///< empty where Operations::next decides
};

/// Is told about the progress of a run, between samples, when nothing is timed.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// Before each verification and each sample, also one that only counts hardware events. `result`: so far.
  virtual void before_sample(const CaseResult& /*result*/, const Progress& /*progress*/) {}
  /// As Watch, of the sample that goes on.
  virtual void during_sample(std::uint64_t /*bytes*/, double /*seconds*/) {}
  /// `result` includes the sample. Not where there is none, after a failure or an interrupt.
  virtual void after_sample(const CaseResult& /*result*/, const Progress& /*progress*/) {}
  /// Not after a round that was interrupted.
  virtual void after_round(unsigned /*round*/) {}
};

/// In which order cases take turns.
struct Schedule {
  std::uint64_t seed = 0;
  bool shuffled = true;
};

/// What an interrupt left: all rounds come before all counting.
enum class RunEnd : std::uint8_t { complete, without_counting, without_rounds };

/// Verifies the cases whose sampling says so, then measures all planned cases and fills in samples, what was obtained,
/// and notes. A case that fails is not tried again; one that is called safe and arrives torn has failed. The others
/// stay planned: settle() (analysis/completion.hpp) says which have their rounds. Hardware events are counted last.
/// After an interrupt, what was measured until then is filled in.
[[nodiscard]] RunEnd run_rounds(std::span<CaseResult> cases, const Schedule& schedule, const Operations& operations,
                                std::span<RunObserver* const> observers = {});

}  // namespace pipebench
