#include "engine/make_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "engine/memory_check.hpp"
#include "pipebench/base/distinct.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/system/huge_pages.hpp"

namespace pipebench {
namespace {

void add_nodes(std::vector<int>& nodes, const std::vector<int>& more) {
  nodes.insert(nodes.end(), more.begin(), more.end());
  nodes = sorted_distinct(std::move(nodes));
}

void report_end(SampleOutcome& outcome, const EndReport& end) {
  const bool writes = end.role == Role::writer;
  if (!outcome.obtained.pages) outcome.obtained.pages = end.pages;
  add_nodes(writes ? outcome.obtained.writer_nodes : outcome.obtained.reader_nodes, end.nodes);
  outcome.notes.insert(outcome.notes.end(), end.notes.begin(), end.notes.end());
  outcome.misses.insert(outcome.misses.end(), end.misses.begin(), end.misses.end());
  const bool wants_thp_in_file = end.in_file && end.wanted_pages == ObtainedPages::thp;
  const PageFinding finding =
      check_pages(end.wanted_pages, end.role, end.pages, wants_thp_in_file ? why_no_thp_in_files() : std::nullopt);
  if (!finding.note.empty()) outcome.notes.push_back(finding.note);
  if (!finding.miss.empty()) outcome.misses.push_back(finding.miss);
}

EndCounters counters_of(const std::vector<EndReport>& ends) {
  if (ends.empty()) return {};
  EndCounters sum = ends.front().counters;
  for (std::size_t i = 1; i < ends.size(); ++i) sum.add(ends[i].counters);
  return sum;
}

// Of a thread that runs both ends, the report of the reader lacks them.
std::optional<double> switches_of(const Run& run) {
  std::uint64_t switches = 0;
  for (const auto* ends : {&run.writers, &run.readers}) {
    for (const EndReport& end : *ends) {
      if (end.used) switches += end.used->involuntary_switches;
      if (!end.used && !(end.turns && end.role == Role::reader)) return std::nullopt;
    }
  }
  return static_cast<double>(switches);
}

std::optional<double> run_queue_seconds_of(const Run& run) {
  double seconds = 0;
  for (const auto* ends : {&run.writers, &run.readers}) {
    for (const EndReport& end : *ends) {
      if (!end.run_queue_seconds && !(end.turns && end.role == Role::reader)) return std::nullopt;
      seconds += end.run_queue_seconds.value_or(0);
    }
  }
  return seconds;
}

// Of the first of a role in the first stream.
EndConditions first_conditions(const std::vector<EndReport>& ends) {
  const auto first = std::ranges::find(ends, 0U, &EndReport::stream);
  return first == ends.end() ? EndConditions{} : first->conditions;
}

// All that is measured of the other ends are totals over the sample.
Conditions conditions_of(const Run& run, const Stage& stage) {
  const EndConditions writer = first_conditions(run.writers);
  const EndConditions reader = first_conditions(run.readers);
  return {.handover_ns_before = writer.handover_ns_before,
          .handover_ns_after = writer.handover_ns_after,
          .writer_ns_per_add = writer.ns_per_add,
          .reader_ns_per_add = reader.ns_per_add,
          .steal_seconds = stage.steal_seconds(),
          .involuntary_switches = switches_of(run),
          .run_queue_seconds = run_queue_seconds_of(run),
          .writer_frequency_hz = writer.frequency_hz,
          .reader_frequency_hz = reader.frequency_hz};
}

Turns turns_of(const std::vector<EndReport>& ends) {
  if (ends.empty()) return {};  // another program's
  Histogram ps_per_page;
  for (const EndReport& end : ends) {
    if (!end.turns) return {};
    ps_per_page.add(end.turns->ps_per_page);
  }
  return turns_of(ps_per_page);
}

void note_lack_of_price(SampleOutcome& outcome, const Turns& turns, Role role) {
  if (turns.count.value_or(0) > 0 && !turns.median_ns_per_page)
    outcome.notes.push_back(fmt::format(
        "Most turns of the {} took no longer than reading the clock, so they have no price.", name_of(role)));
}

void report_turns(SampleOutcome& outcome, Sample& sample, const Run& run) {
  sample.writer_turns = turns_of(run.writers);
  sample.reader_turns = turns_of(run.readers);
  note_lack_of_price(outcome, sample.writer_turns, Role::writer);
  note_lack_of_price(outcome, sample.reader_turns, Role::reader);
  if (run.writers.empty()) return;
  const auto& turns = run.writers.front().turns;
  if (turns) sample.clock_ns = static_cast<double>(turns->clock_ps) / 1000;
}

// Of all streams.
Percentiles percentiles_of(const std::vector<EndReport>& ends, std::optional<ClockedTimes> EndReport::*times) {
  if (ends.empty() || !(ends.front().*times)) return {};
  ClockedTimes all{.clock_ps = (ends.front().*times)->clock_ps};
  for (const EndReport& end : ends) all.ps.add((end.*times)->ps);
  return percentiles_of(all);
}

// Of threads that run both ends.
void report_cpu_time_of_both_ends(Sample& sample, const Run& run) {
  if (run.writers.empty()) return;
  double user = 0;
  double system = 0;
  for (const EndReport& writer : run.writers) {
    if (!writer.turns || !writer.used) return;
    user += writer.used->user_seconds;
    system += writer.used->system_seconds;
  }
  sample.both_ends_seconds = user + system;
  sample.both_ends_system_seconds = system;
}

/// What the ends of one stream came to together.
struct StreamTotals {
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;
  std::uint64_t start_ns = std::numeric_limits<std::uint64_t>::max();  // of the first
  std::uint64_t end_ns = 0;                                            // of the last reader
};

std::vector<StreamTotals> totals_of(const Run& run, std::size_t streams) {
  std::vector<StreamTotals> totals(streams);
  for (const EndReport& writer : run.writers) {
    StreamTotals& stream = totals[writer.stream];
    stream.sent += writer.tally.bytes;
    stream.start_ns = std::min(stream.start_ns, writer.start_ns);
    // Another program reads: what it has taken is known as far as the pipe is full.
    if (!run.readers.empty()) continue;
    stream.taken += writer.tally.bytes;
    stream.end_ns = std::max(stream.end_ns, writer.tally.end_ns);
  }
  for (const EndReport& reader : run.readers) {
    StreamTotals& stream = totals[reader.stream];
    stream.taken += reader.tally.bytes;
    if (run.writers.empty()) stream.sent += reader.tally.bytes;  // by another program
    stream.start_ns = std::min(stream.start_ns, reader.start_ns);
    stream.end_ns = std::max(stream.end_ns, reader.tally.end_ns);
  }
  return totals;
}

// Each stream from the common start to its last byte.
void count_all(Sample& sample, const Run& run, std::size_t streams) {
  for (const StreamTotals& stream : totals_of(run, streams)) {
    // The reader of null takes what was never in a pipe, and may take more than was sent.
    sample.counted_bytes += std::min(stream.sent, stream.taken);
    sample.counted_seconds +=
        static_cast<double>(stream.end_ns - stream.start_ns) * 1e-9 / static_cast<double>(streams);
  }
}

std::vector<std::uint64_t> bytes_of_threads(const Stage& stage, Role role) {
  const std::size_t threads = role == Role::writer ? stage.shape().writers : stage.shape().readers;
  std::vector<std::uint64_t> bytes;
  for (std::size_t stream = 0; threads > 1 && stream < stage.streams().size(); ++stream) {
    for (std::size_t i = 0; i < threads; ++i) bytes.push_back(stage.moved_meanwhile(stream, role, i));
  }
  return bytes;
}

// The interval in which all ends ran; nothing where there is none.
void time_all(Sample& sample, const Stage& stage) {
  const SnapshotTime& begin = stage.share().all_begun;
  const SnapshotTime& end = stage.share().first_ended;
  if (end.from_ns <= begin.to_ns) return;
  const std::size_t streams = stage.streams().size();
  for (std::size_t stream = 0; stream < streams; ++stream) {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < stage.shape().readers; ++i) bytes += stage.moved_meanwhile(stream, Role::reader, i);
    sample.bytes += bytes;
    if (streams > 1) sample.stream_bytes.push_back(bytes);
  }
  sample.writer_thread_bytes = bytes_of_threads(stage, Role::writer);
  sample.reader_thread_bytes = bytes_of_threads(stage, Role::reader);
  sample.seconds = static_cast<double>(end.ns() - begin.ns()) * 1e-9;
}

}  // namespace

void report_obtained(SampleOutcome& outcome, const Run& run) {
  for (const EndReport& end : run.writers) report_end(outcome, end);
  for (const EndReport& end : run.readers) report_end(outcome, end);
  for (auto* sentences : {&outcome.notes, &outcome.misses}) *sentences = distinct(std::move(*sentences));
}

void make_sample(SampleOutcome& outcome, const Run& run, const Streams& streams, const Sampling& sampling,
                 unsigned round) {
  const Stage& stage = streams.stage;
  Sample sample{.round = round, .writer = counters_of(run.writers), .reader = counters_of(run.readers)};
  if (sampling.conditions) sample.conditions = conditions_of(run, stage);
  report_turns(outcome, sample, run);
  sample.latency = percentiles_of(run.readers, &EndReport::latency);
  sample.round_trip = percentiles_of(run.writers, &EndReport::round_trip);
  if (is_scaled(sample.writer) || is_scaled(sample.reader))
    outcome.notes.emplace_back(
        "Something else used the PMU, too: hardware events were counted for part of the time, and scaled up "
        "(hardware_counting_seconds), or not at all.");
  count_all(sample, run, stage.streams().size());
  if (sampling.counters)
    sample.worker_seconds = streams.strategies.have_kernel_workers() ? stage.worker_seconds_used() : 0.0;
  if (sampling.has_cpu_time()) report_cpu_time_of_both_ends(sample, run);
  if (stage.streams().size() == 1 && !stage.shape().is_shared()) {
    sample.bytes = sample.counted_bytes;
    sample.seconds = sample.counted_seconds;
  } else {
    time_all(sample, stage);
  }
  if (sample.seconds > 0 && sample.bytes > 0) {
    outcome.sample = std::move(sample);
  } else if (sample.seconds > 0) {
    outcome.failure = fmt::format(
        "Nothing arrived in the {} in which all ran, as something else had the CPUs, or too many threads share them; "
        "use longer samples (--time, --bytes).",
        format_duration(sample.seconds));
  } else {
    outcome.failure =
        "One stream or thread had ended before all had begun, so there is no time in which all ran; send more "
        "(--bytes), or measure by --time, which begins when all have.";
  }
}

}  // namespace pipebench
