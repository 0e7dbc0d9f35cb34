#include "pipebench/engine/sample.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/controller.hpp"
#include "engine/end_thread.hpp"
#include "engine/kick.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/system/pipe.hpp"

namespace pipebench {
namespace {

// The pipes of one stream.
struct StreamPipes {
  std::vector<Pipe> pipes;

  StreamPipes(StreamShare& share, const CaseSpec& spec) {
    const bool nonblocking = spec.wait != Wait::block;
    for (unsigned i = 0; i < spec.stripe; ++i) pipes.emplace_back(*spec.pipe_bytes, nonblocking);
    if (find_strategy(Role::writer, spec.writer)->info.reuse != Reuse::on_return) return;
    for (unsigned i = 0; i < spec.stripe; ++i)
      share.exchange.returns.emplace_back(spec.pipe_bytes_to_keep(spec.buffers), nonblocking);
  }
};

// All streams of a sample: their pipes, and what their threads share.
struct Streams {
  Stage stage;
  std::vector<StreamPipes> pipes;

  Streams(const CaseSpec& spec, const Sampling& sampling) : stage(spec.streams) {
    for (const auto& share : stage.streams) {
      pipes.emplace_back(*share, spec);
      if (sampling.bytes) share->measured.control.final_bytes.store(*sampling.bytes);
    }
    if (sampling.warmup_seconds <= 0) stage.warmup_bytes = 0;
    if (sampling.bytes) stage.measured_bytes = *sampling.bytes;
  }
};

// What all ends found out, and why they ended.
struct Run {
  std::vector<EndReport> writers;  // of each stream
  std::vector<EndReport> readers;
  bool interrupted = false;
  std::string failure;
};

std::string describe_stall(const Streams& streams, std::size_t index, const CaseSpec& spec, double seconds) {
  const StreamShare& share = *streams.stage.streams[index];
  const Link& link = streams.stage.phases_begun.load() == 1 ? share.warmup : share.measured;
  return fmt::format(
      "Nothing moved for {} (--timeout){}: the writer had sent {} bytes, the reader had taken {}; wait {}.",
      format_duration(seconds), spec.streams > 1 ? fmt::format(" in stream {}", index) : "", link.produced.bytes.load(),
      link.consumed.bytes.load(), name_of(spec.wait));
}

// Nobody maps skb pages, and a file that is spliced into is of ordinary ones: there, 4k is what was meant.
bool is_expected(const CaseSpec& spec, std::string_view role, std::string_view pages) {
  return role == "reader" && pages == "4k" && (spec.pages == Pages::skb || spec.reader == "splice-file");
}

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(text);
}

void add_nodes(std::vector<int>& nodes, const std::vector<int>& more) {
  nodes.insert(nodes.end(), more.begin(), more.end());
  std::ranges::sort(nodes);
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

void report_end(SampleOutcome& outcome, const EndReport& end, std::string_view role, const CaseSpec& spec) {
  if (outcome.obtained.pages.empty()) outcome.obtained.pages = end.pages;
  add_nodes(role == "writer" ? outcome.obtained.writer_nodes : outcome.obtained.reader_nodes, end.nodes);
  for (const std::string& note : end.notes) add_once(outcome.notes, note);
  for (const std::string& miss : end.misses) add_once(outcome.misses, miss);
  const auto wanted = name_of(spec.pages);
  if (end.pages.empty() || end.pages == wanted || end.pages == "not touched" || is_expected(spec, role, end.pages))
    return;
  add_once(outcome.misses, fmt::format("Asked for {} pages, but the {}'s buffers are {}.", wanted, role, end.pages));
}

void report_obtained(SampleOutcome& outcome, const Run& run, const CaseSpec& spec) {
  for (const EndReport& end : run.writers) report_end(outcome, end, "writer", spec);
  for (const EndReport& end : run.readers) report_end(outcome, end, "reader", spec);
}

template <class Number>
void add(std::optional<Number>& sum, const std::optional<Number>& value) {
  sum = sum && value ? std::optional<Number>(*sum + *value) : std::nullopt;
}

void add(EndCounters& sum, const EndCounters& more) {
  sum.calls += more.calls;
  sum.short_calls += more.short_calls;
  sum.would_block += more.would_block;
  sum.waits += more.waits;
  add(sum.user_seconds, more.user_seconds);
  add(sum.system_seconds, more.system_seconds);
  add(sum.voluntary_switches, more.voluntary_switches);
  add(sum.involuntary_switches, more.involuntary_switches);
  add(sum.minor_faults, more.minor_faults);
  add(sum.migrations, more.migrations);
}

EndCounters counters_of(const std::vector<EndReport>& ends) {
  EndCounters sum = ends.front().counters;
  for (std::size_t i = 1; i < ends.size(); ++i) add(sum, ends[i].counters);
  return sum;
}

// One stream: from the common start to the reader's last byte.
void time_one(Sample& sample, const EndReport& writer, const EndReport& reader) {
  // What null takes was never in a pipe, and may be more than was sent.
  sample.bytes = std::min(writer.tally.bytes, reader.tally.bytes);
  sample.seconds = static_cast<double>(reader.tally.end_ns - std::min(writer.start_ns, reader.start_ns)) * 1e-9;
}

// Several: the interval in which all ran.
void time_all(Sample& sample, const Stage& stage) {
  const Mark& begin = stage.all_begun();
  const Mark& end = stage.first_ended();
  for (std::size_t i = 0; i < stage.streams.size(); ++i) {
    sample.stream_bytes.push_back(end.consumed[i] - begin.consumed[i]);
    sample.bytes += sample.stream_bytes.back();
  }
  sample.seconds = end.ns > begin.ns ? static_cast<double>(end.ns - begin.ns) * 1e-9 : 0;
}

void make_sample(SampleOutcome& outcome, const Run& run, const Stage& stage, unsigned round) {
  Sample sample{.round = round, .writer = counters_of(run.writers), .reader = counters_of(run.readers)};
  for (const EndReport& reader : run.readers) sample.counted_bytes += reader.tally.bytes;
  if (run.readers.size() == 1) {
    time_one(sample, run.writers[0], run.readers[0]);
  } else {
    time_all(sample, stage);
  }
  if (sample.seconds > 0 && sample.bytes > 0) {
    outcome.sample = std::move(sample);
  } else {
    outcome.failure =
        "One stream had ended before all had begun, so there is no time in which all ran; take longer samples "
        "(--time).";
  }
}

struct AbortOnExit {
  Stage& stage;
  ~AbortOnExit() {
    stage.abort();
    stage.abandoned.store(true, std::memory_order_release);
  }
};

// Starts the threads of all ends and watches them.
class Runner {
 public:
  Runner(Streams& streams, const CaseSpec& spec, const Sampling& sampling, Purpose purpose, const Topology& topology)
      : streams_(streams), spec_(spec), sampling_(sampling), purpose_(purpose), topology_(topology) {}

  Run run(const std::atomic<int>& interrupt) {
    const KickHandler handler;
    std::vector<std::unique_ptr<EndThread>> ends;
    // Should one thread not start, the others must not wait for it.
    const AbortOnExit abort_on_exit{streams_.stage};
    for (std::size_t i = 0; i < spec_.streams; ++i) {
      ends.push_back(start(Role::writer, i));
      ends.push_back(start(Role::reader, i));
    }
    Controller controller(streams_.stage, ends, sampling_, interrupt);
    controller.watch();

    Run run{.writers = {}, .readers = {}, .interrupted = controller.interrupted(), .failure = {}};
    for (const auto& end : ends) {
      if (run.failure.empty()) run.failure = end->report().failure;
      (run.writers.size() == run.readers.size() ? run.writers : run.readers).push_back(end->report());
    }
    if (run.failure.empty() && controller.stalled())
      run.failure = describe_stall(streams_, *controller.stalled(), spec_, sampling_.timeout_seconds);
    return run;
  }

 private:
  [[nodiscard]] std::unique_ptr<EndThread> start(Role role, std::size_t stream) {
    const bool writes = role == Role::writer;
    const Placement& placement = spec_.placement_of(stream);
    std::vector<int> fds;
    for (const Pipe& pipe : streams_.pipes[stream].pipes) fds.push_back(writes ? pipe.write_fd() : pipe.read_fd());
    return std::make_unique<EndThread>(topology_, streams_.stage,
                                       EndTask{.strategy = *find_strategy(role, writes ? spec_.writer : spec_.reader),
                                               .spec = spec_,
                                               .stream = stream,
                                               .purpose = purpose_,
                                               .cpu = writes ? placement.writer_cpu : placement.reader_cpu,
                                               .memory_node = placement.memory_node,
                                               .counters = sampling_.counters,
                                               .pipes = std::move(fds)});
  }

  Streams& streams_;
  const CaseSpec& spec_;
  const Sampling& sampling_;
  Purpose purpose_;
  const Topology& topology_;
};

// One page is sent, changed, and only then read: the reader sees the change only if no copy was made.
std::optional<bool> try_zero_copy(const CaseSpec& spec) {
  if (spec.pages == Pages::skb) return std::nullopt;
  CaseSpec one = spec;
  one.streams = 1;
  one.stripe = 1;
  one.wait = Wait::busy;
  one.payload = Payload::fixed;
  one.no_touch = false;  // an untouched page would be the shared zero page, which nobody changes
  one.lock = false;
  Streams streams(one, {.bytes = 4096});
  StreamShare& share = *streams.stage.streams[0];
  const Pipe& pipe = streams.pipes[0].pipes[0];
  const StrategyDescriptor& strategy = *find_strategy(Role::writer, one.writer);
  const auto end = strategy.make({.spec = one, .info = strategy.info, .exchange = share.exchange});
  const int fd = pipe.write_fd();
  const std::uint64_t bytes = std::min<std::uint64_t>(4096, one.buffer_bytes);
  if (end->run({.link = share.measured, .pipes = {&fd, 1}, .byte_target = bytes}).bytes != bytes) return std::nullopt;
  const std::byte changed{'#'};
  *end->buffers().start(0) = changed;
  std::byte arrived{};
  if (::read(pipe.read_fd(), &arrived, 1) != 1) return std::nullopt;
  return arrived == changed;
}

// At least 64 MiB, or 64 rotations of the buffers, in whole rotations.
std::uint64_t bytes_to_verify(const CaseSpec& spec) {
  constexpr std::uint64_t least = std::uint64_t{64} << 20U;
  const std::uint64_t rotation = spec.total_buffers() * spec.buffer_bytes;
  return std::max<std::uint64_t>(64, (least + rotation - 1) / rotation) * rotation;
}

void report_damage(Verification& result, const Damage& damage) {
  result.outcome = "torn";
  result.reason =
      fmt::format("Byte {} of the stream is part of other bytes than were sent: {:#018x}, expected {:#018x}.",
                  damage.offset, damage.found, damage.expected);
  result.offset = damage.offset;
  result.expected = damage.expected;
  result.found = damage.found;
}

}  // namespace

Sampler::Sampler(const Topology& topology, const std::atomic<int>& interrupt)
    : topology_(topology), interrupt_(interrupt) {}

SampleOutcome Sampler::take(const CaseSpec& spec, const Sampling& sampling, unsigned round) try {
  SampleOutcome outcome;
  Streams streams(spec, sampling);
  outcome.obtained.pipe_bytes = streams.pipes[0].pipes[0].capacity();
  const Run run = Runner(streams, spec, sampling, Purpose::measure, topology_).run(interrupt_);
  report_obtained(outcome, run, spec);
  outcome.interrupted = run.interrupted;
  outcome.failure = run.failure;
  if (run.failure.empty() && !run.interrupted) make_sample(outcome, run, streams.stage, round);
  return outcome;
} catch (const std::exception& error) {
  SampleOutcome outcome;
  outcome.failure = error.what();
  return outcome;
}

VerifyOutcome Sampler::verify(const CaseSpec& spec, const Sampling& sampling, const std::string& why_not) try {
  VerifyOutcome outcome;
  Verification& result = outcome.verification;
  result.zero_copy = try_zero_copy(spec);
  if (!why_not.empty()) {
    result.outcome = "not-applicable";
    result.reason = why_not;
    return outcome;
  }
  Sampling whole = sampling;
  whole.warmup_seconds = 0;
  whole.bytes = bytes_to_verify(spec);
  whole.counters = false;
  Streams streams(spec, whole);
  const Run run = Runner(streams, spec, whole, Purpose::verify, topology_).run(interrupt_);
  outcome.interrupted = run.interrupted;
  outcome.failure = run.failure;
  result.outcome = "intact";
  for (const EndReport& reader : run.readers) {
    result.bytes += reader.tally.bytes;
    if (reader.tally.damage && result.outcome == "intact") report_damage(result, *reader.tally.damage);
  }
  return outcome;
} catch (const std::exception& error) {
  return {.verification = {}, .failure = error.what(), .interrupted = false};
}

}  // namespace pipebench
