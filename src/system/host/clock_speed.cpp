// What changes the clock speed.
#include <fmt/format.h>

#include <algorithm>

#include "system/host/parts.hpp"

namespace pipebench {
namespace {

std::string governor_file(int cpu) {
  return fmt::format("/sys/devices/system/cpu/cpu{}/cpufreq/scaling_governor", cpu);
}

/// Those of all CPUs that are online, each once, in the order of the CPUs.
std::vector<std::string> governors(const HostReader& reader) {
  const auto online = parse_cpu_list(reader.line("/sys/devices/system/cpu/online").value_or("0"));
  std::vector<std::string> found;
  for (const int cpu : online.value_or(std::vector{0})) {
    const auto name = reader.line(governor_file(cpu));
    if (name && std::ranges::find(found, *name) == found.end()) found.push_back(*name);
  }
  return found;
}

std::optional<std::string> governor(HostReader& reader) {
  const std::vector<std::string> found = governors(reader);
  if (found.empty()) {
    reader.missing("governor", governor_file(0), "The clock speed policy is unknown.");
    return std::nullopt;
  }
  std::string names = fmt::format("{}", fmt::join(found, ", "));
  if (names != "performance") {
    reader.add({.severity = Severity::warning,
                .about = "governor",
                .what = found.size() == 1 ? fmt::format("The CPU frequency governor is '{}'.", names)
                                          : fmt::format("CPUs have different frequency governors: {}.", names),
                .why = "The clock speed may change during and between samples.",
                .mend = "cpupower frequency-set -g performance"});
  }
  return names;
}

/// Documentation/admin-guide/pm/intel_pstate.rst (no_turbo) and cpufreq.rst (boost).
std::optional<bool> turbo(HostReader& reader) {
  const std::string no_turbo = "/sys/devices/system/cpu/intel_pstate/no_turbo";
  const std::string boost = "/sys/devices/system/cpu/cpufreq/boost";
  const auto off = reader.number(no_turbo);
  const auto on = reader.number(boost);
  if (!off && !on) {
    reader.add({.figures = {"turbo"},
                .what = "Neither intel_pstate/no_turbo nor cpufreq/boost is there.",
                .why = "Whether the clock speed depends on heat and load is unknown."});
    return std::nullopt;
  }
  const bool is_on = off ? *off == 0 : *on != 0;
  if (is_on)
    reader.add({.about = "turbo",
                .what = "Turbo is on.",
                .why = "The clock speed depends on heat and on how many cores work; writer_ns_per_add and "
                       "reader_ns_per_add of the results show it.",
                .mend = off ? "echo 1 > " + no_turbo : "echo 0 > " + boost});
  return is_on;
}

}  // namespace

void read_clock_speed(Host& host, HostReader& reader) {
  host.governor = governor(reader);
  host.turbo = turbo(reader);
}

}  // namespace pipebench
