// Which option of pipebench addresses what a profile shows.
#pragma once

#include <string_view>

#include "pipebench/analysis/profile.hpp"

namespace pipebench {

/// The strategy of the case at that end.
[[nodiscard]] inline const StrategyInfo& strategy_at(Role role, const ProfiledCase& profiled) {
  return role == Role::writer ? profiled.writer : profiled.reader;
}
[[nodiscard]] constexpr Role opposite(Role role) { return role == Role::writer ? Role::reader : Role::writer; }

/// A sentence with the option that makes the thread at the `role` end do less of this work, where there is one that the
/// case does not use already and its strategies allow; else empty, as where another program has an end.
[[nodiscard]] std::string_view remedy_for(Work work, const ProfiledCase& profiled, Role role);

}  // namespace pipebench
