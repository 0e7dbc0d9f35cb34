// What will be measured: groups of options multiplied out into cases.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/model/results.hpp"
#include "pipebench/plan/axes.hpp"
#include "pipebench/plan/pairs.hpp"
#include "pipebench/plan/rules.hpp"

namespace pipebench {

/// An option's text and where it was written ("--writer", "x.ini:3: [big] writer"), for errors.
struct Setting {
  std::string text;
  std::string origin;
};

/// A named group of cases: the texts of its axes (those that are missing have their fallback) and how to sample them.
struct Group {
  std::string name;  ///< a config section's; empty for the command line alone
  std::map<std::string, std::vector<Setting>, std::less<>> axes;
  Sampling sampling;
  /// What decides `sampling`, as far as somebody asked for it.
  std::map<std::string, std::vector<Setting>, std::less<>> chosen = {};
};

/// Is one of its --cpus this word?
[[nodiscard]] bool asks_for_cpus(const Group& group, CpusWord word);

/// Every case of a run, made when asked for, so that a plan of a million pairs stays small.
class Plan {
 public:
  /// Expands and checks every value. Throws UsageError; also when no case of a group could ever run because of a size
  /// that its strategies cannot use, and when two groups, or their cases, share a name.
  Plan(const std::vector<Group>& groups, const PlanContext& context);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// The case as it stands before a run: status planned, or skipped with the reason. `index` < size().
  [[nodiscard]] CaseResult at(std::size_t index) const;
  /// What has to be measured, too, to know what limits these cases of the plan (--ceilings): each pair alone in one
  /// thread, and the loops without a pipe, each once, with short samples. Gives the cases that move bytes their
  /// `ceilings`, with the names of those. Throws UsageError when a case has such a name already.
  [[nodiscard]] std::vector<CaseResult> add_ceilings(std::span<CaseResult> cases) const;
  /// The case in which another program takes part; empty: none does.
  [[nodiscard]] std::optional<std::size_t> once() const noexcept { return once_; }
  /// Throws UsageError, with the nearest name, when no case has the name in `setting`.
  void check_name(const Setting& setting) const;
  /// As in memory_need.hpp, for a case of this plan.
  [[nodiscard]] std::uint64_t huge_pages_needed(const CaseSpec& spec) const;

 private:
  struct Varied {
    const Axis* axis;
    std::vector<std::string> values;
  };
  /// The cases of a group that have one kind of isolation.
  struct Section {
    std::string name;
    Sampling sampling;
    CaseSpec base;               ///< with every axis that does not vary
    std::vector<Varied> varied;  ///< axes with several values, in table order
    std::size_t size = 1;
    std::size_t first = 0;                ///< how many cases the sections before it have
    std::string size_origin = {};         ///< where the buffer size was written; empty: nowhere
    std::vector<std::string> notes = {};  ///< worth a line beside each of its cases
    bool timed = false;                   ///< --time was given
    bool warmed = false;                  ///< --warmup was given
    bool counts_buffers = false;          ///< --buffers was given
  };

  [[nodiscard]] Section expand(const Group& group, const std::string& isolation) const;
  /// visit(axis, value) for each axis that varies, with its value in the section's case of that index.
  template <class Visit>
  static void for_each_value(const Section& section, std::size_t index, const Visit& visit);
  /// `spec` is the case's; without a section, writer and reader are its name.
  [[nodiscard]] static std::string case_name(const Section& section, std::size_t index, const CaseSpec& spec);
  struct Pair {
    const StrategyInfo& writer;
    const StrategyInfo& reader;
  };
  [[nodiscard]] Pair pair_of(const CaseSpec& spec) const;
  [[nodiscard]] Candidate candidate_of(const CaseResult& result) const;

  [[nodiscard]] CaseResult make_case(const Section& section, std::size_t index) const;
  // The parts of make_case().
  [[nodiscard]] CaseResult choose(const Section& section, std::size_t index) const;
  void finish(const Section& section, CaseResult& result) const;
  /// Options that make no difference to either end.
  struct Unused {
    std::vector<std::string> notes;
    /// Where such an option varies, only the case with its first value is measured: the others are that case again.
    MaybeObstacle same;
  };
  /// Records such options with the values that they amount to.
  [[nodiscard]] Unused leave_out_unused(const Section& section, const Pair& pair, CaseResult& result) const;
  /// Of a ping-pong: is it a case again of which only the first is measured?
  [[nodiscard]] static MaybeObstacle same_message(const Section& section, const CaseResult& result);
  /// Resolves `--pipe-size auto`.
  void size_pipe(const StrategyInfo& writer, CaseResult& result) const;
  void add_notes(const Section& section, const StrategyInfo& writer, CaseResult& result) const;

  void refuse_hopeless(std::span<const Section> of_group) const;
  void refuse_equal_names() const;
  /// Another program sends or takes what it does once.
  void check_once(const Group& group, std::span<const Section> of_group);
  void check_exec(const std::vector<Group>& groups) const;
  [[nodiscard]] bool may_have_outside(const Section& section) const;
  static void leave_to_others(const Pair& pair, CaseSpec& spec);

  PlanContext context_;
  DisjointPairs pairs_;
  std::vector<Section> sections_;
  std::optional<std::size_t> once_;
  std::size_t size_ = 0;
};

}  // namespace pipebench
