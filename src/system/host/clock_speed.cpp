// What changes the clock speed.
#include <fmt/format.h>

#include "system/host/parts.hpp"

namespace pipebench {
namespace {

std::optional<std::string> governor(HostReader& reader) {
  auto name = reader.wanted("governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                            "The clock speed policy is unknown.");
  if (name && *name != "performance") {
    reader.add({.severity = Severity::warning,
                .about = "governor",
                .what = fmt::format("The CPU frequency governor is '{}'.", *name),
                .why = "The clock speed may change during and between samples.",
                .mend = "cpupower frequency-set -g performance"});
  }
  return name;
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
