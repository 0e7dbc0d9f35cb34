// This machine, as planning and the results see it.
#pragma once

#include "pipebench/model/results.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

/// The topology's machine, with the pipe capacity that this user is really granted.
[[nodiscard]] Machine machine_for_planning(const Topology& topology);

/// The host as the results record it.
[[nodiscard]] Host host_record(const Machine& machine);

}  // namespace pipebench
