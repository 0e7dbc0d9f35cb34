#include "pipebench/analysis/doubts.hpp"

#include <algorithm>

#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

constexpr std::size_t least_for_interval = 6;
constexpr double widest_interval = 0.05;  // of the median, on either side
constexpr double most_switches_per_second = 100;
constexpr double most_switches_per_sample = 10;
constexpr double most_overrun = 2;

bool is_wide(std::span<const double> speeds) {
  const double centre = median(speeds);
  const Interval interval = median_interval(speeds);
  return std::max(1 - interval.low / centre, interval.high / centre - 1) > widest_interval;
}

bool is_interrupted(const Disturbance& disturbance) {
  return !disturbance.share_cpus && disturbance.switches_per_second > most_switches_per_second &&
         disturbance.switches_per_sample > most_switches_per_sample;
}

}  // namespace

std::vector<Doubt> doubts_about(std::span<const double> speeds, const Disturbance& disturbance) {
  std::vector<Doubt> doubts;
  if (is_bimodal(speeds)) doubts.push_back(Doubt::two_groups);
  if (is_wide(speeds)) doubts.push_back(Doubt::wide_interval);
  if (speeds.size() < least_for_interval) doubts.push_back(Doubt::few_samples);
  if (is_interrupted(disturbance)) doubts.push_back(Doubt::interrupted);
  if (disturbance.overrun > most_overrun) doubts.push_back(Doubt::overrun);
  return doubts;
}

}  // namespace pipebench
