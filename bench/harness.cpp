// What the harness itself costs: compares its samples with bare loops of the same system calls, in alternating pairs,
// and shows what a step costs that does nothing. Usage: harness [PAIRS [SECONDS [ONLY]]]; ONLY selects the cases whose
// names contain it.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "bare.hpp"
#include "in_pairs.hpp"

using namespace pipebench;

namespace {

double harness_speed(Bench& bench, const CaseSpec& spec) {
  return bench.speed(spec, {.time_seconds = bench.seconds, .bytes = {}, .warmup_seconds = warmup_seconds});
}

double bare_speed(const Bench& bench, const CaseSpec& spec) {
  return bare::measure(spec, warmup_seconds, bench.seconds);
}

void compare_all(Bench& bench, const std::string& only) {
  print_header("harness", "bare", bench);
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
                              .placement = bench.placement};
          compare_in_pairs(
              name, bench.pairs, [&] { return harness_speed(bench, spec); }, [&] { return bare_speed(bench, spec); });
        }
      }
    }
  }
}

void price_of_nothing(Bench& bench) {
  std::vector<double> writer;
  std::vector<double> reader;
  const CaseSpec spec{.writer = "null",
                      .reader = "null",
                      .buffer_bytes = 4096,
                      .buffers = 2,
                      .pipe_bytes = 4096,
                      .placement = bench.placement};
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
  Bench bench(argc, argv, 0.1);
  compare_all(bench, argc > 3 ? argv[3] : "");
  price_of_nothing(bench);
}
