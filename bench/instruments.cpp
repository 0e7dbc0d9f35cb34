// What counters and profiles cost: samples with them compared with samples without, in alternating pairs. Usage:
// instruments [PAIRS [SECONDS]]
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "in_pairs.hpp"
#include "pipebench/engine/sample.hpp"
#include "pipebench/plan/pairs.hpp"
#include "pipebench/system/perf/event.hpp"

using namespace pipebench;

namespace {

struct Bench {
  unsigned pairs;
  double seconds;
  Sampler& sampler;
};

Sampling without_instruments(const Bench& bench) {
  return {.time_seconds = bench.seconds, .bytes = {}, .warmup_seconds = 0.02, .counters = false, .conditions = false};
}

double speed(const Bench& bench, const CaseSpec& spec, const Sampling& sampling) {
  const SampleOutcome outcome = bench.sampler.take(spec, sampling, 0);
  if (!outcome.sample) {
    fmt::print(stderr, "{}\n", outcome.failure);
    std::exit(1);
  }
  return outcome.sample->gib_per_second();
}

void compare_all(const Bench& bench, const Placement& placement, std::string_view title, const Sampling& with) {
  print_header(title, "without", bench.pairs, bench.seconds);
  const Sampling without = without_instruments(bench);
  for (const auto& [writer, reader] : {std::pair{"write", "read"}, {"vmsplice", "splice"}}) {
    for (const Wait wait : {Wait::busy, Wait::block}) {
      const CaseSpec spec{.writer = writer,
                          .reader = reader,
                          .wait = wait,
                          .buffer_bytes = 131072,
                          .buffers = 2,
                          .pipe_bytes = 131072,
                          .placement = placement};
      compare_in_pairs(
          fmt::format("{}/{} {}", writer, reader, name_of(wait)), bench.pairs, [&] { return speed(bench, spec, with); },
          [&] { return speed(bench, spec, without); });
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::atomic<int> interrupt{0};
  const Topology topology = Topology::of_this_machine();
  const Placement placement = nearest_pair(topology.machine());
  Sampler sampler(topology, interrupt);
  const Bench bench{.pairs = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 15,
                    .seconds = argc > 2 ? std::atof(argv[2]) : 0.2,
                    .sampler = sampler};
  Sampling counted = without_instruments(bench);
  counted.counters = true;
  compare_all(bench, placement, "counters", counted);
  if (CounterGroup().missing().size() < hardware_events.size()) {
    counted.hardware_events = true;
    compare_all(bench, placement, "hardware", counted);
  } else {
    fmt::print("hardware events: not compared, this machine counts none\n");
  }
  Sampling profiled = without_instruments(bench);
  profiled.profile_hz = SamplerOptions().frequency_hz;
  compare_all(bench, placement, "profile", profiled);
}
