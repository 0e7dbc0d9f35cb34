#include "pipebench/engine/gup_sampler.hpp"

#include <future>

#include "engine/memory_check.hpp"
#include "engine/turn_times.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/system/memory.hpp"

namespace pipebench {
namespace {

void report_pages(SampleOutcome& outcome, const BufferSet& buffers) {
  outcome.obtained.pages = buffers.obtained_pages(Smaps());
  const ObtainedPages wanted = when_obtained(buffers.wanted_pages(), page_sizes_here());
  const PageFinding finding = check_pages(wanted, Role::writer, outcome.obtained.pages);
  if (!finding.note.empty()) outcome.notes.push_back(finding.note);
  if (!finding.miss.empty()) outcome.misses.push_back(finding.miss);
}

}  // namespace

SampleOutcome GupSampler::take(const CaseSpec& spec, const Sampling& sampling, unsigned round) const {
  SampleOutcome outcome;
  try {
    // In a thread of its own, which stays pinned.
    outcome = std::async(std::launch::async, [&] { return take_here(spec, sampling, round); }).get();
  } catch (const Cancelled&) {
    outcome.interrupted = true;
  } catch (const std::exception& error) {
    outcome.failure = error.what();
  }
  return outcome;
}

SampleOutcome GupSampler::take_here(const CaseSpec& spec, const Sampling& sampling, unsigned round) const {
  if (spec.placement.writer_cpu) topology_.pin_this_thread(*spec.placement.writer_cpu);
  const auto interrupted = [&] { return interrupt_.load(std::memory_order_relaxed) != 0; };
  const BufferSet buffers(
      {.bytes = spec.buffer_bytes, .count = 1, .pages = spec.pages, .touch = !spec.no_touch, .cancelled = interrupted});
  TurnTimes got, put;
  double seconds = 0;
  const auto repeat = [&](double at_least) {
    got = put = {};
    const std::uint64_t start = monotonic_ns();
    do {
      if (interrupted()) throw Cancelled();
      const GupTimes times = look_up_(buffers.start(0), spec.buffer_bytes);
      got.add(times.get_us * 1000, spec.buffer_bytes);
      put.add(times.put_us * 1000, spec.buffer_bytes);
      seconds = static_cast<double>(monotonic_ns() - start) * 1e-9;
    } while (seconds < at_least);
  };
  repeat(sampling.warmup_seconds);
  repeat(sampling.time_seconds);
  SampleOutcome outcome;
  report_pages(outcome, buffers);
  const std::uint64_t bytes = got.ps_per_page.count() * spec.buffer_bytes;
  outcome.sample = Sample{.round = round,
                          .bytes = bytes,
                          .seconds = seconds,
                          .writer = {},
                          .reader = {},
                          .counted_bytes = bytes,
                          .counted_seconds = seconds,
                          .writer_turns = turns_of(got.ps_per_page),
                          .reader_turns = turns_of(put.ps_per_page)};
  return outcome;
}

}  // namespace pipebench
