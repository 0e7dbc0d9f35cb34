// How far apart the CPUs of this machine are: measuring every pair, and showing it below what `topology` lists.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/command.hpp"
#include "pipebench/model/handover.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/plan/pairs.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

struct Handovers {
  unsigned passes = 0;                        ///< planned: readings of each pair
  bool complete = true;                       ///< false: interrupted, and readings are missing
  std::vector<HandoverReadings> pairs = {};   ///< nearest relation first
  std::vector<RelationCount> relations = {};  ///< how many ordered pairs there are
  std::vector<Finding> findings = {};         ///< what bears on the figures
};

/// How many passes, so that they take about 10 s: an odd number, from 5 to 21.
[[nodiscard]] unsigned handover_passes(std::size_t pairs);

/// Measures all pairs of allowed CPUs; of a relation that has very many, some, or `sample` of each relation. Says
/// beforehand when that takes long. Ends at an interrupt.
[[nodiscard]] Handovers measure_handovers(const Loaded& loaded, const RunSettings& settings);

/// Adds a map, a line for each relation, what contradicts the relations, and the pairs for programs.
void add_handovers(Listing& listing, const Handovers& handovers);

}  // namespace pipebench
