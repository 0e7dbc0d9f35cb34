// Sweeps over pairs of CPUs: a pure function of a results document.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipebench/model/handover.hpp"
#include "pipebench/model/results.hpp"

namespace pipebench {

/// The median of one pair of CPUs (OS numbers).
struct PairSpeed {
  int writer = 0;
  int reader = 0;
  double gib_per_second = 0;
  bool stable = true;                      ///< its median is in no doubt
  std::optional<double> handover_ns = {};  ///< median of what was read beside its samples; empty: nothing was
};

/// All pairs that are equally near.
struct RelationSpeeds {
  Relation relation = Relation::unknown;
  std::vector<PairSpeed> pairs;       ///< in the order of the plan
  double median_gib_per_second = 0;   ///< of the pairs' medians
  std::optional<double> spread = {};  ///< their median absolute deviation, relative to that; empty for a single pair
  double relative_to_best = 1;        ///< that median, relative to that of the fastest relation
  PairSpeed best = {}, worst = {};
  std::vector<PairSpeed> outliers = {};    ///< pairs unlike the others, which is how a bad core shows
  std::optional<int> suspect = {};         ///< the CPU that is in most of the outliers
  std::optional<double> handover_ns = {};  ///< median of the pairs' medians; empty when no pair has any
};

/// Cases that differ in their CPUs alone.
struct Sweep {
  std::string title;                          ///< what their names have in common: all else that varies
  std::vector<RelationSpeeds> relations;      ///< nearest first
  std::vector<const CaseResult*> cases = {};  ///< of the document, in its order
};

/// Has the case figures, and its CPUs among the options that vary?
[[nodiscard]] bool is_of_a_sweep(const CaseResult& result);

/// Sweeps of at least two pairs. Their cases have a summary, and CPUs among the options that vary.
[[nodiscard]] std::vector<Sweep> find_sweeps(const Document& document);

/// How far apart the CPUs were beside the samples of the case: the median of all readings; empty where there is none.
[[nodiscard]] std::optional<double> median_handover(const CaseResult& result);

/// How far apart the CPUs were beside the samples of all cases, in the order of the pairs' first cases. Pairs without
/// readings are left out.
[[nodiscard]] std::vector<HandoverReadings> handovers_beside_samples(const Document& document);

}  // namespace pipebench
