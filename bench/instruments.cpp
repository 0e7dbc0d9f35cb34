// What counters and profiles cost: samples with them compared with samples without, in alternating pairs. Usage:
// instruments [PAIRS [SECONDS [ONLY]]]; ONLY selects the cases whose names contain it ("profile vmsplice").
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "in_pairs.hpp"
#include "pipebench/system/perf/event.hpp"

using namespace pipebench;

namespace {

Sampling without_instruments(const Bench& bench) {
  return {.time_seconds = bench.seconds,
          .bytes = {},
          .warmup_seconds = warmup_seconds,
          .counters = false,
          .conditions = false};
}

void compare_all(Bench& bench, std::string_view only, std::string_view title, const Sampling& with) {
  print_header(title, "without", bench);
  const Sampling without = without_instruments(bench);
  for (const auto& [writer, reader] : {std::pair{"write", "read"}, {"vmsplice", "splice"}}) {
    for (const Wait wait : {Wait::busy, Wait::block}) {
      const CaseSpec spec{.writer = writer,
                          .reader = reader,
                          .wait = wait,
                          .buffer_bytes = 131072,
                          .buffers = 2,
                          .pipe_bytes = 131072,
                          .placement = bench.placement};
      const std::string name = fmt::format("{} {}/{} {}", title, writer, reader, name_of(wait));
      if (name.find(only) == std::string::npos) continue;
      compare_in_pairs(
          name, bench.pairs, [&] { return bench.speed(spec, with); }, [&] { return bench.speed(spec, without); });
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc, argv, 0.2);
  const std::string_view only = argc > 3 ? argv[3] : "";
  Sampling counted = without_instruments(bench);
  counted.counters = true;
  compare_all(bench, only, "counters", counted);
  if (CounterGroup().missing().size() < hardware_events.size()) {
    counted.hardware_events = true;
    compare_all(bench, only, "hardware", counted);
  } else {
    fmt::print("hardware events: not compared, this machine counts none\n");
  }
  Sampling profiled = without_instruments(bench);
  profiled.profile_hz = SamplerOptions().frequency_hz;
  compare_all(bench, only, "profile", profiled);
}
