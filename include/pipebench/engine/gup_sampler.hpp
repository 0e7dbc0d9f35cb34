// Samples of what getting user pages costs, taken by the kernel's own test instead of a pipe.
#pragma once

#include <atomic>
#include <functional>

#include "pipebench/engine/sample.hpp"
#include "pipebench/system/gup_test.hpp"

namespace pipebench {

/// GupTest::look_up(); tests have one of their own.
using LookUp = std::function<GupTimes(const std::byte* start, std::size_t bytes)>;

class GupSampler {
 public:
  /// `interrupt`: as for a Sampler.
  GupSampler(const Topology& topology, const std::atomic<int>& interrupt, LookUp look_up)
      : topology_(topology), interrupt_(interrupt), look_up_(std::move(look_up)) {}

  /// Looks one buffer of the case up, again and again, for the warm-up and then for the time of the sample, in a thread
  /// on the writer's CPU. Each time counts as a turn: getting its pages as the writer's, putting them as the reader's.
  /// What goes wrong is in the outcome, and not thrown.
  [[nodiscard]] SampleOutcome take(const CaseSpec& spec, const Sampling& sampling, unsigned round) const;

 private:
  [[nodiscard]] SampleOutcome take_here(const CaseSpec& spec, const Sampling& sampling, unsigned round) const;

  const Topology& topology_;
  const std::atomic<int>& interrupt_;
  LookUp look_up_;
};

}  // namespace pipebench
