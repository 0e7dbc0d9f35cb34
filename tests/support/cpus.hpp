// CPUs of the machine that tests run on.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>

#include <vector>

namespace pipebench {

/// OS numbers of those that the calling thread may run on, ascending.
inline std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace pipebench
