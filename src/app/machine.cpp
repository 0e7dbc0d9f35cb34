#include "app/machine.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include "app/command.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/unique_fd.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/strategies/registry.hpp"
#include "pipebench/system/conditions.hpp"
#include "pipebench/system/host.hpp"
#include "pipebench/system/huge_pages.hpp"
#include "pipebench/system/memory.hpp"
#include "pipebench/system/perf/event.hpp"
#include "pipebench/system/pipe.hpp"
#include "pipebench/system/usage.hpp"

namespace pipebench {
namespace {

// Nothing about this machine belongs in a plan for another.
Host unknown_host(const Machine& machine) {
  Document document;
  document.host.topology = machine.topology;
  Finding finding{.what = "The plan is for another machine.",
                  .why = fmt::format("It assumes pages of {} bytes and pipes of up to {}.", machine.page_sizes.base,
                                     format_size(machine.pipe_max_bytes))};
  const auto host = frame_to_json(document).at("host");
  for (const auto& [key, value] : host.items()) {
    if (value.is_null()) finding.figures.push_back(key);
  }
  document.host.findings.push_back(std::move(finding));
  return document.host;
}

// One for each cause, with all that is missing because of it.
std::vector<Finding> findings_about(const std::vector<CounterGroup::Missing>& missing) {
  std::map<int, std::vector<CounterGroup::Missing>> by_cause;
  for (const CounterGroup::Missing& event : missing) by_cause[event.refusal.code].push_back(event);
  std::vector<Finding> findings;
  for (const auto& [code, events] : by_cause) {
    std::vector<std::string_view> names;
    for (const CounterGroup::Missing& event : events) names.push_back(hardware_events[event.event].name);
    Finding& finding = findings.emplace_back(explain_refusal(fmt::format("{}", fmt::join(names, ", ")), code).finding);
    finding.severity = Severity::blocker;
    finding.about = "hardware counters";
    for (const CounterGroup::Missing& event : events)
      finding.figures.emplace_back(info_of(hardware_counters[event.event]).name);
  }
  if (missing.size() < hardware_events.size()) {
    // There is a PMU. What else may refuse an event refuses all of them.
    if (!findings.empty()) findings.front().why = "The processor counts others, but not these.";
    return findings;
  }
  for (const Counter time : {Counter::hardware_enabled_seconds, Counter::hardware_counting_seconds})
    findings.front().figures.emplace_back(info_of(time).name);
  return findings;
}

// One finding instead of several with the same reason: what refuses all events refuses those of hardware; what refuses
// their kernel's part refuses samples of it, and hides the setting that read_host() found.
void join_refused_events(std::vector<Finding>& findings, const std::vector<CounterGroup::Missing>& missing) {
  // Needs no right and no hardware.
  perf_event_attr attr{};
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_TASK_CLOCK;
  attr.exclude_kernel = 1;
  const PerfEvent event = PerfEvent::of_this_thread(attr);
  const bool no_rights = std::ranges::any_of(missing, [](const CounterGroup::Missing& counter) {
    return counter.refusal.obstacle == PerfObstacle::not_allowed;
  });
  if (event && !no_rights) return;
  Finding joined = event ? explain_refusal("events of the kernel", missing.front().refusal.code).finding
                         : explain_refusal("any event", event.error()).finding;
  std::erase_if(findings, [&](const Finding& finding) {
    if (finding.about == "hardware counters")
      joined.figures.insert(joined.figures.end(), finding.figures.begin(), finding.figures.end());
    return finding.about == "hardware counters" || finding.about == "perf events";
  });
  joined.severity = Severity::blocker;
  joined.about = "perf events";
  if (!joined.why.empty()) joined.why += ' ';
  joined.why += "Hardware events cannot be counted, nor where the kernel spends its time be sampled.";
  findings.push_back(std::move(joined));
}

// A new pipe has 16 pages, and fewer when the user's pipes have reached the soft limit, pipe(7).
void add_reached_limit(std::vector<Finding>& findings) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  const UniqueFd reader(ends[0]), writer(ends[1]);
  const int bytes = ::fcntl(reader.get(), F_GETPIPE_SZ);
  constexpr int usual_pages = 16;
  if (bytes < 0 || bytes >= usual_pages * static_cast<int>(::sysconf(_SC_PAGESIZE))) return;
  findings.push_back(
      {.severity = Severity::warning,
       .about = "pipe pages",
       .what = fmt::format("A new pipe has {} bytes, since this user's pipes reached their limit.", bytes),
       .why = "Cases that need a larger pipe cannot have it.",
       .mend = "sysctl -w fs.pipe-user-pages-soft=0"});
}

Finding no_thread_usage() {
  return {.figures = {"user_seconds", "system_seconds", "voluntary_switches", "involuntary_switches", "minor_faults",
                      "both_ends_seconds", "both_ends_system_seconds", "cpu_seconds_per_gib"},
          .about = "CPU time",
          .what = "getrusage(2) of a thread fails; a seccomp profile may forbid it.",
          .why = "What CPU time each end used, and how often it lost its CPU, is unknown."};
}

// What read_host() does not look at.
std::vector<Finding> findings_beside(const Machine& machine) {
  std::vector<Finding> findings;
  if (std::ranges::any_of(machine.cpus, [](const Cpu& cpu) { return cpu.allowed && cpu.node < 0; }))
    findings.push_back({.figures = {"relation"},
                        .what = "/sys/devices/system does not tell what some CPUs share.",
                        .why = "How near they are to each other is unknown."});
  if (machine.topology.empty())
    findings.push_back({.figures = {"topology"}, .what = "hwloc cannot describe this machine in one line."});
  if (!read_process_usage())
    findings.push_back({.figures = {"worker_seconds"},
                        .what = "/proc/self/task does not show the threads of this process.",
                        .why = "What the kernel's workers of io_uring used is unknown."});
  if (!read_thread_usage()) findings.push_back(no_thread_usage());
  if (!read_migrations())
    findings.push_back({.figures = {"migrations"},
                        .what = "/proc/thread-self/sched does not tell them (CONFIG_SCHED_DEBUG).",
                        .why = "Whether a thread changed its CPU during a sample is unknown."});
  if (!RunQueueClock().read_ns())
    findings.push_back({.figures = {"run_queue_seconds"},
                        .what = "/proc/thread-self/schedstat does not tell it (CONFIG_SCHED_INFO).",
                        .why = "Whether other work had the CPU of a thread that sleeps is unknown."});
  const auto first = std::ranges::find(machine.cpus, true, &Cpu::allowed);
  if (first == machine.cpus.end()) return findings;
  if (!read_frequency_hz(first->os))
    findings.push_back({.figures = {"writer_frequency_hz", "reader_frequency_hz"},
                        .what = "The CPUs have no cpufreq driver, or /sys does not show it.",
                        .why =
                            "Which clock rate the CPUs ran at is unknown; writer_ns_per_add and reader_ns_per_add tell "
                            "the real one."});
  if (!read_steal_seconds(std::array{first->os}))
    findings.push_back({.figures = {"steal_seconds"},
                        .what = "/proc/stat does not tell it.",
                        .why = "Whether a hypervisor took CPUs away during a sample is unknown."});
  return findings;
}

}  // namespace

Topology load_topology(const std::string& source) {
  constexpr std::string_view synthetic = "synthetic:";
  constexpr std::string_view xml = "xml:";
  if (source.starts_with(synthetic)) return Topology::synthetic(source.substr(synthetic.size()));
  if (source.starts_with(xml)) return Topology::from_xml(source.substr(xml.size()));
  if (source.empty()) return Topology::of_this_machine();
  throw UsageError(fmt::format(
      "--topology: '{}' is not a source; write synthetic:DESCRIPTION (synthetic:'pack:2 core:4 pu:2') or xml:FILE.",
      source));
}

Machine machine_for_planning(const Topology& topology) {
  Machine machine = topology.machine();
  machine.pipe_limit_bytes = machine.pipe_max_bytes;
  // We cannot look at another machine; assume it has the huge pages that a plan asks for.
  if (!machine.is_this_machine) machine.free_huge_2m = machine.free_huge_1g = std::numeric_limits<std::uint64_t>::max();
  // The limit does not hold with CAP_SYS_RESOURCE. Only trying tells: user namespaces and seccomp profiles fool any
  // other test.
  constexpr std::uint64_t largest = std::uint64_t{1} << 30U;
  try {
    if (machine.is_this_machine && Pipe(machine.pipe_max_bytes * 2, true).capacity() > machine.pipe_max_bytes)
      machine.pipe_limit_bytes = largest;
  } catch (const SystemError&) {
    // Not permitted: the limit holds.
  }
  if (!machine.is_this_machine) return machine;
  machine.available_bytes = available_memory();
  machine.counts_hardware_events = CounterGroup().missing().size() < hardware_events.size();
  return machine;
}

void count_huge_pages(Machine& machine, bool reservable) {
  // Where the kernel does not tell, a case finds out by asking for them.
  constexpr auto not_known = std::numeric_limits<std::uint64_t>::max();
  const auto count = [&](HugeSize size) {
    return (reservable ? reservable_huge_pages(size) : free_huge_pages(size)).value_or(not_known);
  };
  machine.free_huge_2m = count(HugeSize::m2);
  machine.free_huge_1g = count(HugeSize::g1);
  machine.reserved_huge_2m = reserved_huge_pages(HugeSize::m2);
  machine.reserved_huge_1g = reserved_huge_pages(HugeSize::g1);
}

Host host_record(const Machine& machine) {
  if (!machine.is_this_machine) return unknown_host(machine);
  Host host = read_host();
  host.topology = machine.topology;
  const std::vector<CounterGroup::Missing> missing = CounterGroup().missing();
  for (auto& findings : {findings_about(missing), findings_beside(machine)})
    host.findings.insert(host.findings.end(), findings.begin(), findings.end());
  join_refused_events(host.findings, missing);
  add_reached_limit(host.findings);
  return host;
}

Loaded load(Loads what, const OptionTexts& options) {
  Loaded loaded;
  if (what == Loads::nothing) return loaded;
  loaded.topology = load_topology(settings_of(options).topology);
  if (what == Loads::topology) {
    loaded.machine = loaded.topology->machine();
  } else {
    loaded.machine = machine_for_planning(*loaded.topology);
    loaded.catalog = loaded.machine.is_this_machine ? probe_catalog() : whole_catalog();
  }
  return loaded;
}

}  // namespace pipebench
