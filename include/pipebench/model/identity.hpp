// What a case is called, and what makes it the same case in another plan or file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// The same for two cases exactly when they measure the same, whatever they are called. Every key of the results'
/// `spec` that is not at its default, "writer=write reader=read buffers=2": a new option does not change the keys of
/// cases that do not use it.
[[nodiscard]] std::string spec_key(const CaseSpec& spec);

/// A key whose values differ, as JSON has them.
struct KeyDifference {
  std::string key, base, other;
};

/// In what the two measure different things: keys of `spec`, in their order.
[[nodiscard]] std::vector<KeyDifference> spec_differences(const CaseSpec& base, const CaseSpec& other);

/// "sizes:buffer-size=64K,wait=busy"; "write-read:wait=busy" outside a section, where the name has the strategies
/// already. Names are for display: cases are matched by `varied` and spec_key().
[[nodiscard]] std::string case_name(std::string_view section, const CaseSpec& spec, const OptionValues& varied);

}  // namespace pipebench
