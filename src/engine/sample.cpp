#include "pipebench/engine/sample.hpp"

#include <fmt/format.h>

#include <algorithm>
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

struct AbortOnExit {
  Stage& stage;
  ~AbortOnExit() { stage.abort(); }
};

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

void report_obtained(SampleOutcome& outcome, const EndReport& writer, const EndReport& reader, const CaseSpec& spec) {
  outcome.obtained.pages = writer.pages.empty() ? reader.pages : writer.pages;
  outcome.obtained.writer_node = writer.node;
  outcome.obtained.reader_node = reader.node;
  outcome.notes = writer.notes;
  const auto wanted = name_of(spec.pages);
  for (const auto& [role, pages] : {std::pair{"writer", writer.pages}, std::pair{"reader", reader.pages}}) {
    if (pages.empty() || pages == wanted || pages == "not touched") continue;
    outcome.misses.push_back(fmt::format("Asked for {} pages, but the {}'s buffers are {}.", wanted, role, pages));
  }
}

}  // namespace

Sampler::Sampler(const Topology& topology, const std::atomic<int>& interrupt) : topology_(topology), interrupt_(interrupt) {}
Sampler::~Sampler() = default;

SampleOutcome Sampler::take(const CaseSpec& spec, const Sampling& sampling, unsigned round) try {
  SampleOutcome outcome;
  const Pipe pipe(spec.pipe_bytes.value(), spec.wait != Wait::block);
  outcome.obtained.pipe_bytes = pipe.capacity();
  const KickHandler handler;
  const auto stage = std::make_unique<Stage>();
  set_lengths(*stage, sampling);

  std::array<std::unique_ptr<EndThread>, 2> ends;
  // Should the second thread not start, the first must not wait for it.
  const AbortOnExit abort_on_exit{*stage};
  const auto start = [&](Role role, std::string_view name, std::optional<int> cpu, int fd) {
    return std::make_unique<EndThread>(topology_, *stage,
                                       EndTask{.role = role,
                                               .strategy = *find_strategy(role, name),
                                               .spec = spec,
                                               .cpu = cpu,
                                               .counters = sampling.counters,
                                               .pipes = {fd}});
  };
  ends[0] = start(Role::writer, spec.writer, spec.placement.writer_cpu, pipe.write_fd());
  ends[1] = start(Role::reader, spec.reader, spec.placement.reader_cpu, pipe.read_fd());
  Controller controller(*stage, ends, sampling, interrupt_);
  controller.watch();

  const EndReport& writer = ends[0]->report();
  const EndReport& reader = ends[1]->report();
  report_obtained(outcome, writer, reader, spec);
  outcome.interrupted = controller.interrupted();
  if (!writer.failure.empty()) {
    outcome.failure = writer.failure;
  } else if (!reader.failure.empty()) {
    outcome.failure = reader.failure;
  } else if (controller.stalled()) {
    outcome.failure = describe_stall(*stage, spec, sampling.timeout_seconds);
  } else if (!outcome.interrupted) {
    outcome.sample = make_sample(writer, reader, round);
  }
  return outcome;
} catch (const std::exception& error) {
  SampleOutcome outcome;
  outcome.failure = error.what();
  return outcome;
}

}  // namespace pipebench
