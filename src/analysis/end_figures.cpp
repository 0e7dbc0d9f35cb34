#include "pipebench/analysis/end_figures.hpp"

#include <functional>
#include <vector>

#include "pipebench/analysis/summary.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

constexpr double page_bytes = 4096;
constexpr double gib = 1024.0 * 1024.0 * 1024.0;
constexpr double nanoseconds = 1e9;

const EndCounters& counters_of(const Sample& sample, Role role) {
  return role == Role::writer ? sample.writer : sample.reader;
}

std::optional<double> quotient(const std::optional<double>& dividend, const std::optional<double>& divisor) {
  return dividend && divisor && *divisor > 0 ? std::optional(*dividend / *divisor) : std::nullopt;
}

std::optional<double> switches_of(const EndCounters& end) {
  const auto& voluntary = end[Counter::voluntary_switches];
  const auto& involuntary = end[Counter::involuntary_switches];
  return voluntary && involuntary ? std::optional(*voluntary + *involuntary) : std::nullopt;
}

/// The median of what each sample tells; empty where none tells anything.
std::optional<double> median_of(const std::vector<Sample>& samples,
                                const std::function<std::optional<double>(const Sample&)>& value_of) {
  std::vector<double> values;
  for (const Sample& sample : samples) {
    if (const auto value = value_of(sample)) values.push_back(*value);
  }
  return values.empty() ? std::nullopt : std::optional(median(values));
}

// Where the ends take turns, an end has only its own turns to itself.
std::optional<double> seconds_of_end(const CaseResult& result, const Sample& sample, Role role) {
  const CaseSpec& spec = result.spec;
  const std::uint32_t threads = role == Role::writer ? spec.writer_threads : spec.reader_threads;
  if (!spec.takes_turns()) return sample.counted_seconds * spec.streams * threads;
  const Turns& turns = role == Role::writer ? sample.writer_turns : sample.reader_turns;
  if (!turns.median_ns_per_page) return std::nullopt;
  return *turns.median_ns_per_page / nanoseconds * static_cast<double>(sample.counted_bytes) / page_bytes;
}

std::vector<Sample> samples_with_events(const CaseResult& result) {
  return result.counting ? std::vector<Sample>{*result.counting} : counted_samples(result);
}

}  // namespace

EndFigures end_figures(const CaseResult& result, Role role) {
  const std::vector<Sample> timed = counted_samples(result);
  const std::vector<Sample> with_events = samples_with_events(result);
  const auto per_call = [&](const Sample& sample, std::optional<double> amount) {
    return quotient(amount, counters_of(sample, role)[Counter::calls]);
  };
  const auto bytes_of = [](const Sample& sample) { return static_cast<double>(sample.counted_bytes); };
  const auto per = [&](Counter counter, double bytes) {
    return median_of(with_events, [&](const Sample& sample) {
      return quotient(counters_of(sample, role)[counter], bytes_of(sample) / bytes);
    });
  };
  EndFigures figures{
      .bytes_per_call = median_of(timed, [&](const Sample& sample) { return per_call(sample, bytes_of(sample)); }),
      .ns_per_call = median_of(timed, [&](const Sample& sample) {
        const auto seconds = seconds_of_end(result, sample, role);
        return per_call(sample, seconds ? std::optional(*seconds * nanoseconds) : std::nullopt);
      })};
  figures.switches_per_gib = median_of(timed, [&](const Sample& sample) {
    return quotient(switches_of(counters_of(sample, role)), bytes_of(sample) / gib);
  });
  figures.cycles_per_byte = per(Counter::cycles, 1);
  figures.instructions_per_byte = per(Counter::instructions, 1);
  figures.cache_misses_per_page = per(Counter::cache_misses, page_bytes);
  figures.dtlb_misses_per_page = per(Counter::dtlb_misses, page_bytes);
  figures.instructions_per_cycle = median_of(with_events, [&](const Sample& sample) {
    const EndCounters& end = counters_of(sample, role);
    return quotient(end[Counter::instructions], end[Counter::cycles]);
  });
  return figures;
}

}  // namespace pipebench
