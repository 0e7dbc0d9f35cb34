// Which case of many is the fastest: the search of `tune`, a pure function of what was measured so far.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "pipebench/analysis/precision.hpp"
#include "pipebench/model/results.hpp"

namespace pipebench {

/// How the values of an option are searched.
enum class Trial : std::uint8_t {
  all,       ///< every one is tried from the start
  by_steps,  ///< from the usual one, to the next larger and smaller
  freely,    ///< from the usual one, to any other
};

/// An option with several values, by their places in order.
struct SearchAxis {
  Trial trial = Trial::all;
  unsigned usual = 0;  ///< the place from which the search begins
};

/// The cases, and for each the places of its values, one for each axis. No two are at the same place, and not every
/// place needs to have a case.
struct SearchSpace {
  std::vector<SearchAxis> axes;
  std::vector<std::vector<unsigned>> places;
};

struct SearchLimits {
  double budget_seconds = 0;
  std::uint64_t seed = 0;  ///< of the draw, where not even one sample of each fits into the budget
};

/// What is known so far. Places in the list of cases.
struct SearchResult {
  std::uint64_t left_out = 0;  ///< of the first round
  std::uint64_t rounds = 0;    ///< of the last part, in which the best are compared
  std::optional<std::size_t> fastest = {}, runner_up = {};
  std::optional<Ratio> ratio = {};  ///< of the fastest to the runner-up, with an interval of 99 %
  bool certain = false;             ///< all others of the last part are slower by their intervals
  [[nodiscard]] bool has_interval() const;
};

/// Successive halving. After a round of a few, which tells what a sample takes here, one tries every combination of the
/// values that are tried from the start, with the usual ones of the other axes, or with those nearest to them that
/// there are. Then the better half goes on, and so do the untried neighbours of the best few; when few are left, the
/// other combinations with the values of the best one. When that yields nothing new, the last few are compared in
/// further rounds, without those that are slower by their intervals, until one is left, or the budget is used up.
class Search {
 public:
  Search(SearchSpace space, const SearchLimits& limits);

  /// The cases that take a sample in the next round; none: the search is over. Called once before each round, with what
  /// there is of all cases: places in `cases` are those of the space. `elapsed_seconds` of the budget are used up.
  [[nodiscard]] std::vector<std::size_t> next(std::span<const CaseSoFar> cases, double elapsed_seconds);
  /// As of the last call of next().
  [[nodiscard]] const SearchResult& result() const noexcept { return result_; }

 private:
  using Indices = std::vector<std::size_t>;
  [[nodiscard]] Indices starts() const;
  [[nodiscard]] Indices drawn(Indices starts, std::size_t count) const;
  [[nodiscard]] Indices first_rung(std::span<const CaseSoFar> cases, double elapsed_seconds);
  [[nodiscard]] Indices halved(std::span<const CaseSoFar> cases, double elapsed_seconds);
  [[nodiscard]] Indices narrowed(std::span<const CaseSoFar> cases);
  [[nodiscard]] Indices untried_neighbours(std::span<const std::size_t> of, bool across,
                                           std::span<const CaseSoFar> cases) const;
  /// `across`: also along axes of which every value is tried from the start.
  void add_neighbours(std::size_t of, std::size_t axis, bool across, Indices& found) const;
  void compare(std::span<const CaseSoFar> cases, std::span<const std::size_t> all, unsigned since);

  SearchSpace space_;
  SearchLimits limits_;
  std::map<std::vector<unsigned>, std::size_t> at_;
  std::vector<unsigned> last_;  ///< of each axis, the largest place
  unsigned rounds_ = 0;         ///< that were begun
  Indices rung_;                ///< cases of the last round
  Indices finalists_;           ///< of the last part, those that were dropped included; empty: it has not begun
  unsigned finals_since_ = 0;   ///< round
  SearchResult result_;
};

/// For the results of a search: the cases that have samples or failed, those that came farther first, and of these the
/// fastest. What `record` names comes before all.
[[nodiscard]] std::vector<CaseResult> ranked(std::vector<CaseResult> cases, const TuningRecord& record);

/// What the search found, as results have it.
void record(const SearchResult& result, std::span<const CaseResult> cases, TuningRecord& record);

}  // namespace pipebench
