// The search of `tune`: which cases it considers, which of them take the next sample, and what it comes to.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/options.hpp"
#include "pipebench/analysis/tuning.hpp"
#include "pipebench/engine/rounds.hpp"

namespace pipebench {

/// Of the options that vary cases, what is searched where the command line says nothing; strategies are those that have
/// a recipe. Pipes are no larger than that, in bytes.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string>> lists_to_search(
    const Catalog& catalog, const std::vector<Need>& needs = {},
    std::uint64_t largest_pipe = std::numeric_limits<std::uint64_t>::max());

/// What `tune` does where the command line says nothing: the lists that are searched, short samples. `given`: the
/// command line, of which lists that contradict its --need are refused. Throws UsageError.
[[nodiscard]] OptionTexts tune_defaults(const OptionTexts& given, const Catalog& catalog, const Machine& machine);

/// Takes cases of a plan, one after the other, and keeps those that the search considers.
class Candidates {
 public:
  /// Not those that cannot run, that are unsafe, and that are another case once more.
  void take(CaseResult result);
  /// Throws UsageError when there are none, with the reason of the first that was left out.
  [[nodiscard]] std::vector<CaseResult> all();

 private:
  std::vector<CaseResult> kept_;
  std::set<std::string> known_;
  std::string why_not_;
};

/// The options that vary, as the search takes them.
[[nodiscard]] SearchSpace search_space(std::span<const CaseResult> cases);

/// For Operations::next. What is known after each round goes into `document.plan.tuning`. `seconds`: as of
/// cases_until().
[[nodiscard]] NextCases search_through(Document& document, std::function<double()> seconds);

/// After the rounds: leaves the cases that were tried, the best first.
void end_search(Document& document, const Catalog& catalog, const PageSizes& sizes);

}  // namespace pipebench
