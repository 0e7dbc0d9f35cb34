#include "pipebench/engine/ceilings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <utility>

#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

/// A CPU (OS number; empty: whichever) and what is measured on it.
using Place = std::pair<std::optional<int>, WorkingSet>;

struct CoreSpeeds {
  MemorySpeeds memory;
  double system_call_ns = 0;
};

bool has_a_share(const CaseResult& result) { return result.ceilings && result.status != Status::skipped; }

std::vector<Place> places_of(const CaseResult& result) {
  const WorkingSet set = working_set_of(result.spec);
  const Placement& placement = result.spec.placement;
  std::vector<Place> places{{placement.writer_cpu, set}};
  if (placement.reader_cpu != placement.writer_cpu) places.emplace_back(placement.reader_cpu, set);
  return places;
}

// Throws SystemError.
CoreSpeeds measure_at(const Place& place, const Topology& topology) try {
  const auto measure = [&] {
    if (place.first) topology.pin_this_thread(*place.first);
    return CoreSpeeds{.memory = measure_memory_speeds(place.second), .system_call_ns = measure_system_call_ns()};
  };
  return std::async(std::launch::async, measure).get();  // in a thread of its own, which stays pinned
} catch (const std::system_error& error) {
  throw SystemError("pthread_create()", error.code().value());
}

void keep_best(Ceilings& ceilings, const CoreSpeeds& speeds) {
  const auto raise = [](std::optional<double>& best, double value) { best = std::max(best.value_or(value), value); };
  raise(ceilings.read_gib_per_second, speeds.memory.read_gib_per_second);
  raise(ceilings.copy_gib_per_second, speeds.memory.copy_gib_per_second);
  ceilings.system_call_ns = std::min(ceilings.system_call_ns.value_or(speeds.system_call_ns), speeds.system_call_ns);
}

}  // namespace

WorkingSet working_set_of(const CaseSpec& spec) {
  constexpr std::uint64_t most_bytes = std::uint64_t{64} << 20U;
  const std::uint64_t block = std::min(spec.buffer_bytes, most_bytes);
  const bool huge = spec.pages == Pages::thp || is_hugetlb(spec.pages);
  return {.block_bytes = block,
          .blocks = std::clamp<std::uint64_t>(spec.total_buffers(), 1, std::max<std::uint64_t>(most_bytes / block, 1)),
          .pages = huge ? Pages::thp : Pages::k4};
}

std::vector<Finding> measure_core_ceilings(std::span<CaseResult> cases, const Topology& topology,
                                           const std::atomic<int>& interrupt) {
  std::map<Place, std::optional<CoreSpeeds>> measured;
  std::vector<Finding> findings;
  for (CaseResult& result : cases) {
    if (!has_a_share(result)) continue;
    for (const Place& place : places_of(result)) {
      if (interrupt.load(std::memory_order_relaxed) != 0) return findings;
      const auto [at, is_new] = measured.try_emplace(place);
      try {
        if (is_new) at->second = measure_at(place, topology);
      } catch (const SystemError& error) {
        findings.push_back({.figures = {"read_gib_per_second", "copy_gib_per_second", "system_call_ns"},
                            .what = fmt::format("How fast a core reads and copies {}-byte blocks is not known: {}.",
                                                place.second.block_bytes, error.what())});
      }
      if (at->second) keep_best(*result.ceilings, *at->second);
    }
  }
  return findings;
}

double estimated_core_ceilings_seconds(std::span<const CaseResult> cases) {
  constexpr double seconds_a_place = 0.007;
  constexpr double seconds_a_byte = 1e-9;  // allocating and filling
  std::set<Place> places;
  for (const CaseResult& result : cases) {
    if (!has_a_share(result)) continue;
    for (const Place& place : places_of(result)) places.insert(place);
  }
  double seconds = 0;
  for (const auto& [cpu, set] : places)
    seconds += seconds_a_place + seconds_a_byte * static_cast<double>(set.block_bytes * (set.blocks + 1));
  return seconds;
}

}  // namespace pipebench
