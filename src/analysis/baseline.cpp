#include "pipebench/analysis/baseline.hpp"

#include <algorithm>

#include "pipebench/analysis/summary.hpp"

namespace pipebench {

const CaseResult* find_baseline(std::span<const CaseResult> cases, std::string_view name,
                                bool (*may_be)(const CaseResult&)) {
  const auto at = std::ranges::find_if(cases, [&](const CaseResult& result) {
    const bool is_meant = name.empty() ? result.traits.moves_bytes && !result.spec.takes_turns() : result.name == name;
    return is_meant && may_be(result);
  });
  return at == cases.end() ? nullptr : &*at;
}

const CaseResult* baseline_of(const Document& document) {
  return find_baseline(document.cases, document.plan.baseline,
                       [](const CaseResult& result) { return !counted_samples(result).empty(); });
}

bool is_relative_to(const CaseResult& result, const CaseResult* baseline) {
  return baseline != nullptr && baseline != &result && !result.only_for_ceilings &&
         baseline->spec.takes_turns() == result.spec.takes_turns();
}

}  // namespace pipebench
