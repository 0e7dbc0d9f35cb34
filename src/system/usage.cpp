#include "pipebench/system/usage.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>

namespace pipebench {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

std::optional<double> clock_seconds(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) < 0) return std::nullopt;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// The CPU clock of a thread of this process, as pthread_getcpuclockid(3) makes it: also of threads that are not the C
// library's. Reading it brings the thread's account up to date (task_sched_runtime() in kernel/sched/core.c).
clockid_t clock_of_thread(int thread) {
  constexpr unsigned of_one_thread = 4;
  constexpr unsigned scheduler_time = 2;
  return static_cast<clockid_t>(~static_cast<unsigned>(thread) << 3U | of_one_thread | scheduler_time);
}

bool is_worker(const std::filesystem::path& task) {
  std::string name;
  std::getline(std::ifstream(task / "comm"), name);
  return name.starts_with("iou-");
}

}  // namespace

std::optional<ThreadUsage> read_thread_usage() noexcept {
  // Reading the clock brings the thread's account up to date; getrusage() alone tells its state at the last tick.
  timespec cpu_time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu_time);
  rusage usage{};
  if (::getrusage(RUSAGE_THREAD, &usage) < 0) return std::nullopt;
  return ThreadUsage{.user_seconds = seconds(usage.ru_utime),
                     .system_seconds = seconds(usage.ru_stime),
                     .voluntary_switches = static_cast<std::uint64_t>(usage.ru_nvcsw),
                     .involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw),
                     .minor_faults = static_cast<std::uint64_t>(usage.ru_minflt)};
}

RunQueueClock::RunQueueClock() : file_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)) {}

std::optional<std::uint64_t> RunQueueClock::read_ns() const noexcept {
  std::array<char, 80> text{};
  if (::pread(file_.get(), text.data(), text.size() - 1, 0) <= 0) return std::nullopt;
  unsigned long long ran_ns = 0;
  unsigned long long waited_ns = 0;
  if (std::sscanf(text.data(), "%llu %llu", &ran_ns, &waited_ns) != 2) return std::nullopt;
  // A thread that never ran reads no file: accounting is off (proc_pid_schedstat() in fs/proc/base.c).
  return ran_ns == 0 ? std::nullopt : std::optional<std::uint64_t>(waited_ns);
}

std::optional<std::uint64_t> read_migrations() {
  std::ifstream file("/proc/thread-self/sched");
  for (std::string line; std::getline(file, line);) {
    unsigned long long count = 0;
    if (std::sscanf(line.c_str(), "se.nr_migrations : %llu", &count) == 1) return count;
  }
  return std::nullopt;
}

std::optional<ProcessUsage> read_process_usage(const std::filesystem::path& tasks) {
  ProcessUsage usage;
  std::error_code unreadable;
  for (std::filesystem::directory_iterator at(tasks, unreadable), end; !unreadable && at != end;
       at.increment(unreadable)) {
    const std::string name = at->path().filename();
    int thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    // Workers included: the clock of the process does not bring the accounts of running threads up to date.
    const auto used = clock_seconds(clock_of_thread(thread));
    if (used && !is_worker(at->path())) usage.own_threads[thread] = *used;
  }
  // The reading thread has itself used the CPU meanwhile. If it is not listed, /proc belongs to another PID namespace,
  // pid_namespaces(7).
  const auto self = usage.own_threads.find(::gettid());
  if (unreadable || self == usage.own_threads.end()) return std::nullopt;
  self->second = clock_seconds(CLOCK_THREAD_CPUTIME_ID).value_or(self->second);
  const auto process = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
  if (!process) return std::nullopt;
  usage.seconds = *process;
  return usage;
}

double worker_seconds(const ProcessUsage& before, const ProcessUsage& after) {
  double used = after.seconds - before.seconds;
  for (const auto& [thread, seconds] : after.own_threads) {
    const auto earlier = before.own_threads.find(thread);
    used -= seconds - (earlier == before.own_threads.end() ? 0 : earlier->second);
  }
  return std::max(0.0, used);  // the clocks are not read at the same moment
}

}  // namespace pipebench
