// The command `topology`: CPUs, what they share, and how near pairs of them are.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/command.hpp"
#include "app/handovers.hpp"
#include "app/interrupt.hpp"
#include "app/log.hpp"
#include "app/output.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/plan/pairs.hpp"
#include "pipebench/report/grid.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view measure_option = "measure";
constexpr std::string_view wait_option = "wait-for-others";

// A group that is not known has no number.
std::string number_or_dash(int number) { return number < 0 ? "-" : std::to_string(number); }
Json number_or_null(int number) { return number < 0 ? Json() : Json(number); }

// The other CPUs of its core.
std::vector<int> siblings_of(const Cpu& cpu, const Machine& machine) {
  std::vector<int> siblings;
  for (const Cpu& other : machine.cpus) {
    if (relation_between(cpu, other) == Relation::smt) siblings.push_back(other.os);
  }
  return siblings;
}

std::string allowed_text(const Cpu& cpu) { return cpu.allowed ? "yes" : "no: " + cpu.why_not; }

Grid cpu_grid(const Machine& machine) {
  Grid grid{.columns = {{.header = "cpu", .right = true},
                        {.header = "logical", .right = true},
                        {.header = "core", .right = true},
                        {.header = "SMT with", .right = true},
                        {.header = "L2", .right = true},
                        {.header = "L3", .right = true},
                        {.header = "node", .right = true},
                        {.header = "package", .right = true},
                        {.header = "kind", .right = true},
                        {.header = "allowed", .wrap = true}},
            .rows = {}};
  for (const Cpu& cpu : machine.cpus) {
    const std::vector<int> siblings = siblings_of(cpu, machine);
    grid.rows.push_back({std::to_string(cpu.os), number_or_dash(cpu.logical), number_or_dash(cpu.core),
                         siblings.empty() ? "-" : fmt::format("{}", fmt::join(siblings, ",")), number_or_dash(cpu.l2),
                         number_or_dash(cpu.l3), number_or_dash(cpu.node), number_or_dash(cpu.package),
                         number_or_dash(cpu.kind), allowed_text(cpu)});
  }
  return grid;
}

Grid relation_grid(const std::vector<RelationCount>& relations) {
  Grid grid{.columns = {{.header = "relation"},
                        {.header = "ordered pairs", .right = true},
                        {.header = "for example", .right = true},
                        {.header = "what it is", .wrap = true}},
            .rows = {}};
  for (const RelationCount& count : relations) {
    grid.rows.push_back({std::string(name_of(count.relation)), std::to_string(count.pairs),
                         fmt::format("{},{}", *count.example.writer_cpu, *count.example.reader_cpu),
                         std::string(summary_of(count.relation))});
  }
  return grid;
}

Json as_json(const Machine& machine, const std::vector<RelationCount>& relations) {
  Json cpus = Json::array();
  for (const Cpu& cpu : machine.cpus) {
    cpus.push_back({{"cpu", cpu.os},
                    {"logical", number_or_null(cpu.logical)},
                    {"core", number_or_null(cpu.core)},
                    {"smt_siblings", siblings_of(cpu, machine)},
                    {"l2", number_or_null(cpu.l2)},
                    {"l3", number_or_null(cpu.l3)},
                    {"node", number_or_null(cpu.node)},
                    {"package", number_or_null(cpu.package)},
                    {"kind", number_or_null(cpu.kind)},
                    {"allowed", cpu.allowed},
                    {"reason", cpu.allowed ? Json() : Json(cpu.why_not)}});
  }
  Json pairs = Json::array();
  for (const RelationCount& count : relations) {
    pairs.push_back({{"relation", name_of(count.relation)},
                     {"pairs", count.pairs},
                     {"example", {*count.example.writer_cpu, *count.example.reader_cpu}}});
  }
  return {{"schema", "pipebench-topology/1"},
          {"this_machine", machine.is_this_machine},
          {"topology", machine.topology.empty() ? Json() : Json(machine.topology)},
          {"nodes", machine.nodes},
          {"cpus", std::move(cpus)},
          {"relations", std::move(pairs)},
          {"handover", nullptr}};
}

// What people want to know before the tables.
std::string headline(const Machine& machine) {
  const auto allowed = std::ranges::count(machine.cpus, true, &Cpu::allowed);
  return fmt::format("{}, {} of them allowed; {}.{}", counted(machine.cpus.size(), "CPU"), allowed,
                     counted(machine.nodes.size(), "NUMA node"),
                     machine.topology.empty() ? "" : " As hwloc describes it: " + machine.topology);
}

constexpr std::string_view legend =
    "cpu: OS number, as in taskset and --cpus. node: OS number. The other numbers are hwloc's logical ones. kind: rank "
    "of the core kind, 0 the most efficient; -: all alike. Only allowed CPUs are paired.";

bool is_on(const Invocation& invocation, std::string_view flag) {
  const auto given = invocation.options.find(flag);
  return given != invocation.options.end() && !is_off(given->second[0]);
}

bool wants_to_measure(const Invocation& invocation, const Machine& machine) {
  const bool wanted = is_on(invocation, measure_option);
  if (wanted && !machine.is_this_machine)
    throw UsageError("--measure and --topology cannot be combined: a machine that is not there cannot be measured.");
  for (const std::string_view name : {sample_option, wait_option}) {
    if (!wanted && invocation.options.contains(name))
      throw UsageError(fmt::format("--{} says how to measure; add --measure.", name));
  }
  return wanted;
}

int topology(const Invocation& invocation, Loaded loaded) {
  const std::vector<RelationCount> relations = count_relations(loaded.machine);
  Listing listing{.data = as_json(loaded.machine, relations),
                  .headline = headline(loaded.machine),
                  .grids = {cpu_grid(loaded.machine), relation_grid(relations)},
                  .legend = std::string(legend)};
  if (!wants_to_measure(invocation, loaded.machine)) {
    print_listing(listing, invocation);
    return 0;
  }
  const RunSettings settings = settings_of(invocation.options);
  start_log(settings);
  check_stdout();
  handle_interrupts();
  const Handovers handovers = measure_handovers(loaded, settings);
  add_handovers(listing, handovers);
  print_listing(listing, invocation);
  return handovers.complete ? 0 : interrupted_exit_code();
}

const std::vector<Option>& options() {
  static const std::vector<Option> options = [] {
    std::vector<Option> all = some_options({"topology", wait_option, sample_option, "format", "color", "help"});
    for (Option& option : all) {
      if (option.name == sample_option) option.help = "with --measure, take N pairs of each relation";
    }
    all.insert(all.begin(), {.name = std::string(measure_option),
                             .help = "measure how long a cache line takes from CPU to CPU, for each pair",
                             .group = all.front().group,
                             .scope = Scope::cli,
                             .flag = true,
                             .choices = {"off", "on"}});
    return all;
  }();
  return options;
}

}  // namespace

extern const Command command_topology = {
    .name = "topology",
    .summary =
        "CPUs, what they share, which may be used, the relations between pairs of them, and how far apart they are",
    .options = options,
    .loads = Loads::topology,
    .run = topology,
};

}  // namespace pipebench
