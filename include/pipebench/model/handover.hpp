// How long a cache line takes from one CPU to another, as it was read again and again.
#pragma once

#include <vector>

#include "pipebench/model/machine.hpp"

namespace pipebench {

/// Of two CPUs, whichever way.
struct HandoverReadings {
  int first = 0, second = 0;  ///< OS numbers
  Relation relation = Relation::unknown;
  std::vector<double> ns = {};  ///< one way, in the order in which they were taken
};

}  // namespace pipebench
