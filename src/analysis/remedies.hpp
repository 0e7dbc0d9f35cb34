// Which option of pipebench addresses what a profile shows.
#pragma once

#include <string_view>

#include "pipebench/analysis/profile.hpp"

namespace pipebench {

/// A sentence with the option that makes the thread at the `role` end do less of this work, where there is one that the
/// case does not use already and its strategies allow; else empty.
[[nodiscard]] std::string_view remedy_for(Work work, const ProfiledCase& profiled, Role role);

}  // namespace pipebench
