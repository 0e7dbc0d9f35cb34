// Samples on the real kernel, and ends that do not work. What a sample may last is bounded generously: a machine may be
// busy, and its clock not its own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/engine/sample.hpp"
#include "pipebench/plan/rules.hpp"
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {

inline constexpr double endless = 3600;         // seconds: only something else ends the sample
inline constexpr double patience_seconds = 60;  // what must be prompt may take this long on a bad day

inline const Topology& topology() {
  static const Topology machine = Topology::of_this_machine();
  return machine;
}

inline CaseSpec spec_of(std::string_view writer, std::string_view reader, Wait wait = Wait::block) {
  CaseSpec spec;
  spec.writer = writer;
  spec.reader = reader;
  spec.wait = wait;
  spec.buffer_bytes = 65536;
  spec.buffers = 2;
  spec.pipe_bytes = 65536;
  return spec;
}

inline Sampling bytes_of(std::uint64_t bytes) {
  Sampling sampling;
  sampling.bytes = bytes;
  sampling.warmup_seconds = 0;
  sampling.timeout_seconds = patience_seconds;
  return sampling;
}

inline Sampling time_of(double seconds) {
  Sampling sampling;
  sampling.time_seconds = seconds;
  sampling.warmup_seconds = 0.005;
  sampling.timeout_seconds = patience_seconds;
  return sampling;
}

inline SampleOutcome take(const CaseSpec& spec, const Sampling& sampling) {
  static const std::atomic<int> never{0};
  return Sampler(topology(), never).take(spec, sampling, 3);
}

/// Of several threads. They may have to wait for a CPU longer than a short sample lasts; then a longer one is taken, as
/// the failure advises.
inline SampleOutcome take_while_all_run(const CaseSpec& spec) {
  SampleOutcome outcome;
  for (const double seconds : {0.02, 0.2, 2.0}) {
    outcome = take(spec, time_of(seconds));
    if (outcome.failure.find("use longer samples") == std::string::npos) break;
  }
  return outcome;
}

inline double seconds_since(std::uint64_t start_ns) { return static_cast<double>(monotonic_ns() - start_ns) * 1e-9; }

/// Of all threads, those that have ended included.
inline double cpu_seconds_of_this_process() {
  timespec time{};
  EXPECT_EQ(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Every pair that moves bytes, runs here and can wait so, both ends ours.
inline std::vector<std::pair<std::string_view, std::string_view>> pairs(Wait wait = Wait::block) {
  static const Catalog catalog = probe_catalog();
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (const StrategyInfo& writer : catalog.writers) {
    for (const StrategyInfo& reader : catalog.readers) {
      if (has_outside(writer, reader) || why_not_waiting(writer, wait)) continue;
      if (writer.moves_bytes && !why_not_paired(writer, reader)) pairs.emplace_back(writer.name, reader.name);
    }
  }
  return pairs;
}

/// Of a test that is run with each wait.
inline const auto every_wait = testing::Values(Wait::block, Wait::poll, Wait::busy, Wait::busy_poll);

inline std::string name_of_wait(const testing::TestParamInfo<Wait>& wait) {
  std::string name(name_of(wait.param));
  std::erase(name, '-');
  return name;
}

/// Strategies that are in no registry, because they do not work.
class FaultyEnd {
 public:
  explicit FaultyEnd(const EndSetup& setup) : buffers_(writer_buffers(setup)) {}
  ssize_t step(PipeEnd, Piece) noexcept { return fail(); }
  ssize_t step(PipeEnd, std::size_t) noexcept { return fail(); }
  [[nodiscard]] const std::byte* seen(std::uint64_t) const noexcept { return buffers_.start(0); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  static ssize_t fail() noexcept {
    errno = EINVAL;
    return -1;
  }
  BufferSet buffers_;
};

class EndsEarly : public FaultyEnd {
 public:
  using FaultyEnd::FaultyEnd;
  static ssize_t step(PipeEnd, std::size_t) noexcept { return 0; }
};

inline std::unique_ptr<End> throw_instead(const EndSetup&) { throw SystemError("teleport(pipe, 7)", ENOSYS); }

inline StrategyDescriptor faulty_strategy(Role role, std::unique_ptr<End> (*make)(const EndSetup&)) {
  return {.info = {.name = "faulty", .summary = "fails", .role = role, .system_call = "teleport"}, .make = make};
}

}  // namespace pipebench
