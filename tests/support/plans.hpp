// Plans of options as they are typed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipebench/plan/plan.hpp"

namespace pipebench {

using Names = std::vector<std::string>;
/// Options and their texts: {{"writer", "write,vmsplice"}}.
using Texts = std::vector<std::pair<std::string, std::string>>;

inline Group group_of(const Texts& texts, const std::string& name = "", const Sampling& sampling = {}) {
  Group group{.name = name, .axes = {}, .sampling = sampling};
  for (const auto& [axis, text] : texts) group.axes[axis].push_back({.text = text, .origin = "--" + axis});
  return group;
}

inline std::vector<CaseResult> cases_of(const std::vector<Group>& groups, const Catalog& catalog,
                                        const Machine& machine) {
  const Plan plan(groups, {.catalog = catalog, .machine = machine});
  std::vector<CaseResult> cases;
  for (std::size_t i = 0; i < plan.size(); ++i) cases.push_back(plan.at(i));
  return cases;
}

inline Names names_of(const std::vector<CaseResult>& cases) {
  Names names;
  for (const CaseResult& result : cases) names.push_back(result.name);
  return names;
}

}  // namespace pipebench
