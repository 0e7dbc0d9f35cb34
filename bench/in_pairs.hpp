// Two ways of measuring the same, compared in alternating pairs.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <vector>

#include "pipebench/stats/stats.hpp"

namespace pipebench {

inline void print_header(std::string_view one, std::string_view other, unsigned pairs, double seconds) {
  fmt::print("{:<34} {:>8} {:>8}   ratio  95% interval  of medians   ({} pairs of {} s)\n", "case, GiB/s", one, other,
             pairs, seconds);
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
