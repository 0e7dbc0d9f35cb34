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

/// Of CPU 0, in MHz; files of cpufreq/ are in kHz. Never 0.
std::optional<std::uint64_t> clock_mhz(const HostReader& reader, const std::string& file,
                                       std::uint64_t per_mhz = 1000) {
  const auto value = reader.number("/sys/devices/system/cpu/cpu0/" + file);
  if (!value || *value < per_mhz) return std::nullopt;
  return *value / per_mhz;
}

/// ", from 800 to 3900 MHz", the ends of the range that the governor chooses from; empty where they are unknown or
/// equal.
std::string chosen_range(const HostReader& reader) {
  const auto lowest = clock_mhz(reader, "cpufreq/scaling_min_freq");
  const auto highest = clock_mhz(reader, "cpufreq/scaling_max_freq");
  if (!lowest || !highest || *lowest >= *highest) return {};
  return fmt::format(", from {} to {} MHz", *lowest, *highest);
}

/// " Here it may be up to 1.86 times the base of 2100 MHz."; empty where that is unknown. intel_pstate tells in
/// base_frequency, firmware in acpi_cppc/ (drivers/acpi/cppc_acpi.c).
std::string turbo_range(const HostReader& reader) {
  auto base = clock_mhz(reader, "cpufreq/base_frequency");
  if (!base) base = clock_mhz(reader, "acpi_cppc/nominal_freq", 1);
  const auto highest = clock_mhz(reader, "cpufreq/cpuinfo_max_freq");
  if (!base || !highest || *base >= *highest) return {};
  const double ratio = static_cast<double>(*highest) / static_cast<double>(*base);
  return fmt::format(" Here it may be up to {:.2f} times the base of {} MHz.", ratio, *base);
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
                .why = fmt::format("The clock speed may change during and between samples{}.", chosen_range(reader)),
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
                .why = fmt::format("The clock speed depends on heat and on how many cores work; writer_ns_per_add and "
                                   "reader_ns_per_add of the results show it.{}",
                                   turbo_range(reader)),
                .mend = off ? "echo 1 > " + no_turbo : "echo 0 > " + boost});
  return is_on;
}

}  // namespace

void read_clock_speed(Host& host, HostReader& reader) {
  host.governor = governor(reader);
  host.turbo = turbo(reader);
}

}  // namespace pipebench
