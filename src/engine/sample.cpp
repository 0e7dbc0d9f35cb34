#include "pipebench/engine/sample.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <thread>

#include "engine/end_thread.hpp"
#include "engine/kick.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/system/pipe.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t watch_interval_ns = 50 * ms;

std::uint64_t to_ns(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

void sleep_ns(std::uint64_t ns) {
  timespec time{.tv_sec = static_cast<time_t>(ns / 1'000'000'000), .tv_nsec = static_cast<long>(ns % 1'000'000'000)};
  ::nanosleep(&time, nullptr);  // a signal ends it early; the caller looks at the time again
}

// Ends phases when their time is over, and the whole stage when nothing moves, somebody failed or the user interrupts.
class Controller {
 public:
  Controller(Stage& stage, std::span<const std::unique_ptr<EndThread>> ends, const Sampling& sampling, const std::atomic<int>& interrupt)
      : stage_(stage), ends_(ends), sampling_(sampling), interrupt_(interrupt) {}

  /// Returns when both ends are done.
  void watch() {
    while (!all_done()) {
      const std::uint64_t now = monotonic_ns();
      follow_phases(now);
      if (interrupt_.load(std::memory_order_relaxed) != 0) interrupted_ = true;
      if (phase_ > 0 && now - last_progress_ns_ > to_ns(sampling_.timeout_seconds)) stalled_ = true;
      if (interrupted_ || stalled_) stage_.abort();
      if (stage_.measured.aborted()) kick_all();
      sleep_ns(pause_from(now));
    }
  }
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }
  [[nodiscard]] bool stalled() const noexcept { return stalled_; }

 private:
  [[nodiscard]] bool all_done() const {
    return std::ranges::all_of(ends_, [](const auto& end) { return end->done(); });
  }
  void kick_all() {
    for (const auto& end : ends_) end->kick();
  }
  void follow_phases(std::uint64_t now) {
    const unsigned begun = stage_.phases_begun.load(std::memory_order_acquire);
    if (begun != phase_) {
      phase_ = begun;
      deadline_ns_ = now + to_ns(phase_ == 1 ? sampling_.warmup_seconds : sampling_.time_seconds);
      last_progress_ns_ = now;
    }
    if (phase_ == 0) return;
    Link& link = current();
    const std::uint64_t progress = link.produced.bytes.load(std::memory_order_relaxed) + link.consumed.bytes.load(std::memory_order_relaxed);
    if (progress != progress_) last_progress_ns_ = now;
    progress_ = progress;
    Command expected = Command::go;
    if (timed() && now >= deadline_ns_) link.control.command.compare_exchange_strong(expected, Command::finish);
  }
  [[nodiscard]] Link& current() const { return phase_ == 1 ? stage_.warmup : stage_.measured; }
  [[nodiscard]] bool timed() const { return phase_ == 1 || !sampling_.bytes; }
  /// Short before a phase begins or ends and while aborting; otherwise long, so as not to disturb what is measured.
  [[nodiscard]] std::uint64_t pause_from(std::uint64_t now) const {
    if (phase_ == 0 || stage_.measured.aborted()) return ms / 2;
    if (!timed()) return 5 * ms;
    if (now >= deadline_ns_) return ms / 10;
    return std::min(watch_interval_ns, deadline_ns_ - now);
  }

  Stage& stage_;
  std::span<const std::unique_ptr<EndThread>> ends_;
  const Sampling& sampling_;
  const std::atomic<int>& interrupt_;
  unsigned phase_ = 0;
  std::uint64_t deadline_ns_ = 0;
  std::uint64_t last_progress_ns_ = 0;
  std::uint64_t progress_ = 0;
  bool interrupted_ = false;
  bool stalled_ = false;
};

void set_lengths(Stage& stage, const Sampling& sampling) {
  if (sampling.warmup_seconds <= 0) stage.warmup_bytes = 0;
  if (!sampling.bytes) return;
  stage.measured_bytes = *sampling.bytes;
  stage.measured.control.final_bytes.store(*sampling.bytes);
}

Sample make_sample(const EndReport& writer, const EndReport& reader, unsigned round) {
  return {.round = round,
          .bytes = reader.tally.bytes,
          .seconds = static_cast<double>(reader.tally.end_ns - std::min(writer.start_ns, reader.start_ns)) * 1e-9,
          .writer = writer.counters,
          .reader = reader.counters};
}

std::string describe_stall(const Stage& stage, const CaseSpec& spec, double seconds) {
  const Link& link = stage.phases_begun.load() == 1 ? stage.warmup : stage.measured;
  return fmt::format("Nothing moved for {} (--timeout): the writer had sent {} bytes, the reader had taken {}; wait {}.",
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
    for (unsigned i = 0; i < spec.stripe; ++i) stage.exchange.returns.emplace_back(spec.pipe_bytes_to_keep(spec.buffers), nonblocking);
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
  ~AbortOnExit() { stage.abort(); }
};

Run run_stream(Stream& stream, const CaseSpec& spec, const Sampling& sampling, Purpose purpose, const Topology& topology, const std::atomic<int>& interrupt) {
  const KickHandler handler;
  std::array<std::unique_ptr<EndThread>, 2> ends;
  // Should the second thread not start, the first must not wait for it.
  const AbortOnExit abort_on_exit{stream.stage};
  const auto start = [&](Role role, std::string_view name, std::optional<int> cpu) {
    std::vector<int> fds;
    for (const Pipe& pipe : stream.pipes) fds.push_back(role == Role::writer ? pipe.write_fd() : pipe.read_fd());
    return std::make_unique<EndThread>(
        topology, stream.stage,
        EndTask{.strategy = *find_strategy(role, name), .spec = spec, .purpose = purpose, .cpu = cpu, .counters = sampling.counters, .pipes = std::move(fds)});
  };
  ends[0] = start(Role::writer, spec.writer, spec.placement.writer_cpu);
  ends[1] = start(Role::reader, spec.reader, spec.placement.reader_cpu);
  Controller controller(stream.stage, ends, sampling, interrupt);
  controller.watch();

  Run run{.writer = ends[0]->report(), .reader = ends[1]->report(), .interrupted = controller.interrupted(), .failure = {}};
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
  Stream stream(one, {.bytes = 4096});
  const StrategyDescriptor& strategy = *find_strategy(Role::writer, one.writer);
  const auto end = strategy.make({.spec = one, .info = strategy.info, .exchange = stream.stage.exchange});
  const int fd = stream.pipes[0].write_fd();
  const std::uint64_t bytes = std::min<std::uint64_t>(4096, one.buffer_bytes);
  if (end->run({.link = stream.stage.measured, .pipes = {&fd, 1}, .byte_target = bytes}).bytes != bytes) return std::nullopt;
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
  return fmt::format("Byte {} of the stream is part of other bytes than were sent: {:#018x}, expected {:#018x}.", damage.offset, damage.found, damage.expected);
}

}  // namespace

Sampler::Sampler(const Topology& topology, const std::atomic<int>& interrupt) : topology_(topology), interrupt_(interrupt) {}

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
