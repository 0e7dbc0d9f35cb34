// How long a plan takes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "pipebench/model/results.hpp"

namespace pipebench {

struct Workload {
  std::span<const CaseResult> cases;
  std::size_t all = 0;         ///< cases of the whole plan, of which `cases` may be the first
  bool counts_events = false;  ///< does the machine count hardware events, so that some cases take one sample more?
};

/// Roughly, with verification, and with each case's rounds `factor` times. Empty where samples are measured in bytes.
[[nodiscard]] std::optional<double> estimated_seconds(const Workload& work, unsigned factor = 1);

/// Fills in PlanRecord::estimated_seconds and longest_seconds, as the record's goals leave them.
void estimate(PlanRecord& record, const Workload& work);

}  // namespace pipebench
