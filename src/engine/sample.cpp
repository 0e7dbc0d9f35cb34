#include "pipebench/engine/sample.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "engine/controller.hpp"
#include "engine/end_thread.hpp"
#include "engine/kick.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/system/pipe.hpp"

namespace pipebench {
namespace {

void set_lengths(Stage& stage, const Sampling& sampling) {
  if (sampling.warmup_seconds <= 0) stage.warmup_bytes = 0;
  if (!sampling.bytes) return;
  stage.measured_bytes = *sampling.bytes;
  stage.measured.control.final_bytes.store(*sampling.bytes);
}

Sample make_sample(const EndReport& writer, const EndReport& reader, unsigned round) {
  return {.round = round,
          // What null takes was never in a pipe, and may be more than was sent.
          .bytes = std::min(writer.tally.bytes, reader.tally.bytes),
          .seconds = static_cast<double>(reader.tally.end_ns - std::min(writer.start_ns, reader.start_ns)) * 1e-9,
          .writer = writer.counters,
          .reader = reader.counters};
}

std::string describe_stall(const Stage& stage, const CaseSpec& spec, double seconds) {
  const Link& link = stage.phases_begun.load() == 1 ? stage.warmup : stage.measured;
  return fmt::format(
      "Nothing moved for {} (--timeout): the writer had sent {} bytes, the reader had taken {}; wait {}.",
      format_duration(seconds), link.produced.bytes.load(), link.consumed.bytes.load(), name_of(spec.wait));
}

// Nobody maps skb pages, and a file that is spliced into is of ordinary ones: there, 4k is what was meant.
bool is_expected(const CaseSpec& spec, std::string_view role, std::string_view pages) {
  return role == "reader" && pages == "4k" && (spec.pages == Pages::skb || spec.reader == "splice-file");
}

void report_obtained(SampleOutcome& outcome, const EndReport& writer, const EndReport& reader, const CaseSpec& spec) {
  outcome.obtained.pages = writer.pages.empty() ? reader.pages : writer.pages;
  outcome.obtained.writer_node = writer.node;
  outcome.obtained.reader_node = reader.node;
  outcome.notes = writer.notes;
  const auto wanted = name_of(spec.pages);
  for (const auto& [role, pages] : {std::pair{"writer", writer.pages}, std::pair{"reader", reader.pages}}) {
    if (pages.empty() || pages == wanted || pages == "not touched" || is_expected(spec, role, pages)) continue;
    outcome.misses.push_back(fmt::format("Asked for {} pages, but the {}'s buffers are {}.", wanted, role, pages));
  }
}

// The pipes of one stream, and what its threads share.
struct Stream {
  std::vector<Pipe> pipes;
  Stage stage;

  Stream(const CaseSpec& spec, const Sampling& sampling) {
    const bool nonblocking = spec.wait != Wait::block;
    for (unsigned i = 0; i < spec.stripe; ++i) pipes.emplace_back(*spec.pipe_bytes, nonblocking);
    set_lengths(stage, sampling);
    if (find_strategy(Role::writer, spec.writer)->info.reuse != Reuse::on_return) return;
    for (unsigned i = 0; i < spec.stripe; ++i)
      stage.exchange.returns.emplace_back(spec.pipe_bytes_to_keep(spec.buffers), nonblocking);
  }
};

// What both ends found out, and why they ended.
struct Run {
  EndReport writer;
  EndReport reader;
  bool interrupted = false;
  std::string failure;
};

struct AbortOnExit {
  Stage& stage;
  ~AbortOnExit() {
    stage.abort();
    stage.abandoned.store(true, std::memory_order_release);
  }
};

Run run_stream(Stream& stream, const CaseSpec& spec, const Sampling& sampling, Purpose purpose,
               const Topology& topology, const std::atomic<int>& interrupt) {
  const KickHandler handler;
  std::array<std::unique_ptr<EndThread>, 2> ends;
  // Should the second thread not start, the first must not wait for it.
  const AbortOnExit abort_on_exit{stream.stage};
  const auto start = [&](Role role, std::string_view name, std::optional<int> cpu) {
    std::vector<int> fds;
    for (const Pipe& pipe : stream.pipes) fds.push_back(role == Role::writer ? pipe.write_fd() : pipe.read_fd());
    return std::make_unique<EndThread>(topology, stream.stage,
                                       EndTask{.strategy = *find_strategy(role, name),
                                               .spec = spec,
                                               .purpose = purpose,
                                               .cpu = cpu,
                                               .counters = sampling.counters,
                                               .pipes = std::move(fds)});
  };
  ends[0] = start(Role::writer, spec.writer, spec.placement.writer_cpu);
  ends[1] = start(Role::reader, spec.reader, spec.placement.reader_cpu);
  Controller controller(stream.stage, ends, sampling, interrupt);
  controller.watch();

  Run run{
      .writer = ends[0]->report(), .reader = ends[1]->report(), .interrupted = controller.interrupted(), .failure = {}};
  run.failure = !run.writer.failure.empty()   ? run.writer.failure
                : !run.reader.failure.empty() ? run.reader.failure
                : controller.stalled()        ? describe_stall(stream.stage, spec, sampling.timeout_seconds)
                                              : "";
  return run;
}

// One page is sent, changed, and only then read: the reader sees the change only if no copy was made.
std::optional<bool> try_zero_copy(const CaseSpec& spec) {
  if (spec.pages == Pages::skb) return std::nullopt;
  CaseSpec one = spec;
  one.stripe = 1;
  one.wait = Wait::busy;
  one.payload = Payload::fixed;
  one.no_touch = false;  // an untouched page would be the shared zero page, which nobody changes
  one.lock = false;
  Stream stream(one, {.bytes = 4096});
  const StrategyDescriptor& strategy = *find_strategy(Role::writer, one.writer);
  const auto end = strategy.make({.spec = one, .info = strategy.info, .exchange = stream.stage.exchange});
  const int fd = stream.pipes[0].write_fd();
  const std::uint64_t bytes = std::min<std::uint64_t>(4096, one.buffer_bytes);
  if (end->run({.link = stream.stage.measured, .pipes = {&fd, 1}, .byte_target = bytes}).bytes != bytes)
    return std::nullopt;
  const std::byte changed{'#'};
  *end->buffers().start(0) = changed;
  std::byte arrived{};
  if (::read(stream.pipes[0].read_fd(), &arrived, 1) != 1) return std::nullopt;
  return arrived == changed;
}

// At least 64 MiB, or 64 rotations of the buffers, in whole rotations.
std::uint64_t bytes_to_verify(const CaseSpec& spec) {
  constexpr std::uint64_t least = std::uint64_t{64} << 20U;
  const std::uint64_t rotation = spec.total_buffers() * spec.buffer_bytes;
  return std::max<std::uint64_t>(64, (least + rotation - 1) / rotation) * rotation;
}

std::string describe_damage(const Damage& damage) {
  return fmt::format("Byte {} of the stream is part of other bytes than were sent: {:#018x}, expected {:#018x}.",
                     damage.offset, damage.found, damage.expected);
}

}  // namespace

Sampler::Sampler(const Topology& topology, const std::atomic<int>& interrupt)
    : topology_(topology), interrupt_(interrupt) {}

SampleOutcome Sampler::take(const CaseSpec& spec, const Sampling& sampling, unsigned round) try {
  SampleOutcome outcome;
  const auto stream = std::make_unique<Stream>(spec, sampling);
  outcome.obtained.pipe_bytes = stream->pipes[0].capacity();
  const Run run = run_stream(*stream, spec, sampling, Purpose::measure, topology_, interrupt_);
  report_obtained(outcome, run.writer, run.reader, spec);
  outcome.interrupted = run.interrupted;
  outcome.failure = run.failure;
  if (run.failure.empty() && !run.interrupted) outcome.sample = make_sample(run.writer, run.reader, round);
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
  const auto stream = std::make_unique<Stream>(spec, whole);
  const Run run = run_stream(*stream, spec, whole, Purpose::verify, topology_, interrupt_);
  outcome.interrupted = run.interrupted;
  outcome.failure = run.failure;
  result.bytes = run.reader.tally.bytes;
  result.outcome = "intact";
  if (const auto& damage = run.reader.tally.damage) {
    result.outcome = "torn";
    result.reason = describe_damage(*damage);
    result.offset = damage->offset;
    result.expected = damage->expected;
    result.found = damage->found;
  }
  return outcome;
} catch (const std::exception& error) {
  return {.verification = {}, .failure = error.what(), .interrupted = false};
}

}  // namespace pipebench
