// What this user may have of perf, found out by asking the kernel for it alone.
#pragma once

#include "pipebench/system/perf/sampler.hpp"

namespace pipebench {

/// Of all that runs on it.
inline bool may_sample_cpu(int cpu) {
  perf_event_attr attr{};
  attr.type = cpu_clock.type;
  attr.config = cpu_clock.config;
  attr.freq = 1;
  attr.sample_freq = 100;
  attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_CALLCHAIN;
  attr.disabled = 1;
  return static_cast<bool>(PerfEvent::of_cpu(attr, cpu));
}

}  // namespace pipebench
