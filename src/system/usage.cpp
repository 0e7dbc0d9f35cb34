#include "pipebench/system/usage.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>

namespace pipebench {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

ThreadUsage read_thread_usage() noexcept {
  // Reading the clock brings the thread's account up to date; getrusage() alone tells its state at the last tick.
  timespec cpu_time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu_time);
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return {.user_seconds = seconds(usage.ru_utime),
          .system_seconds = seconds(usage.ru_stime),
          .voluntary_switches = static_cast<std::uint64_t>(usage.ru_nvcsw),
          .involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw),
          .minor_faults = static_cast<std::uint64_t>(usage.ru_minflt)};
}

std::optional<std::uint64_t> read_migrations() {
  std::ifstream file("/proc/thread-self/sched");
  for (std::string line; std::getline(file, line);) {
    unsigned long long count = 0;
    if (std::sscanf(line.c_str(), "se.nr_migrations : %llu", &count) == 1) return count;
  }
  return std::nullopt;
}

}  // namespace pipebench
