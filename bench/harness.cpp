// What the harness itself costs: compares its samples with bare loops of the same system calls, in alternating pairs,
// and shows what a step costs that does nothing. Usage: harness [PAIRS [SECONDS [ONLY]]]; ONLY selects the cases whose
// names contain it.
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "bare.hpp"
#include "in_pairs.hpp"
#include "pipebench/engine/sample.hpp"
#include "pipebench/plan/pairs.hpp"
#include "pipebench/stats/stats.hpp"

using namespace pipebench;

namespace {

constexpr double warmup_seconds = 0.02;

struct Bench {
  unsigned pairs;
  double seconds;
  Sampler& sampler;
};

double harness_speed(const Bench& bench, const CaseSpec& spec) {
  const Sampling sampling{.time_seconds = bench.seconds, .bytes = {}, .warmup_seconds = warmup_seconds};
  const SampleOutcome outcome = bench.sampler.take(spec, sampling, 0);
  if (!outcome.sample) {
    fmt::print(stderr, "{}\n", outcome.failure);
    std::exit(1);
  }
  return outcome.sample->gib_per_second();
}

double bare_speed(const Bench& bench, const CaseSpec& spec) {
  return bare::measure(spec, warmup_seconds, bench.seconds);
}

void compare_all(const Bench& bench, const Placement& placement, const std::string& only) {
  print_header("harness", "bare", bench.pairs, bench.seconds);
  for (const auto& [writer, reader] : {std::pair{"write", "read"}, {"vmsplice", "read"}, {"vmsplice", "splice"}}) {
    for (const Wait wait : {Wait::busy, Wait::block}) {
      for (const Pages pages : {Pages::k4, Pages::thp}) {
        for (const unsigned kib : {4U, 256U}) {
          const std::string name = fmt::format("{}/{} {} {} {}K", writer, reader, name_of(wait), name_of(pages), kib);
          if (name.find(only) == std::string::npos) continue;
          const CaseSpec spec{.writer = writer,
                              .reader = reader,
                              .wait = wait,
                              .pages = pages,
                              .buffer_bytes = std::uint64_t{kib} << 10U,
                              .buffers = 2,
                              .pipe_bytes = std::uint64_t{kib} << 10U,
                              .placement = placement};
          compare_in_pairs(
              name, bench.pairs, [&] { return harness_speed(bench, spec); }, [&] { return bare_speed(bench, spec); });
        }
      }
    }
  }
}

void price_of_nothing(const Bench& bench, const Placement& placement) {
  std::vector<double> writer;
  std::vector<double> reader;
  const CaseSpec spec{.writer = "null",
                      .reader = "null",
                      .buffer_bytes = 4096,
                      .buffers = 2,
                      .pipe_bytes = 4096,
                      .placement = placement};
  for (unsigned i = 0; i < bench.pairs; ++i) {
    const Sampling sampling{.time_seconds = bench.seconds, .bytes = {}, .warmup_seconds = warmup_seconds};
    const Sample sample = bench.sampler.take(spec, sampling, i).sample.value();
    writer.push_back(sample.seconds * 1e9 / sample.writer[Counter::calls].value());
    reader.push_back(sample.seconds * 1e9 / sample.reader[Counter::calls].value());
  }
  fmt::print("null/null: {:.2f} ns a step of the writer, {:.2f} ns a step of the reader\n", median(writer),
             median(reader));
}

}  // namespace

int main(int argc, char** argv) {
  const std::atomic<int> interrupt{0};
  const Topology topology = Topology::of_this_machine();
  const Placement placement = nearest_pair(topology.machine());
  Sampler sampler(topology, interrupt);
  const Bench bench{.pairs = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 15,
                    .seconds = argc > 2 ? std::atof(argv[2]) : 0.1,
                    .sampler = sampler};
  compare_all(bench, placement, argc > 3 ? argv[3] : "");
  price_of_nothing(bench, placement);
}
