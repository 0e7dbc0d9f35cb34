// Every strategy there is. The build makes the table from the list in src/strategies/meson.build.
#pragma once

#include <span>
#include <string_view>

#include "pipebench/strategies/end.hpp"

namespace pipebench {

[[nodiscard]] std::span<const StrategyDescriptor* const> all_writers();
[[nodiscard]] std::span<const StrategyDescriptor* const> all_readers();

/// The descriptor of this name, or nullptr.
[[nodiscard]] const StrategyDescriptor* find_strategy(Role role, std::string_view name);

/// Why the strategy cannot run here, as a sentence; empty when it can. It is made, and moves one page through a pipe.
[[nodiscard]] std::string why_unavailable(const StrategyDescriptor& strategy);

/// The properties of every strategy, whatever this kernel can do.
[[nodiscard]] Catalog whole_catalog();

/// The properties of every strategy, with `unavailable` and `unavailable_cause` filled by trying it on this kernel.
[[nodiscard]] Catalog probe_catalog();

}  // namespace pipebench
