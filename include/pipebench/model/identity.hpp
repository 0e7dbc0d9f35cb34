// What a case is called, and what makes it the same case in another plan or file.
#pragma once

#include <string>
#include <string_view>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// The same for two cases exactly when they measure the same, whatever they are called. Every key of the results'
/// `spec` that is not at its default, "writer=write reader=read buffers=2": a new option does not change the keys of
/// cases that do not use it.
[[nodiscard]] std::string spec_key(const CaseSpec& spec);

/// "sizes:buffer-size=64K,wait=busy"; "write-read:wait=busy" outside a section, where the name has the strategies
/// already. Names are for display: cases are matched by `varied` and spec_key().
[[nodiscard]] std::string case_name(std::string_view section, const CaseSpec& spec, const OptionValues& varied);

}  // namespace pipebench
