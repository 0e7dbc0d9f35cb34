// This machine, as planning and the results see it.
#pragma once

#include "pipebench/model/results.hpp"
#include "pipebench/system/topology.hpp"

namespace pipebench {

/// The topology that --topology asks for: "synthetic:DESCRIPTION", "xml:FILE", or this machine's when `source` is
/// empty. Throws UsageError.
[[nodiscard]] Topology load_topology(const std::string& source);

/// The topology's machine, with the pipe capacity that this user is really granted.
[[nodiscard]] Machine machine_for_planning(const Topology& topology);

/// Looks up how many huge pages are free now; with `reservable`, how many --reserve-huge could have.
void count_huge_pages(Machine& machine, bool reservable);

/// The host as the results record it; of another machine, its topology alone.
[[nodiscard]] Host host_record(const Machine& machine);

}  // namespace pipebench
