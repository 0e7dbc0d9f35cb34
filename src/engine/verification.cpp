#include "engine/verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pipebench/base/units.hpp"
#include "pipebench/engine/sample.hpp"

namespace pipebench {
namespace {

std::uint64_t bytes_of_rotation(const CaseSpec& spec) { return spec.total_buffers() * spec.buffer_bytes; }

void report_mismatch(Verification& result, const Mismatch& mismatch) {
  result.outcome = Outcome::torn;
  result.reason = fmt::format("Wrong bytes at offset {} of the stream: {:#018x}, expected {:#018x}.", mismatch.offset,
                              mismatch.found, mismatch.expected);
  result.offset = mismatch.offset;
  result.expected = mismatch.expected;
  result.found = mismatch.found;
}

void report_cut(Verification& result, const CaseSpec& spec, const Run& run, double limit_seconds) {
  result.reason = fmt::format("Stopped after {}, with {} of {} bytes checked", format_duration(limit_seconds),
                              result.bytes, spec.streams * bytes_to_verify(spec));
  const bool came_round_twice = std::ranges::all_of(
      run.readers, [&](const EndReport& reader) { return reader.tally.bytes >= 2 * bytes_of_rotation(spec); });
  if (came_round_twice) {
    result.reason += '.';
    return;
  }
  result.outcome = Outcome::not_applicable;
  result.reason +=
      ", all correct, but not every buffer was reused, so reuse is untested. Use fewer or smaller buffers, or a larger "
      "pipe.";
}

}  // namespace

std::uint64_t bytes_to_verify(const CaseSpec& spec) {
  constexpr std::uint64_t least = std::uint64_t{64} << 20U;
  const std::uint64_t rotation = bytes_of_rotation(spec);
  return std::max<std::uint64_t>(64, (least + rotation - 1) / rotation) * rotation;
}

double estimated_verification_seconds(const CaseSpec& spec) {
  // Measured on a VM with two CPUs, whose wake-ups are slow: numbering and comparing a byte, a call that moves some,
  // and a hand-over of the pipe, the reader's delay included.
  constexpr double byte = 2.5e-9;
  constexpr double call = 5e-6;
  constexpr double hand_over = 200e-6;
  const auto bytes = static_cast<double>(spec.streams * bytes_to_verify(spec));
  const auto pipe = static_cast<double>(*spec.pipe_bytes);
  const double hand_overs = spec.takes_turns() ? 0 : bytes / pipe;
  const double calls = bytes / std::min(static_cast<double>(spec.buffer_bytes), pipe);
  return std::min(longest_verification_seconds, bytes * byte + calls * call + hand_overs * hand_over);
}

Verification judge(const CaseSpec& spec, const Run& run, std::optional<double> limit_seconds) {
  Verification result;
  for (const EndReport& reader : run.readers) {
    result.bytes += reader.tally.bytes;
    if (reader.tally.mismatch && result.outcome == Outcome::intact) report_mismatch(result, *reader.tally.mismatch);
  }
  for (const EndReport& writer : run.writers) {  // in what was answered
    if (writer.tally.mismatch && result.outcome == Outcome::intact) report_mismatch(result, *writer.tally.mismatch);
  }
  const bool is_cut = run.out_of_time && result.bytes < spec.streams * bytes_to_verify(spec);
  if (is_cut && result.outcome == Outcome::intact) report_cut(result, spec, run, limit_seconds.value_or(0));
  return result;
}

}  // namespace pipebench
