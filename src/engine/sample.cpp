#include "pipebench/engine/sample.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "engine/memory_check.hpp"
#include "engine/runner.hpp"
#include "engine/verification.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {
namespace {

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(text);
}

void add_nodes(std::vector<int>& nodes, const std::vector<int>& more) {
  nodes.insert(nodes.end(), more.begin(), more.end());
  std::ranges::sort(nodes);
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

void report_end(SampleOutcome& outcome, const EndReport& end, std::string_view role) {
  if (outcome.obtained.pages.empty()) outcome.obtained.pages = end.pages;
  add_nodes(role == "writer" ? outcome.obtained.writer_nodes : outcome.obtained.reader_nodes, end.nodes);
  for (const std::string& note : end.notes) add_once(outcome.notes, note);
  for (const std::string& miss : end.misses) add_once(outcome.misses, miss);
  const PageFinding finding = check_pages(end.wanted_pages, role, end.pages);
  if (!finding.note.empty()) add_once(outcome.notes, finding.note);
  if (!finding.miss.empty()) add_once(outcome.misses, finding.miss);
}

void report_obtained(SampleOutcome& outcome, const Run& run) {
  for (const EndReport& end : run.writers) report_end(outcome, end, "writer");
  for (const EndReport& end : run.readers) report_end(outcome, end, "reader");
}

EndCounters counters_of(const std::vector<EndReport>& ends) {
  EndCounters sum = ends.front().counters;
  for (std::size_t i = 1; i < ends.size(); ++i) sum.add(ends[i].counters);
  return sum;
}

// Each stream: from the common start to the reader's last byte.
void count_all(Sample& sample, const Run& run) {
  for (std::size_t i = 0; i < run.writers.size(); ++i) {
    const EndReport& writer = run.writers[i];
    const EndReport& reader = run.readers[i];
    // What null takes was never in a pipe, and may be more than was sent.
    sample.counted_bytes += std::min(writer.tally.bytes, reader.tally.bytes);
    const std::uint64_t ns = reader.tally.end_ns - std::min(writer.start_ns, reader.start_ns);
    sample.counted_seconds += static_cast<double>(ns) * 1e-9 / static_cast<double>(run.writers.size());
  }
}

// Several: the interval in which all ran; nothing where there is none.
void time_all(Sample& sample, const Stage& stage) {
  const Mark& begin = stage.share().all_begun;
  const Mark& end = stage.share().first_ended;
  if (end.from_ns <= begin.to_ns) return;
  for (const StreamShare& stream : stage.streams()) {
    sample.stream_bytes.push_back(stream.consumed_at_end - stream.consumed_at_begin);
    sample.bytes += sample.stream_bytes.back();
  }
  sample.seconds = static_cast<double>(end.ns() - begin.ns()) * 1e-9;
}

void make_sample(SampleOutcome& outcome, const Run& run, const Streams& streams, bool counters, unsigned round) {
  const Stage& stage = streams.stage;
  Sample sample{.round = round, .writer = counters_of(run.writers), .reader = counters_of(run.readers)};
  count_all(sample, run);
  if (counters) sample.worker_seconds = streams.strategies.have_kernel_workers() ? stage.worker_seconds_used() : 0.0;
  if (run.readers.size() == 1) {
    sample.bytes = sample.counted_bytes;
    sample.seconds = sample.counted_seconds;
  } else {
    time_all(sample, stage);
  }
  if (sample.seconds > 0 && sample.bytes > 0) {
    outcome.sample = std::move(sample);
  } else {
    outcome.failure =
        "One stream had ended before all had begun, so there is no time in which all ran; send more (--bytes), "
        "or measure by --time, which begins when all have.";
  }
}

// One page is sent, changed, and only then read: the reader sees the change only if no copy was made.
std::optional<bool> try_zero_copy(const CaseSpec& spec) {
  if (spec.pages == Pages::skb) return std::nullopt;
  CaseSpec one = spec;
  one.streams = 1;
  one.stripe = 1;
  one.buffers = 1;
  one.buffer_bytes = std::min<std::uint64_t>(one.buffer_bytes, page_sizes_here().base);
  one.wait = Wait::busy;
  one.payload = Payload::fixed;
  one.no_touch = false;  // an untouched page would be the shared zero page, which nobody changes
  one.lock = false;
  const std::uint64_t bytes = one.buffer_bytes;
  const Streams streams(strategies_of(one), one, {.bytes = bytes});
  StreamShare& share = streams.stage.streams()[0];
  const Pipe& pipe = streams.pipes[0].pipes[0];
  const StrategyDescriptor& strategy = streams.strategies.writer;
  const auto end = strategy.make({.spec = one,
                                  .info = strategy.info,
                                  .exchange = {.returns = streams.pipes[0].returns, .sent_from = share.sent_from}});
  const int fd = pipe.write_fd();
  if (end->run({.link = share.measured, .pipes = {&fd, 1}, .byte_target = bytes}).bytes != bytes) return std::nullopt;
  const std::byte changed{'#'};
  *end->buffers().start(0) = changed;
  std::byte arrived{};
  if (::read(pipe.read_fd(), &arrived, 1) != 1) return std::nullopt;
  return arrived == changed;
}

}  // namespace

Sampler::Sampler(const Topology& topology, const std::atomic<int>& interrupt,
                 std::optional<double> verify_limit_seconds)
    : topology_(topology), interrupt_(interrupt), verify_limit_seconds_(verify_limit_seconds) {}

SampleOutcome Sampler::take(const CaseSpec& spec, const Sampling& sampling, unsigned round) try {
  SampleOutcome outcome;
  Streams streams(strategies_of(spec), spec, sampling);
  outcome.obtained.pipe_bytes = streams.pipes[0].pipes[0].capacity();
  const Run run = run_streams(streams, spec, sampling, Purpose::measure, topology_, interrupt_);
  report_obtained(outcome, run);
  outcome.interrupted = run.interrupted;
  outcome.failure = run.failure;
  if (run.failure.empty() && !run.interrupted) make_sample(outcome, run, streams, sampling.counters, round);
  return outcome;
} catch (const std::exception& error) {
  SampleOutcome outcome;
  outcome.failure = error.what();
  return outcome;
}

VerifyOutcome Sampler::verify(const CaseSpec& spec, const Sampling& sampling, const std::string& why_not) try {
  VerifyOutcome outcome;
  const std::optional<bool> zero_copy = try_zero_copy(spec);
  if (!why_not.empty()) {
    outcome.verification.outcome = Outcome::not_applicable;
    outcome.verification.reason = why_not;
    outcome.verification.zero_copy = zero_copy;
    return outcome;
  }
  Sampling whole = sampling;
  whole.warmup_seconds = 0;
  whole.bytes = bytes_to_verify(spec);
  whole.counters = false;
  Streams streams(strategies_of(spec), spec, whole);
  const Run run = run_streams(streams, spec, whole, Purpose::verify, topology_, interrupt_, verify_limit_seconds_);
  outcome.interrupted = run.interrupted;
  outcome.failure = run.failure;
  outcome.verification = judge(spec, run, verify_limit_seconds_);
  outcome.verification.zero_copy = zero_copy;
  return outcome;
} catch (const std::exception& error) {
  return {.verification = {}, .failure = error.what(), .interrupted = false};
}

}  // namespace pipebench
