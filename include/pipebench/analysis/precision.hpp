// Rounds until the figures are precise enough, or the budget is used up: pure functions over what was measured so far.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/stats/ratio.hpp"

namespace pipebench {

/// The speed of one case in one round.
struct RoundSpeed {
  unsigned round = 0;
  double speed = 0;  ///< GiB/s, or the price of a case whose ends take turns (figure_of()); above 0
};

/// What is there of a case.
struct CaseSoFar {
  std::vector<RoundSpeed> samples;  ///< rounds ascending, none twice; without those that were set aside
  /// Place of the case that this one is compared with; empty: it has no ratio, or is that case itself.
  std::optional<std::size_t> baseline = {};
  double seconds_per_sample = 0;  ///< what another takes, with all that belongs to it
  std::size_t least_rounds = 0;   ///< samples that it takes in any event, budget permitting
  bool over = false;              ///< skipped or failed: it takes no more samples
};

/// Speeds of rounds in which both were measured, in the order of the rounds.
[[nodiscard]] std::vector<RoundPair> pairs_of_rounds(std::span<const RoundSpeed> of_case,
                                                     std::span<const RoundSpeed> of_baseline);

struct PrecisionGoal {
  double precision = 0;       ///< of an interval, as precision_of() says it: 0.02 is +-2 %; infinite: any will do
  double budget_seconds = 0;  ///< for the whole run; infinite: no limit
};

/// A case whose interval is wider than wanted.
struct Shortfall {
  std::size_t index = 0;
  double precision = 0;  ///< so far; infinite when there are too few samples for an interval
  bool operator==(const Shortfall&) const = default;
};

struct NextRound {
  /// Which cases take a sample; none: the run is over.
  std::vector<std::size_t> cases;
  /// Cases that are not precise enough so far, those that are over left out: when the run is over, what was not
  /// reached.
  std::vector<Shortfall> missing;
};

/// What the rounds of all ratios are worth: see independent_share(). Speeds drift more than ratios, but those of one
/// run drift together; it is ratios that are held against those of other runs.
[[nodiscard]] double independent_share_of_ratios(std::span<const CaseSoFar> cases);

/// Which cases go on: those that lack rounds or precision (of the ratio to the baseline, where there is one that is not
/// over; infinite with fewer than 6 samples, or rounds that both have), and the baselines of those that lack precision
/// or rounds that both have, since a ratio needs both in one round. A round begins when all its samples fit into what
/// is left of the budget; the first one does in any event. Throws std::out_of_range for a baseline that is not there.
[[nodiscard]] NextRound next_round(std::span<const CaseSoFar> cases, const PrecisionGoal& goal, double elapsed_seconds);

/// What there is of each case, without samples that were set aside. A sample takes its warm-up and as long as the
/// others on average; of a case without any, its --time. `baseline_name`: as PlanRecord::baseline.
[[nodiscard]] std::vector<CaseSoFar> cases_so_far(std::span<const CaseResult> cases, std::string_view baseline_name);

/// Cases that were measured, but are not as precise as PlanRecord::goals.precision; none when nothing was wanted.
[[nodiscard]] std::vector<Shortfall> missed_precision(const Document& document);

}  // namespace pipebench
