#include "pipebench/engine/sample.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <iterator>

#include "engine/make_sample.hpp"
#include "engine/profile.hpp"
#include "engine/runner.hpp"
#include "engine/verification.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/base/units.hpp"

namespace pipebench {
namespace {

CaseSpec one_page_of(const CaseSpec& spec) {
  CaseSpec one = spec;
  one.streams = 1;
  one.stripe = 1;
  one.buffers = 1;
  one.depth = 1;
  one.buffer_bytes = std::min<std::uint64_t>(one.buffer_bytes, page_sizes_here().base);
  one.wait = Wait::busy;
  one.isolation = Isolation::threads;
  one.message_bytes.reset();
  one.payload = Payload::fixed;
  one.no_touch = false;  // an untouched page would be the shared zero page, which must not change
  one.lock = false;
  return one;
}

// Sends one page, changes it, and only then reads: the reader sees the change only if no copy was made. Empty: it
// cannot be tried.
std::optional<bool> try_zero_copy(const CaseSpec& spec) {
  if (spec.pages == Pages::skb || strategies_of(spec).have_outside()) return std::nullopt;
  const CaseSpec one = one_page_of(spec);
  Streams streams(strategies_of(one), one, {.bytes = one.buffer_bytes});
  Stage& stage = streams.stage;
  const Pipe& pipe = streams.pipes[0].pipes[0];
  const StrategyDescriptor& writer = streams.strategies.writer;
  const auto end = writer.make({.spec = one,
                                .info = writer.info,
                                .exchange = {.returns = streams.pipes[0].returns,
                                             .sent_from = stage.sent_from(0),
                                             .pipes = streams.pipes[0].pipes},
                                .reader = &streams.strategies.reader.info});
  const int fd = pipe.write_fd();
  const Tally tally =
      end->run({.link = stage.streams()[0].measured, .pipes = {&fd, 1}, .byte_target = one.buffer_bytes});
  if (tally.bytes != one.buffer_bytes) return std::nullopt;
  const std::byte changed{'#'};
  *end->buffers().start(0) = changed;
  std::byte arrived{};
  if (::read(pipe.read_fd(), &arrived, 1) != 1) return std::nullopt;
  return arrived == changed;
}

// What came before a failure, behind its sentence.
std::string figures_so_far(const Sample& sample) {
  return fmt::format(" Until then {} bytes came in {:.3g} s, {:.2f} GiB/s.", sample.bytes, sample.seconds,
                     sample.gib_per_second());
}

// How the program that was started has ended, as the end of a sentence; empty: well. Closes the pipe, and waits for it
// to end by itself.
std::string end_program(SampleOutcome& outcome, Streams& streams, const CaseSpec& spec) {
  constexpr double patience_seconds = 1;  // it may have a result to write
  streams.pipes.clear();
  const std::optional<std::string> how = streams.program->end(patience_seconds);
  if (!how)
    outcome.notes.push_back(
        fmt::format("The program `{}` was still there a second after its pipe was closed, and was killed.", spec.exec));
  return how.value_or("");
}

// What of the bytes that were asked for did not come or go, as the end of a sentence; empty: nothing.
std::string what_is_missing(const Tally& tally, const Sampling& sampling) {
  if (!tally.end_of_file && tally.error != EPIPE) return {};
  if (tally.bytes == 0) return " before the first byte";
  if (tally.bytes >= sampling.bytes.value_or(0)) return {};
  return fmt::format(" before the {} bytes of --bytes", *sampling.bytes);
}

// What is wrong with how standard input ended, a sentence; empty: nothing.
std::string describe_input(const Tally& tally, const Sampling& sampling) {
  const std::string missing = tally.end_of_file ? what_is_missing(tally, sampling) : "";
  return missing.empty() ? "" : fmt::format("Standard input ended{}.", missing);
}

// The same of a program that was started. One that reads may have enough; one that writes and was cut off dies of
// SIGPIPE.
std::string describe_program(SampleOutcome& outcome, Streams& streams, const Tally& tally, const CaseSpec& spec,
                             const Sampling& sampling) {
  const bool was_cut_off = streams.strategies.writer.info.outside && !tally.end_of_file;
  const std::string missing = what_is_missing(tally, sampling);
  const std::string how = end_program(outcome, streams, spec);
  if (was_cut_off || (how.empty() && missing.empty())) return {};
  return fmt::format("The program `{}` {}{}.", spec.exec, how.empty() ? "ended" : how, missing);
}

// What the figure does not tell.
void note_what_is_not_in_it(SampleOutcome& outcome, double idle_seconds) {
  constexpr double most_seconds = 0.1;
  constexpr double most_share = 0.1;
  const Sample& sample = *outcome.sample;
  if (idle_seconds > most_seconds && idle_seconds > most_share * sample.seconds) {
    outcome.notes.push_back(
        fmt::format("Nothing moved in the last {} of the sample. The figure is of the time until the last byte.",
                    format_roughly(idle_seconds)));
  }
  if (sample.bytes <= *outcome.obtained.pipe_bytes)
    outcome.notes.emplace_back(
        "All that was moved fits into the pipe, so the figure tells little of the other program: it takes more bytes.");
}

// Another program has an end: what there is counts, however it ended.
void conclude_outside(SampleOutcome& outcome, const Run& run, Streams& streams, const CaseSpec& spec,
                      const Sampling& sampling, unsigned round) {
  constexpr unsigned measured_phase = 2;
  const std::uint64_t ended_ns = monotonic_ns();
  const std::vector<EndReport>& ends = streams.strategies.writer.info.outside ? run.readers : run.writers;
  if (ends.empty()) return;  // a signal came before it began
  if (outcome.interrupted && spec.starts_program()) return;
  const Tally& tally = ends.front().tally;
  const bool was_measured = streams.stage.share().phases_begun.load() >= measured_phase;
  if (tally.bytes > 0 && was_measured) make_sample(outcome, run, streams, sampling, round);
  if (outcome.sample) note_what_is_not_in_it(outcome, static_cast<double>(ended_ns - tally.end_ns) * 1e-9);
  if (!outcome.failure.empty() && !was_measured) outcome.failure += " That was in the warm-up.";
  if (spec.starts_program()) {
    if (tally.error == EPIPE && outcome.sample) outcome.failure.clear();  // it may have enough
    const std::string how = describe_program(outcome, streams, tally, spec, sampling);
    if (!how.empty()) outcome.failure += (outcome.failure.empty() ? "" : " ") + how;
  } else if (!outcome.interrupted && outcome.failure.empty()) {
    outcome.failure = describe_input(tally, sampling);
  }
  if (!outcome.failure.empty() && outcome.sample) outcome.failure += figures_so_far(*outcome.sample);
  if (outcome.interrupted && outcome.sample)
    outcome.notes.emplace_back("A signal ended the sample: it has what came until then.");
}

}  // namespace

Sampler::Sampler(const Topology& topology, const std::atomic<int>& interrupt,
                 std::optional<double> verify_limit_seconds, const OutsideEnds& outside, Watch live)
    : topology_(topology),
      interrupt_(interrupt),
      verify_limit_seconds_(verify_limit_seconds),
      outside_(outside),
      live_(std::move(live)) {}

SampleOutcome Sampler::take(const CaseSpec& spec, const Sampling& sampling, unsigned round) try {
  SampleOutcome outcome;
  if (sampling.profile_hz && !symbols_) symbols_ = KernelSymbols::read();
  Streams streams(strategies_of(spec), spec, sampling, outside_);
  outcome.obtained.pipe_bytes = streams.pipes[0].pipes[0].capacity();
  const bool outside = streams.strategies.have_outside();
  const Run run = run_streams(streams, spec, sampling, Purpose::measure, topology_, interrupt_, {}, &live_);
  if (outside) outcome.obtained.pipe_bytes = streams.pipes[0].pipes[0].capacity();
  report_obtained(outcome, run);
  std::ranges::move(streams.notes, std::back_inserter(outcome.notes));
  outcome.interrupted = run.interrupted;
  outcome.failure = run.failure;
  if (sampling.profile_hz) outcome.profile = profile_of(run, *symbols_);
  if (outside) {
    // Ctrl-C goes to the other program, too, whose end may come first.
    outcome.interrupted = run.interrupted || interrupt_.load(std::memory_order_relaxed) != 0;
    conclude_outside(outcome, run, streams, spec, sampling, round);
  } else if (run.failure.empty() && !run.interrupted) {
    make_sample(outcome, run, streams, sampling, round);
  }
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
  whole.counters = whole.hardware_events = whole.conditions = false;
  whole.profile_hz.reset();
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
