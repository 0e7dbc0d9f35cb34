// What this process may do.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipebench/system/perf/event.hpp"
#include "system/host/parts.hpp"
#include "system/symbol_rights.hpp"
#include "system/user_namespace.hpp"

namespace pipebench {
namespace {

constexpr const char* status_file = "/proc/self/status";

/// Those that matter here, with their bits of capabilities(7).
struct Capability {
  const char* name;
  unsigned bit;
};
constexpr std::array capabilities{Capability{"IPC_LOCK", 14}, Capability{"SYS_ADMIN", 21},
                                  Capability{"SYS_NICE", 23}, Capability{"SYS_RESOURCE", 24},
                                  Capability{"SYSLOG", 34},   Capability{"PERFMON", 38}};

/// A mask in hexadecimal, as "000001ffffffffff".
std::optional<std::uint64_t> parse_mask(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<std::string> held_capabilities(HostReader& reader) {
  const auto mask = parse_mask(reader.entry(status_file, "CapEff").value_or(""));
  if (!mask) {
    reader.missing("capabilities", status_file, "What this process may do is unknown.");
    return std::nullopt;
  }
  std::vector<const char*> held;
  for (const Capability& capability : capabilities)
    if ((*mask >> capability.bit & 1U) != 0) held.push_back(capability.name);
  return held.empty() ? "none" : fmt::format("{}", fmt::join(held, " "));
}

/// "Max locked memory         8388608              8388608              bytes": the soft limit. Empty where it is
/// unlimited; `told` becomes false where there is no such line.
std::optional<std::uint64_t> soft_limit(const HostReader& reader, std::string_view name, bool& told) {
  std::ifstream stream(reader.path("/proc/self/limits"));
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name)) continue;
    const std::string_view rest = trim(std::string_view(line).substr(name.size()));
    const std::string_view word = rest.substr(0, rest.find(' '));
    const auto value = parse_number<std::uint64_t>(word);
    if (value || word == "unlimited") return value;
  }
  told = false;
  return std::nullopt;
}

void read_limits(Host& host, HostReader& reader) {
  bool told = true;
  host.memlock_limit_bytes = soft_limit(reader, "Max locked memory", told);
  host.nofile_limit = soft_limit(reader, "Max open files", told);
  host.address_space_limit_bytes = soft_limit(reader, "Max address space", told);
  if (!told)
    reader.add({.figures = {"memlock_limit_bytes", "nofile_limit", "address_space_limit_bytes"},
                .what = "/proc/self/limits is not there, or not understood.",
                .why = "What this process may use is unknown."});
}

std::optional<std::string> seccomp(HostReader& reader) {
  constexpr std::array modes{"off", "strict", "filter"};
  const auto mode = parse_number<std::size_t>(reader.entry(status_file, "Seccomp").value_or(""));
  if (mode && *mode < modes.size()) {
    if (*mode == 2)
      reader.add({.about = "seccomp",
                  .what = "A seccomp filter looks at every system call.",
                  .why = "Each call pays for that: getppid(2) took 148 ns instead of 117 with a filter that allows "
                         "all, and 168 with "
                         "one that looks at arguments. It may refuse some; `pipebench list` shows which strategies.",
                  .advice = "Containers usually bring it; docker and podman start one without with --security-opt "
                            "seccomp=unconfined."});
    return modes[*mode];
  }
  reader.missing("seccomp", status_file, "Whether a filter slows or refuses system calls is unknown.");
  return std::nullopt;
}

void find_few_cpus(HostReader& reader) {
  const auto allowed = parse_cpu_list(reader.entry(status_file, "Cpus_allowed_list").value_or("-"));
  const auto online = parse_cpu_list(reader.line("/sys/devices/system/cpu/online").value_or("-"));
  if (!allowed || !online || allowed->size() >= online->size()) return;
  const bool one = allowed->size() == 1;
  reader.add({.severity = one ? Severity::warning : Severity::note,
              .about = "allowed CPUs",
              .what = fmt::format("This process may use {} of {} CPUs (cpuset or affinity mask).", allowed->size(),
                                  online->size()),
              .why = one ? "Both ends share one CPU, so that they take turns." : "Only these are paired."});
}

void find_user_namespace(const Host& host, HostReader& reader) {
  if (host.capabilities.value_or("none") == "none" || in_first_user_namespace(reader.path("/"))) return;
  reader.add({.about = "user namespace",
              .what = "This process runs in a user namespace of its own.",
              .why = "Its capabilities hold there alone: limits of pipes and of locked memory, perf events and kernel "
                     "symbols are for it as for a user without any.",
              .advice = "Rootless containers bring one; run it outside, as root, for what is refused."});
}

/// Documentation/admin-guide/sysctl/kernel.rst.
void read_perf(Host& host, HostReader& reader) {
  const std::string paranoid = "/proc/sys/kernel/perf_event_paranoid";
  host.perf_event_paranoid = parse_number<std::int64_t>(reader.line(paranoid).value_or(""));
  if (!host.perf_event_paranoid) reader.missing("perf_event_paranoid", paranoid, "The kernel may have no perf events.");
  host.kptr_restrict = reader.wanted_number("kptr_restrict", "/proc/sys/kernel/kptr_restrict",
                                            "Whether kernel symbols are shown is unknown.");
  if (!host.capabilities) return;
  if (host.perf_event_paranoid.value_or(0) > 1 && !may_sample_kernel(reader.path("/")))
    reader.add({.severity = Severity::blocker,
                .about = "perf events",
                .what = fmt::format("The sysctl kernel.perf_event_paranoid is {}, and this user lacks CAP_PERFMON.",
                                    *host.perf_event_paranoid),
                .why = "Where the kernel spends its time cannot be sampled.",
                .mend = "sysctl -w kernel.perf_event_paranoid=1"});
  const auto hiding = hidden_symbols(host.kptr_restrict.value_or(0), host.perf_event_paranoid.value_or(0),
                                     has_capability(host, reader, "SYSLOG"));
  if (hiding)
    reader.add({.severity = Severity::blocker,
                .about = "kernel symbols",
                .what = "/proc/kallsyms hides the addresses of the kernel's functions.",
                .why = hiding->cause + " Samples cannot be given the names of functions.",
                .mend = hiding->mend});
}

}  // namespace

bool has_capability(const Host& host, const HostReader& reader, std::string_view name) {
  const auto held = split(host.capabilities.value_or(""), ' ');
  return std::ranges::find(held, name) != held.end() && in_first_user_namespace(reader.path("/"));
}

void read_rights(Host& host, HostReader& reader) {
  read_limits(host, reader);
  host.seccomp = seccomp(reader);
  host.capabilities = held_capabilities(reader);
  find_user_namespace(host, reader);
  find_few_cpus(reader);
  read_perf(host, reader);
}

}  // namespace pipebench
