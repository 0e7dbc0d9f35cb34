// What else goes on.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "pipebench/system/memory.hpp"
#include "system/host/parts.hpp"

namespace pipebench {
namespace {

/// The three averages. Warns when the last minute kept more than half of the CPUs busy.
std::optional<std::string> load_average(HostReader& reader) {
  const std::string file = "/proc/loadavg";
  const std::vector<std::string> words = split(reader.line(file).value_or(""), ' ');
  const auto last_minute = parse_number<double>(words.front());
  if (words.size() < 3 || !last_minute) {
    reader.missing("load_average", file, "Whether other work ran is unknown.");
    return std::nullopt;
  }
  const auto online = parse_cpu_list(reader.line("/sys/devices/system/cpu/online").value_or("-"));
  if (online && *last_minute > 0.5 * static_cast<double>(online->size())) {
    reader.add({.severity = Severity::warning,
                .about = "load",
                .what = fmt::format("The load average is {} on {} CPUs.", words[0], online->size()),
                .why = "Other work competes with the samples: one busy thread on the reader's CPU took write and read "
                       "from 5.2 to "
                       "2.4 GiB/s.",
                .advice = "Stop it, or wait for its end; top shows it."});
  }
  return fmt::format("{} {} {}", words[0], words[1], words[2]);
}

/// Since boot, of all CPUs: "cpu user nice system idle iowait irq softirq steal ...", proc_stat(5).
void find_steal(HostReader& reader) {
  std::istringstream words(reader.line("/proc/stat").value_or(""));
  std::string cpu;
  double total = 0, last = 0;
  words >> cpu;
  for (int i = 0; i < 8 && words >> last; ++i) total += last;
  constexpr double much = 0.01;
  if (!words || cpu != "cpu" || last <= much * total) return;
  reader.add({.severity = Severity::warning,
              .about = "steal time",
              .what = fmt::format("The hypervisor took {:.1f} % of the CPU time since boot.", 100 * last / total),
              .why = "Samples are stopped meanwhile; steal_seconds of the results shows which, and --steady takes "
                     "them again."});
}

void find_little_memory(HostReader& reader) {
  constexpr std::uint64_t little = 256U << 20U;
  const std::uint64_t available = available_memory(reader.path("/"));
  if (available >= little) return;
  reader.add({.severity = Severity::warning,
              .about = "memory",
              .what = fmt::format("{} MiB of memory are available.", available >> 20U),
              .why = "The kernel reclaims pages while samples run, and huge pages may not be found."});
}

}  // namespace

void read_load(Host& host, HostReader& reader) {
  host.load_average = load_average(reader);
  find_steal(reader);
  find_little_memory(reader);
}

}  // namespace pipebench
