// A machine and a set of strategies that are the same wherever the tests run.
#pragma once

#include <algorithm>
#include <vector>

#include "pipebench/model/machine.hpp"
#include "pipebench/model/strategy.hpp"
#include "pipebench/strategies/kept_pages.hpp"

namespace pipebench {

/// Two packages, each of two L3 groups, each of two cores, each of two threads. OS numbers 0 to 7 are the first
/// threads, 8 to 15 their siblings, as Linux numbers them. CPU 7 is offline; 1 and 9, the first's neighbours, are
/// outside the mask.
inline Machine fake_machine() {
  Machine machine;
  for (int os = 0; os < 16; ++os) {
    const int core = os % 8;
    Cpu cpu{.os = os,
            .logical = core * 2 + os / 8,
            .core = core,
            .l2 = core,
            .l3 = core / 2,
            .node = core / 4,
            .package = core / 4,
            .allowed = true,
            .why_not = {}};
    if (os == 7) cpu.why_not = "offline";
    if (core == 1) cpu.why_not = "outside the affinity mask";
    cpu.allowed = cpu.why_not.empty();
    machine.cpus.push_back(cpu);
  }
  machine.nodes = {0, 1};
  machine.page_sizes = {};  // those of x86-64
  machine.pipe_max_bytes = 1U << 20U;
  machine.pipe_limit_bytes = 1U << 20U;
  machine.topology = "Package:2 L3:2 Core:2 PU:2";
  return machine;
}

/// The fake machine with nothing allowed but these CPUs.
inline Machine fake_machine_with(const std::vector<int>& allowed) {
  Machine machine = fake_machine();
  for (Cpu& cpu : machine.cpus) {
    cpu.allowed = std::ranges::find(allowed, cpu.os) != allowed.end();
    cpu.why_not = cpu.allowed ? "" : "outside the affinity mask";
  }
  return machine;
}

/// Packages of L3 groups of cores of threads; OS numbers count threads last, as Linux does.
inline Machine machine_of(int packages, int groups, int cores, int threads) {
  Machine machine;
  const int total = packages * groups * cores;
  for (int os = 0; os < total * threads; ++os) {
    const int core = os % total;
    machine.cpus.push_back({.os = os,
                            .logical = os,
                            .core = core,
                            .l2 = core,
                            .l3 = core / cores,
                            .node = core / cores / groups,
                            .package = core / cores / groups,
                            .why_not = {}});
  }
  return machine;
}

/// Nothing, a copy and a reference on either side.
inline std::vector<StrategyInfo> fake_writers() {
  constexpr OptionsUsed of_buffers{.contiguous = true, .no_touch = true, .lock = true, .buffers = true};
  constexpr OptionsUsed of_pages{.gift = true, .contiguous = true, .no_touch = true, .lock = true, .buffers = true};
  return {{.name = "null",
           .summary = "moves nothing",
           .role = Role::writer,
           .uses = {.buffers = true},
           .moves_bytes = false},
          {.name = "write",
           .summary = "copies",
           .role = Role::writer,
           .copies = 1,
           .touches = true,
           .reuse = Reuse::at_once,
           .uses = of_buffers},
          {.name = "vmsplice",
           .summary = "refers",
           .role = Role::writer,
           .copies = 0,
           .reuse = Reuse::after_pipe,
           .whole_pages = true,
           .gives_pages = true,
           .uses = of_pages,
           .system_call = "vmsplice"},
          {.name = "recycle",
           .summary = "goes round",
           .role = Role::writer,
           .reuse = Reuse::on_return,
           .whole_pages = true,
           .takes_skb = true,
           .uses = {.gift = true, .lock = true, .buffers = true},
           .kept_pipe_bytes = [](const CaseSpec& spec,
                                 const PageSizes& sizes) { return pipe_bytes_to_keep(spec.buffers, spec, sizes); },
           .partner = "recycle"}};
}

inline std::vector<StrategyInfo> fake_readers() {
  return {{.name = "null", .summary = "takes nothing", .role = Role::reader, .moves_bytes = false},
          {.name = "read",
           .summary = "copies",
           .role = Role::reader,
           .copies = 1,
           .touches = true,
           .release = Release::copied,
           .receives = true,
           .uses = {.no_touch = true, .lock = true}},
          {.name = "splice",
           .summary = "drops",
           .role = Role::reader,
           .copies = 0,
           .release = Release::discarded,
           .sees_bytes = false,
           .uses = {.gift = true}},
          {.name = "relay",
           .summary = "passes on",
           .role = Role::reader,
           .release = Release::passed_on,
           .uses = {.gift = true}},
          {.name = "recycle",
           .summary = "goes round",
           .role = Role::reader,
           .release = Release::passed_on,
           .takes_skb = true,
           .uses = {.gift = true},
           .partner = "recycle"}};
}

inline Catalog fake_catalog() { return {.writers = fake_writers(), .readers = fake_readers()}; }

}  // namespace pipebench
