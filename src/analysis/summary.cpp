#include "pipebench/analysis/summary.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "pipebench/analysis/baseline.hpp"
#include "pipebench/analysis/completion.hpp"
#include "pipebench/analysis/conditions.hpp"
#include "pipebench/analysis/doubts.hpp"
#include "pipebench/analysis/end_figures.hpp"
#include "pipebench/analysis/figures.hpp"
#include "pipebench/analysis/precision.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

// Of both ends, however many threads they have.
std::optional<double> cpu_seconds_of_ends(const Sample& sample) {
  if (sample.both_ends_seconds) return sample.both_ends_seconds;
  const auto writer = cpu_seconds(sample.writer);
  const auto reader = cpu_seconds(sample.reader);
  return writer && reader ? std::optional(*writer + *reader) : std::nullopt;
}

// CPU seconds per GiB, when every sample has all parts.
std::optional<double> cpu_seconds_per_gib(const std::vector<Sample>& samples) {
  double cpu = 0;
  double gib = 0;
  for (const Sample& sample : samples) {
    const auto seconds = cpu_seconds_of(sample);
    if (!seconds) return std::nullopt;
    cpu += *seconds;
    gib += static_cast<double>(sample.counted_bytes) / (1024.0 * 1024.0 * 1024.0);
  }
  return cpu / gib;
}

// How fast each stream was, and how evenly they shared the machine.
void compare_streams(Summary& summary, const std::vector<Sample>& samples) {
  const std::size_t streams = samples.front().stream_bytes.size();
  if (streams == 0) return;
  std::vector<std::vector<double>> speeds(streams);
  std::vector<double> indices;
  for (const Sample& sample : samples) {
    std::vector<double> shares;
    for (const std::uint64_t bytes : sample.stream_bytes) shares.push_back(sample.speed_of(bytes));
    indices.push_back(fairness(shares));
    for (std::size_t i = 0; i < streams; ++i) speeds[i].push_back(shares[i]);
  }
  for (const std::vector<double>& of_stream : speeds) summary.stream_gib_per_second.push_back(median(of_stream));
  summary.fairness = median(indices);
}

// Each thread's share of what all of its end moved.
std::vector<double> thread_shares(const std::vector<Sample>& samples, std::vector<std::uint64_t> Sample::*threads) {
  std::vector<double> medians;
  for (std::size_t i = 0; i < (samples.front().*threads).size(); ++i) {
    std::vector<double> shares;
    for (const Sample& sample : samples) {
      const auto& bytes = sample.*threads;
      const auto all = std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0});
      if (i < bytes.size() && all > 0) shares.push_back(static_cast<double>(bytes[i]) / static_cast<double>(all));
    }
    medians.push_back(shares.empty() ? 0 : median(shares));
  }
  return medians;
}

void add_price_of_both(Summary& summary, const std::vector<double>& both) {
  if (both.empty()) return;
  summary.turns_ns_per_page = median(both);
  const Interval interval = median_interval(both);
  if (interval.coverage < 0.95) return;
  summary.turns_ns_per_page_ci95_low = interval.low;
  summary.turns_ns_per_page_ci95_high = interval.high;
}

void add_prices(Summary& summary, const std::vector<Sample>& samples) {
  std::vector<double> writer, reader, both;
  for (const Sample& sample : samples) {
    const std::optional<double> price = sample.turns_ns_per_page();
    if (price && std::isfinite(*price)) both.push_back(*price);
    if (sample.writer_turns.median_ns_per_page) writer.push_back(*sample.writer_turns.median_ns_per_page);
    if (sample.reader_turns.median_ns_per_page) reader.push_back(*sample.reader_turns.median_ns_per_page);
  }
  if (!writer.empty()) summary.writer_ns_per_page = median(writer);
  if (!reader.empty()) summary.reader_ns_per_page = median(reader);
  add_price_of_both(summary, both);
}

// The median of those samples that have the figure.
std::optional<double> median_of(const std::vector<Sample>& samples, Percentiles Sample::*times,
                                std::optional<double> Percentiles::*figure) {
  std::vector<double> figures;
  for (const Sample& sample : samples) {
    if (const auto& value = (sample.*times).*figure) figures.push_back(*value);
  }
  return figures.empty() ? std::nullopt : std::optional(median(figures));
}

// Of the longest, the median would say nothing.
Percentiles percentiles_of(const std::vector<Sample>& samples, Percentiles Sample::*times) {
  Percentiles all;
  for (const auto figure : {&Percentiles::clock_ns, &Percentiles::p50_ns, &Percentiles::p90_ns, &Percentiles::p99_ns,
                            &Percentiles::p999_ns})
    all.*figure = median_of(samples, times, figure);
  for (const Sample& sample : samples) {
    const Percentiles& one = sample.*times;
    if (one.count) all.count = all.count.value_or(0) + *one.count;
    if (one.max_ns) all.max_ns = std::max(all.max_ns.value_or(0), *one.max_ns);
  }
  return all;
}

std::vector<double> speeds_of(const std::vector<Sample>& samples) {
  std::vector<double> speeds;
  for (const Sample& sample : samples) speeds.push_back(sample.gib_per_second());
  return speeds;
}

// Those that cases are compared by; the speeds where there are none.
std::vector<double> doubted_figures(const CaseResult& result) {
  std::vector<double> figures;
  for (const RoundSpeed& figure : figures_of(result)) figures.push_back(figure.speed);
  return figures.empty() ? speeds_of(counted_samples(result)) : figures;
}

// How long samples took, relative to their --time; 1 for samples by --bytes.
double overrun_of(const CaseResult& result) {
  if (result.sampling.bytes || result.sampling.to_end_of_input) return 1;
  std::vector<double> seconds;
  for (const Sample& sample : counted_samples(result)) seconds.push_back(sample.counted_seconds);
  return median(seconds) / result.sampling.time_seconds;
}

// Does what buffers and pipes hold take as long to be sent and drained as all that --time moves? Another program takes
// what time it likes.
bool drains_long(const CaseResult& result) {
  if (result.sampling.bytes || result.sampling.once || result.spec.starts_program()) return false;
  const CaseSpec& spec = result.spec;
  const std::uint64_t held = spec.streams * (spec.writer_threads * spec.total_buffers() * spec.buffer_bytes +
                                             spec.stripe * spec.pipe_bytes.value_or(0));
  double bytes = 0;
  double seconds = 0;
  for (const Sample& sample : counted_samples(result)) {
    bytes += static_cast<double>(sample.counted_bytes);
    seconds += sample.counted_seconds;
  }
  return static_cast<double>(held) * seconds >= bytes * result.sampling.time_seconds;
}

// Of one thread, on the side that has more of them, over all samples. Empty where they were not counted.
std::optional<double> switches_of(const CaseResult& result, Counter kind) {
  std::optional<double> most;
  for (const auto& [end, threads] :
       {std::pair{&Sample::writer, result.spec.writer_threads}, {&Sample::reader, result.spec.reader_threads}}) {
    double sum = 0;
    bool any = false;
    for (const Sample& sample : counted_samples(result)) {
      const std::optional<double>& count = (sample.*end)[kind];
      any = any || count;
      sum += count.value_or(0);
    }
    if (any) most = std::max(most.value_or(0), sum / threads);
  }
  // The counters cover all streams.
  return most ? std::optional(*most / result.spec.streams) : most;
}

// Likewise. Of threads that run both ends, the conditions alone have them.
std::optional<double> involuntary_switches_of(const CaseResult& result) {
  if (!result.spec.takes_turns()) return switches_of(result, Counter::involuntary_switches);
  double sum = 0;
  for (const Sample& sample : counted_samples(result)) {
    const std::optional<double>& switches = sample.conditions.involuntary_switches;
    if (!switches) return std::nullopt;
    sum += *switches;
  }
  return sum / result.spec.streams;
}

double counted_seconds(const CaseResult& result) {
  double seconds = 0;
  for (const Sample& sample : counted_samples(result)) seconds += sample.counted_seconds;
  return seconds;
}

std::optional<double> sleeps_per_second(const CaseResult& result) {
  const std::optional<double> sleeps = switches_of(result, Counter::voluntary_switches);
  return sleeps ? std::optional(*sleeps / counted_seconds(result)) : sleeps;
}

// Do the ends wait for each other by sleeping? On one CPU that is the only way to take turns.
bool waits_asleep(const CaseSpec& spec) { return spec.may_sleep() && !share_cpus(spec); }

std::vector<Observation> observations_of(const CaseResult& result) {
  std::vector<Observation> samples;
  for (const Sample& sample : counted_samples(result)) {
    const std::optional<double> figure = figure_of(sample);
    if (!figure) continue;
    samples.push_back(observation_of(result.spec, sample));
    samples.back().speed = *figure;
  }
  return samples;
}

bool has_conditions(const CaseResult& result) {
  return std::ranges::any_of(counted_samples(result), [](const Sample& sample) {
    return std::ranges::any_of(condition_table,
                               [&](const ConditionInfo& info) { return (sample.conditions.*info.value).has_value(); });
  });
}

Evidence evidence_of(const CaseResult& result, const Summary& summary, bool met_others) {
  Evidence evidence{.switches = involuntary_switches_of(result).value_or(0),
                    .seconds = counted_seconds(result),
                    .share_cpus = share_cpus(result.spec),
                    .takes_turns = result.spec.takes_turns(),
                    .slow_lack_cpus = slow_lack_cpus(observations_of(result), result.spec.takes_turns()),
                    .waiting = share_of_waiting(result).value_or(0),
                    .once = result.sampling.once,
                    .has_conditions = has_conditions(result),
                    .met_others = met_others,
                    .overrun = overrun_of(result),
                    .drains_long = drains_long(result),
                    .is_explained = summary.explanation.has_value(),
                    .ratio_precision = summary.ratio_precision()};
  if (waits_asleep(result.spec)) evidence.sleeps_per_second = summary.sleeps_per_second.value_or(0);
  return evidence;
}

std::optional<Explanation> explanation_of(const CaseResult& result) {
  std::optional<Explanation> found = explain(observations_of(result));
  if (found) found->low.is_price = found->high.is_price = result.spec.takes_turns();
  return found;
}

void compare_with(const CaseResult& baseline, const CaseResult& result, double independent_share, Summary& summary) {
  const std::optional<Ratio> ratio = ratio_to(baseline, result, independent_share);
  if (!ratio) return;
  summary.relative_to = baseline.name;
  summary.ratio = ratio->median;
  if (ratio->interval.coverage < 0.95) return;
  summary.ratio_ci95_low = ratio->interval.low;
  summary.ratio_ci95_high = ratio->interval.high;
}

}  // namespace

std::vector<Sample> counted_samples(const CaseResult& result) {
  std::vector<Sample> counted;
  std::ranges::remove_copy(result.samples, std::back_inserter(counted), true, &Sample::set_aside);
  return counted;
}

std::optional<double> share_of_waiting(const CaseResult& result) {
  double waited = 0;
  double seconds = 0;
  for (const Sample& sample : counted_samples(result)) {
    if (!sample.conditions.run_queue_seconds) continue;
    waited += *sample.conditions.run_queue_seconds;
    seconds += sample.counted_seconds;
  }
  if (seconds <= 0) return std::nullopt;
  const CaseSpec& spec = result.spec;
  const unsigned threads = spec.takes_turns() ? 1 : spec.writer_threads + spec.reader_threads;  // of a stream
  return waited / seconds / (threads * spec.streams);
}

std::optional<double> cpu_seconds_of(const Sample& sample) {
  const auto ends = cpu_seconds_of_ends(sample);
  return ends && sample.worker_seconds ? std::optional(*ends + *sample.worker_seconds) : std::nullopt;
}

Summary summarize(const CaseResult& result, const CaseResult* baseline, bool met_others, double independent_share) {
  const std::vector<Sample> samples = counted_samples(result);
  const std::vector<double> speeds = speeds_of(samples);
  const Interval interval = median_interval(speeds);
  const double middle = median(speeds);
  const auto [low, high] = std::ranges::minmax(speeds);
  Summary summary{.n = speeds.size(),
                  .median_gib_per_second = middle,
                  .ci95_low = interval.low,
                  .ci95_high = interval.high,
                  .ci_coverage = interval.coverage,
                  .mad = median_absolute_deviation(speeds),
                  .min = low,
                  .max = high,
                  .outliers = outliers(speeds).size(),
                  .ns_per_page = 4096.0 * 1e9 / (middle * 1024 * 1024 * 1024),
                  .cpu_seconds_per_gib = cpu_seconds_per_gib(samples),
                  .sleeps_per_second = sleeps_per_second(result),
                  .writer = end_figures(result, Role::writer),
                  .reader = end_figures(result, Role::reader),
                  .explanation = explanation_of(result)};
  add_prices(summary, samples);
  summary.latency = percentiles_of(samples, &Sample::latency);
  summary.round_trip = percentiles_of(samples, &Sample::round_trip);
  compare_streams(summary, samples);
  summary.writer_thread_shares = thread_shares(samples, &Sample::writer_thread_bytes);
  summary.reader_thread_shares = thread_shares(samples, &Sample::reader_thread_bytes);
  if (is_relative_to(result, baseline)) compare_with(*baseline, result, independent_share, summary);
  summary.doubts = doubts_about(doubted_figures(result), evidence_of(result, summary, met_others));
  return summary;
}

void summarize(Document& document) {
  const CaseResult* baseline = baseline_of(document);
  const bool met_others = document.plan.others.has_value();
  const double share = independent_share_of_ratios(cases_so_far(document.cases, document.plan.baseline));
  for (CaseResult& result : document.cases) {
    if (counted_samples(result).empty()) continue;
    result.summary = summarize(result, baseline, met_others, share);
    std::vector<Doubt>& doubts = result.summary->doubts;
    if (!document.plan.complete && is_cut_short(result)) doubts.insert(doubts.begin(), Doubt::cut_short);
  }
}

}  // namespace pipebench
