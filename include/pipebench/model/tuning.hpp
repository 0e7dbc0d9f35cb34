// What `tune` looks for, and what it found. Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipebench/base/named.hpp"

namespace pipebench {

/// What a program cannot do without.
enum class Need : std::uint8_t { fresh, no_spin, bytes };
template <>
inline constexpr std::array<Named<Need>, 3> names<Need>{{
    {Need::fresh, "fresh", "the writer rewrites every byte before each send"},
    {Need::no_spin, "no-spin", "an end that has to wait sleeps"},
    {Need::bytes, "bytes", "the reader gets the bytes into its memory"},
}};

struct TuningRecord {
  std::vector<Need> needs = {};
  std::optional<std::uint64_t> max_memory_bytes = {};
  std::uint64_t considered = 0;              ///< cases that can run, are safe, and meet the needs
  std::uint64_t tried = 0;                   ///< those that have samples, or failed
  std::uint64_t left_out = 0;                ///< those of the first round for which the budget was too small
  std::uint64_t rounds = 0;                  ///< in which the last ones were compared
  std::string fastest = {}, runner_up = {};  ///< names of cases; empty: there is none
  /// The fastest relative to the runner-up: the median of those rounds, and its interval, which there is from 8 rounds
  /// on.
  std::optional<double> ratio = {}, ratio_ci99_low = {}, ratio_ci99_high = {};
  bool certain = false;      ///< the intervals of all that came to the last rounds say that they are slower
  std::string code = {};     ///< C, of both ends of the fastest; empty where there is none
  std::string no_code = {};  ///< why, a sentence
};

}  // namespace pipebench
