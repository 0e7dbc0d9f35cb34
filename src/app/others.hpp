// Other pipebenches that measure on the same CPUs at the same time: they are noticed, named and waited for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/model/machine.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/system/measuring_lock.hpp"

namespace pipebench {

/// The CPUs (OS numbers, ascending) that planned cases measure on; where ends are not pinned, all that are allowed.
[[nodiscard]] std::vector<int> cpus_to_measure_on(std::span<const CaseResult> cases, const Machine& machine);

/// Other pipebenches see that this one measures as long as this exists.
struct CpuClaim {
  std::optional<MeasuringLock> lock = {};
  std::vector<Finding> findings = {};    ///< who measured when this one began, or why that is not known
  std::size_t earlier = 0;               ///< how many those were
  std::vector<int> cpus = {};            ///< empty where no others can be noticed, or nothing is measured
  std::string family = {};               ///< of the names of locks
  std::string mark = {};                 ///< tells this claim from all others
  std::vector<LockHolder> noticed = {};  ///< later ones

  /// Between samples: notices which others have begun to measure on these CPUs since, and logs a warning. Takes the
  /// lock once others that had it have ended, so that the next ones notice this one.
  void look_again();
  /// Keeps each that is not one of those noticed before, and logs a warning.
  void notice(const std::vector<LockHolder>& newcomers);
  /// For the results: `findings`, and one of all later ones.
  [[nodiscard]] std::vector<Finding> all_findings() const;
};

/// Takes these CPUs. Where others have some of them, waits until all are free, if that is wanted, or until an
/// interrupt; else logs a warning. Without a way to tell others, measuring goes on all the same.
[[nodiscard]] CpuClaim claim_cpus(std::span<const int> cpus, bool wait,
                                  std::string_view family = MeasuringLock::usual_family);

}  // namespace pipebench
