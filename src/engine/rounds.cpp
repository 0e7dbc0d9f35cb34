#include "pipebench/engine/rounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "pipebench/base/shuffle.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

void add_once(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& text : more) {
    if (std::ranges::find(list, text) == list.end()) list.push_back(text);
  }
}

void fail(CaseResult& result, std::string reason) {
  result.status = Status::failed;
  result.reason = std::move(reason);
}

void take_in(CaseResult& result, SampleOutcome outcome) {
  if (outcome.obtained.pipe_bytes) result.obtained = outcome.obtained;
  add_once(result.notes, outcome.notes);
  add_once(result.notes, outcome.misses);
  if (outcome.sample) result.samples.push_back(*std::move(outcome.sample));
  if (!outcome.failure.empty()) {
    fail(result, std::move(outcome.failure));
  } else if (result.sampling.strict && !outcome.misses.empty()) {
    fail(result, outcome.misses[0] + " --strict makes that a failure.");
  }
}

void take_in(CaseResult& result, VerifyOutcome outcome) {
  if (!outcome.failure.empty()) return fail(result, "Verification: " + outcome.failure);
  if (outcome.interrupted) return;
  result.verify = std::move(outcome.verification);
  const bool torn = result.verify->outcome == Outcome::torn;
  if (torn && result.traits.safe) fail(result, "Called safe, but not what was sent arrived. " + result.verify->reason);
  if (!torn && !result.traits.safe)
    result.notes.emplace_back("By the rules of reuse this is unsafe, yet nothing was overwritten this time.");
}

// False: interrupted.
bool verify_cases(std::vector<CaseResult>& cases, const std::vector<std::size_t>& planned, Progress& progress,
                  const RoundsSettings& settings, const Verify& verify) {
  for (const std::size_t index : planned) {
    CaseResult& result = cases[index];
    if (!result.sampling.verify) continue;
    progress.name = result.name;
    if (settings.on_progress) settings.on_progress(progress);
    VerifyOutcome outcome = verify(result.spec, result.sampling, result.verify ? result.verify->reason : "");
    const bool interrupted = outcome.interrupted;
    take_in(result, std::move(outcome));
    if (interrupted) return false;
  }
  return true;
}

void finish(CaseResult& result) {
  if (!result.samples.empty()) result.summary = summarize(result);
  if (result.status == Status::planned && !result.samples.empty()) result.status = Status::ok;
}

// What was not obtained even before a sample could be taken.
void fail_strict(std::vector<CaseResult>& cases) {
  for (CaseResult& result : cases) {
    if (result.status == Status::skipped && result.unobtained && result.sampling.strict)
      fail(result, "--strict makes this a failure: " + result.reason);
  }
}

std::vector<std::size_t> planned_cases(const std::vector<CaseResult>& cases) {
  std::vector<std::size_t> planned;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].status == Status::planned) planned.push_back(i);
  }
  return planned;
}

// CPU seconds per GiB, when every sample has all four parts.
std::optional<double> cpu_seconds_per_gib(const std::vector<Sample>& samples) {
  double cpu = 0;
  double gib = 0;
  for (const Sample& sample : samples) {
    for (const EndCounters* end : {&sample.writer, &sample.reader}) {
      const auto seconds = cpu_seconds(*end);
      if (!seconds) return std::nullopt;
      cpu += *seconds;
    }
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

// Do any two ends of the case run on one CPU?
bool share_cpus(const CaseSpec& spec) {
  std::vector<int> cpus;
  for (std::size_t i = 0; i < spec.streams; ++i) {
    for (const std::optional<int>& cpu : {spec.placement_of(i).writer_cpu, spec.placement_of(i).reader_cpu})
      if (cpu) cpus.push_back(*cpu);
  }
  std::ranges::sort(cpus);
  return std::ranges::adjacent_find(cpus) != cpus.end();
}

Disturbance disturbance_of(const CaseResult& result) {
  double writer = 0;
  double reader = 0;
  double seconds = 0;
  for (const Sample& sample : result.samples) {
    writer += sample.writer[Counter::involuntary_switches].value_or(0);
    reader += sample.reader[Counter::involuntary_switches].value_or(0);
    seconds += sample.counted_seconds;
  }
  // The counters are of all streams, the limits of one thread.
  const double of_a_thread = std::max(writer, reader) / result.spec.streams;
  return {.switches_per_second = of_a_thread / seconds,
          .switches_per_sample = of_a_thread / static_cast<double>(result.samples.size()),
          .share_cpus = share_cpus(result.spec)};
}

}  // namespace

Summary summarize(const CaseResult& result) {
  std::vector<double> speeds;
  for (const Sample& sample : result.samples) speeds.push_back(sample.gib_per_second());
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
                  .cpu_seconds_per_gib = cpu_seconds_per_gib(result.samples),
                  .advice = stability_advice(speeds, disturbance_of(result))};
  compare_streams(summary, result.samples);
  summary.stable = summary.advice.empty();
  return summary;
}

bool run_rounds(std::vector<CaseResult>& cases, const RoundsSettings& settings, const Hands& hands) {
  fail_strict(cases);
  const std::vector<std::size_t> planned = planned_cases(cases);
  unsigned rounds = 0;
  Progress progress;
  for (const std::size_t index : planned) {
    rounds = std::max(rounds, cases[index].sampling.rounds);
    progress.total += cases[index].sampling.rounds;
  }
  bool interrupted = !verify_cases(cases, planned, progress, settings, hands.verify);
  for (unsigned round = 0; round < rounds && !interrupted; ++round) {
    std::vector<std::size_t> order = shuffled_order(planned.size(), settings.seed, round);
    if (!settings.shuffled) std::ranges::sort(order);
    for (const std::size_t at : order) {
      CaseResult& result = cases[planned[at]];
      if (round >= result.sampling.rounds) continue;
      if (result.status == Status::planned) {
        progress.name = result.name;
        if (settings.on_progress) settings.on_progress(progress);
        SampleOutcome outcome = hands.measure(result.spec, result.sampling, round);
        interrupted = outcome.interrupted;
        take_in(result, std::move(outcome));
      }
      ++progress.done;
      if (interrupted) break;
    }
  }
  for (CaseResult& result : cases) finish(result);
  return !interrupted;
}

}  // namespace pipebench
