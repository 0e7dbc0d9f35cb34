// Which cases of several documents are the same, whatever they are called.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipebench/model/results.hpp"

namespace pipebench {

using Cases = std::vector<const CaseResult*>;
using CasePairs = std::vector<std::pair<const CaseResult*, const CaseResult*>>;

/// spec_key() without regard to the CPUs, and to what they share.
[[nodiscard]] std::string key_without_cpus(const CaseResult& result);

/// Takes the cases that measure the same out of both lists: those with one spec_key(); then, of those that are left,
/// without regard to CPUs. Several with one key are told apart by their names; where each side has one, names do not
/// matter.
[[nodiscard]] CasePairs take_matching(Cases& base, Cases& other);

/// The cases that at least two of the lists have, matched as above with the first list that has them. Each is as long
/// as `lists`, with nullptr for a list that does not have it; in the order of their first appearance.
[[nodiscard]] std::vector<Cases> common_cases(std::span<const Cases> lists);

}  // namespace pipebench
