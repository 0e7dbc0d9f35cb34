// A case as a program writes it: C for both ends.
#pragma once

#include <string>
#include <string_view>

#include "pipebench/model/case.hpp"
#include "pipebench/model/strategy.hpp"

namespace pipebench {

/// Why there is no C for the case, a sentence; empty: there is.
[[nodiscard]] std::string why_no_code(const StrategyInfo& writer, const StrategyInfo& reader, const CaseSpec& spec);

/// A function that sends what `produce` makes into a pipe, as the case does. spec.pipe_bytes is resolved.
[[nodiscard]] std::string writer_code(const StrategyInfo& writer, const CaseSpec& spec, const PageSizes& sizes,
                                      std::string_view name = "send_all");
/// A function that gives `consume` what comes out of a pipe, as far as the case's reader sees it.
[[nodiscard]] std::string reader_code(const StrategyInfo& reader, const CaseSpec& spec, const PageSizes& sizes,
                                      std::string_view name = "receive_all");
/// Such functions, with the includes that they need before them, and the declarations of `produce` and `consume`.
[[nodiscard]] std::string with_head(std::string_view functions);

/// The same case on the command line: "pipebench --writer write --reader read".
[[nodiscard]] std::string command_for(const CaseSpec& spec);

}  // namespace pipebench
