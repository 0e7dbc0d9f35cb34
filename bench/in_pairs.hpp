// What the benchmarks share: what they run on, and the comparison of two ways in alternating pairs.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "pipebench/engine/sample.hpp"
#include "pipebench/plan/pairs.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {

inline constexpr double warmup_seconds = 0.02;

/// What a benchmark runs on, and for how long.
struct Bench {
  /// `arguments`: of main(): [PAIRS [SECONDS]].
  Bench(int count, char** arguments, double seconds_by_default)
      : pairs(count > 1 ? static_cast<unsigned>(std::atoi(arguments[1])) : 15),
        seconds(count > 2 ? std::atof(arguments[2]) : seconds_by_default) {}

  /// GiB/s of one sample. A failure ends the benchmark.
  [[nodiscard]] double speed(const CaseSpec& spec, const Sampling& sampling) {
    const SampleOutcome outcome = sampler.take(spec, sampling, 0);
    if (outcome.sample) return outcome.sample->gib_per_second();
    fmt::print(stderr, "{}\n", outcome.failure);
    std::exit(1);
  }

  unsigned pairs;
  double seconds;  ///< of a sample
  const std::atomic<int> interrupt{0};
  const Topology topology = Topology::of_this_machine();
  const Placement placement = nearest_pair(topology.machine());
  Sampler sampler{topology, interrupt};
};

inline void print_header(std::string_view one, std::string_view other, const Bench& bench) {
  fmt::print("{:<34} {:>8} {:>8}   ratio  95% interval  of medians   ({} pairs of {} s)\n", "case, GiB/s", one, other,
             bench.pairs, bench.seconds);
}

/// Prints the medians, and the ratio of the first to the second with its interval. The order alternates, so that drift
/// favours neither.
void compare_in_pairs(std::string_view name, unsigned pairs, const auto& one, const auto& other) {
  std::vector<double> first;
  std::vector<double> second;
  std::vector<double> ratios;
  for (unsigned pair = 0; pair < pairs; ++pair) {
    if (pair % 2 == 0) first.push_back(one());
    second.push_back(other());
    if (pair % 2 == 1) first.push_back(one());
    ratios.push_back(first.back() / second.back());
  }
  const Interval interval = median_interval(ratios);
  fmt::print("{:<34} {:>8.2f} {:>8.2f}   {:.3f}  {:.3f}-{:.3f}   {:.3f}\n", name, median(first), median(second),
             median(ratios), interval.low, interval.high, median(first) / median(second));
  std::fflush(stdout);
}

}  // namespace pipebench
