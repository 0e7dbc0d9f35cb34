#include "pipebench/analysis/conditions.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "pipebench/stats/rank_test.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

constexpr double least_gap = 0.25;        // of the smaller value
constexpr double least_speed_gap = 0.05;  // likewise
constexpr double most_chance = 0.05;
constexpr std::size_t samples_for_a_single = 5;

/// The readings of one condition: neighbours in the table.
struct Readings {
  std::span<const ConditionInfo> infos;
  double seconds;  ///< of a sample of median length
  [[nodiscard]] const ConditionInfo& info() const { return infos.front(); }
  [[nodiscard]] double least_difference() const {
    return std::max(info().least_difference, info().is_total() ? info().least_in_sample / seconds : 0);
  }
};

/// Are two values of a condition so far apart that they are two conditions?
bool differ(double one, double other, const Readings& readings) {
  const auto [low, high] = std::minmax(one, other);
  return high - low >= std::max(least_gap * low, readings.least_difference()) && high > low;
}

/// Of samples that took so many seconds.
std::vector<Readings> readings_of_conditions(double seconds) {
  std::vector<Readings> all;
  for (auto at = condition_table.begin(); at != condition_table.end(); at += std::ssize(all.back().infos)) {
    const auto end =
        std::find_if(at, condition_table.end(), [&](const auto& info) { return info.condition != at->condition; });
    all.push_back({.infos = {at, end}, .seconds = seconds});
  }
  return all;
}

double median_seconds(std::span<const Observation> samples) {
  std::vector<double> seconds;
  for (const Observation& sample : samples) {
    if (sample.seconds > 0) seconds.push_back(sample.seconds);
  }
  return seconds.empty() ? 1 : median(seconds);
}

/// With totals per second.
std::vector<Observation> with_rates(std::span<const Observation> samples) {
  std::vector<Observation> rates(samples.begin(), samples.end());
  for (Observation& sample : rates) {
    for (const ConditionInfo& info : condition_table) {
      std::optional<double>& value = sample.conditions.*info.value;
      if (value && info.is_total()) value = sample.seconds > 0 ? std::optional(*value / sample.seconds) : std::nullopt;
    }
  }
  return rates;
}

struct Point {
  double condition;
  double speed;
  std::size_t index;  ///< of the sample
};

/// The mean of the readings; empty when one is missing, or when they differ, as the condition changed meanwhile.
std::optional<double> value_of(const Conditions& conditions, const Readings& readings) {
  double sum = 0;
  for (const ConditionInfo& info : readings.infos) {
    const auto& value = conditions.*info.value;
    const auto& first = conditions.*readings.info().value;
    if (!value || !first || differ(*value, *first, readings)) return std::nullopt;
    sum += *value;
  }
  return sum / static_cast<double>(readings.infos.size());
}

/// By the condition, ascending.
std::vector<Point> points_of(std::span<const Observation> samples, const Readings& readings) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (const auto value = value_of(samples[i].conditions, readings)) points.push_back({*value, samples[i].speed, i});
  }
  std::ranges::sort(points, {}, &Point::condition);
  return points;
}

std::vector<double> all_of(double Point::*value, std::span<const Point> points) {
  std::vector<double> values;
  for (const Point& point : points) values.push_back(point.*value);
  return values;
}
std::vector<double> speeds_of(std::span<const Point> points) { return all_of(&Point::speed, points); }

ConditionGroup group_of(std::span<const Point> points) {
  return {.count = points.size(),
          .condition = median(all_of(&Point::condition, points)),
          .figure = median(speeds_of(points))};
}

struct Split {
  Explanation explanation;
  double chance;  ///< that speeds separate so well without a reason; for a single sample 1 when it does not fall out
  std::vector<std::size_t> below, above;  ///< which samples
  [[nodiscard]] bool of_single() const { return std::min(explanation.low.count, explanation.high.count) == 1; }
  [[nodiscard]] double speed_gap() const {
    const auto [low, high] = std::minmax(explanation.low.figure, explanation.high.figure);
    return high / low - 1;
  }
};

bool is_the_outlier(std::span<const Point> single, std::span<const Point> all) {
  const std::vector<double> speeds = speeds_of(all);
  const std::vector<std::size_t> found = outliers(speeds);
  return found.size() == 1 && speeds[found[0]] == single.front().speed;
}

std::vector<std::size_t> members_of(std::span<const Point> points) {
  std::vector<std::size_t> members;
  for (const Point& point : points) members.push_back(point.index);
  std::ranges::sort(members);
  return members;
}

Split split_at(std::span<const Point> points, std::size_t at, Condition condition, std::size_t samples) {
  const auto below = points.first(at);
  const auto above = points.subspan(at);
  Split split{.explanation = {.condition = condition,
                              .low = group_of(below),
                              .high = group_of(above),
                              .undecided = samples - points.size()},
              .chance = 1,
              .below = members_of(below),
              .above = members_of(above)};
  if (!split.of_single())
    split.chance = mann_whitney_p(speeds_of(below), speeds_of(above));
  else if (is_the_outlier(at == 1 ? below : above, points))
    split.chance = 1.0 / static_cast<double>(points.size());
  return split;
}

/// Every place where a condition leaves a gap.
std::vector<Split> splits_of(std::span<const Observation> samples) {
  std::vector<Split> splits;
  for (const Readings& readings : readings_of_conditions(median_seconds(samples))) {
    const std::vector<Point> points = points_of(samples, readings);
    for (std::size_t at = 1; at < points.size(); ++at) {
      if (differ(points[at - 1].condition, points[at].condition, readings))
        splits.push_back(split_at(points, at, readings.info().condition, samples.size()));
    }
  }
  return splits;
}

bool is_better(const Split& some, const Split& other) {
  return some.chance != other.chance ? some.chance < other.chance : some.speed_gap() > other.speed_gap();
}

/// Conditions that go together, such as two ways to lack a CPU, split the samples alike: that is one try.
std::size_t count_different(std::span<const Split> splits) {
  std::set<std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> different;
  for (const Split& split : splits) different.insert(std::minmax(split.below, split.above));
  return different.size();
}

/// The best of those splits that are too good for chance, when so many were tried.
std::optional<Explanation> best_of(std::span<const Split> splits, double most_chance_of_all) {
  const double limit = most_chance_of_all / static_cast<double>(count_different(splits));
  const Split* best = nullptr;
  for (const Split& split : splits) {
    const bool explains = split.chance <= limit && split.speed_gap() > least_speed_gap;
    if (explains && (best == nullptr || is_better(split, *best))) best = &split;
  }
  return best == nullptr ? std::nullopt : std::optional(best->explanation);
}

/// Fewer than half?
bool are_few(const std::vector<bool>& marks) {
  return 2 * static_cast<std::size_t>(std::ranges::count(marks, true)) < marks.size();
}

/// The least difference to the median of all readings that makes a sample unlike most.
double least_from_middle(double middle, const Readings& readings) {
  constexpr double deviations = 3;
  if (readings.info().unit != Unit::count) return 0;
  return deviations * std::sqrt(middle * readings.seconds) / readings.seconds;  // Poisson
}

/// Which samples' readings are unlike those of most; all false where there is no "most".
std::vector<bool> unlike_most(std::span<const Observation> samples, const Readings& readings) {
  std::vector<double> values;
  for (const Observation& sample : samples) {
    for (const ConditionInfo& info : readings.infos) {
      if (const auto& value = sample.conditions.*info.value) values.push_back(*value);
    }
  }
  std::vector<bool> unlike(samples.size());
  if (values.empty()) return unlike;
  const double middle = median(values);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    unlike[i] = std::ranges::any_of(readings.infos, [&](const ConditionInfo& info) {
      const auto& value = samples[i].conditions.*info.value;
      return value && differ(*value, middle, readings) &&
             std::abs(*value - middle) >= least_from_middle(middle, readings);
    });
  }
  return are_few(unlike) ? unlike : std::vector<bool>(samples.size());
}

/// Of the CPUs, rather than of what else ran on them.
std::vector<Readings> readings_of_cpus() {
  std::vector<Readings> all = readings_of_conditions(1);  // which matters to totals alone
  std::erase_if(all, [](const Readings& readings) { return readings.info().is_total(); });
  return all;
}

/// The mean of what is known; 0 when nothing is.
double mean_of(std::span<const Observation> samples, std::optional<double> Conditions::*value) {
  double sum = 0;
  double known = 0;
  for (const Observation& sample : samples) {
    if (!(sample.conditions.*value)) continue;
    sum += *(sample.conditions.*value);
    ++known;
  }
  return known == 0 ? 0 : sum / known;
}

bool is_known(const Conditions& conditions, const Readings& readings) {
  return std::ranges::all_of(readings.infos,
                             [&](const ConditionInfo& info) { return (conditions.*info.value).has_value(); });
}

/// The values at which a new group begins, ascending.
std::vector<double> borders_of(std::span<const Conditions> samples, const Readings& readings) {
  std::vector<double> values;
  for (const Conditions& sample : samples) {
    if (const auto value = value_of(sample, readings)) values.push_back(*value);
  }
  std::ranges::sort(values);
  std::vector<double> borders;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (differ(values[i - 1], values[i], readings)) borders.push_back(values[i]);
  }
  return borders;
}

}  // namespace

bool share_cpus(const CaseSpec& spec) {
  std::vector<int> cpus;
  for (std::size_t i = 0; i < spec.placement_count(); ++i) {
    const Placement& placement = spec.placement_at(i);
    if (placement.writer_cpu) cpus.push_back(*placement.writer_cpu);
    if (placement.reader_cpu && !spec.takes_turns()) cpus.push_back(*placement.reader_cpu);
  }
  std::ranges::sort(cpus);
  return std::ranges::adjacent_find(cpus) != cpus.end();
}

Observation observation_of(const CaseSpec& spec, const Sample& sample) {
  Observation observation{.conditions = sample.conditions, .seconds = sample.counted_seconds};
  Conditions& conditions = observation.conditions;
  if (spec.takes_turns()) conditions.reader_ns_per_add = conditions.reader_frequency_hz = std::nullopt;
  if (share_cpus(spec)) conditions.involuntary_switches = conditions.run_queue_seconds = std::nullopt;
  return observation;
}

std::optional<Explanation> explain(std::span<const Observation> samples) {
  std::vector<Split> splits = splits_of(with_rates(samples));
  const auto singles =
      std::stable_partition(splits.begin(), splits.end(), [](const Split& split) { return !split.of_single(); });
  const auto found = best_of({splits.begin(), singles}, most_chance);
  return found ? found : best_of({singles, splits.end()}, 1.0 / samples_for_a_single);
}

std::vector<std::size_t> under_other_conditions(std::span<const Observation> samples) {
  const std::vector<Observation> rates = with_rates(samples);
  std::vector<bool> others(samples.size());
  for (const Readings& readings : readings_of_conditions(median_seconds(samples))) {
    const std::vector<bool> unlike = unlike_most(rates, readings);
    for (std::size_t i = 0; i < samples.size(); ++i) others[i] = others[i] || unlike[i];
  }
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < others.size() && are_few(others); ++i) {
    if (others[i]) indices.push_back(i);
  }
  return indices;
}

bool slow_lack_cpus(std::span<const Observation> samples, bool high_is_slow) {
  std::vector<Observation> rates = with_rates(samples);
  std::ranges::sort(rates, {}, &Observation::speed);
  if (high_is_slow) std::ranges::reverse(rates);
  const std::span<const Observation> all = rates;
  const auto slow = all.first(all.size() / 2);
  const auto fast = all.last(all.size() / 2);
  return std::ranges::any_of(readings_of_conditions(median_seconds(samples)), [&](const Readings& readings) {
    const ConditionInfo& info = readings.info();
    if (info.condition != Condition::switches && info.condition != Condition::run_queue) return false;
    const double of_slow = mean_of(slow, info.value);
    const double of_fast = mean_of(fast, info.value);
    return of_slow > of_fast && differ(of_slow, of_fast, readings);
  });
}

std::vector<std::optional<std::size_t>> groups_of_alike(std::span<const Conditions> samples) {
  std::vector<std::optional<std::size_t>> groups(samples.size(), 0);
  for (const Readings& readings : readings_of_cpus()) {
    const std::vector<double> borders = borders_of(samples, readings);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      // Where all that is known is alike, what is not known tells nothing apart.
      if (!groups[i] || (borders.empty() && !is_known(samples[i], readings))) continue;
      if (const auto value = value_of(samples[i], readings)) {
        const auto below = static_cast<std::size_t>(std::ranges::upper_bound(borders, *value) - borders.begin());
        groups[i] = *groups[i] * (borders.size() + 1) + below;
      } else {
        groups[i] = std::nullopt;
      }
    }
  }
  return groups;
}

std::optional<ConditionDifference> condition_difference(std::span<const Conditions> base,
                                                        std::span<const Conditions> other) {
  const auto median_of = [](std::span<const Conditions> samples, const Readings& readings) -> std::optional<double> {
    std::vector<double> values;
    for (const Conditions& sample : samples) {
      if (const auto value = value_of(sample, readings)) values.push_back(*value);
    }
    return values.empty() ? std::nullopt : std::optional(median(values));
  };
  for (const Readings& readings : readings_of_cpus()) {
    const auto here = median_of(base, readings);
    const auto there = median_of(other, readings);
    if (here && there && differ(*here, *there, readings))
      return ConditionDifference{.condition = readings.info().condition, .base = *here, .other = *there};
  }
  return std::nullopt;
}

}  // namespace pipebench
