// The machine that the tests run on: its topology, and what results record of it.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

#include "pipebench/base/error.hpp"
#include "pipebench/system/host.hpp"
#include "pipebench/system/topology.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

/// Runs `work` in a thread whose affinity it may change, and passes on what it throws.
template <class Work>
void in_own_thread(Work work) {
  std::exception_ptr thrown;
  std::jthread([&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
  }).join();
  if (thrown) std::rethrow_exception(thrown);
}

TEST(ThisMachine, ListsTheCpusThatItsThreadsMayUse) {
  const Machine machine = Topology::of_this_machine().machine();
  EXPECT_TRUE(machine.is_this_machine);
  EXPECT_GE(machine.pipe_max_bytes, machine.page_sizes.base);
  EXPECT_EQ(machine.page_sizes.base, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  cpu_set_t mask;
  ASSERT_EQ(::sched_getaffinity(0, sizeof mask, &mask), 0);
  for (const Cpu& cpu : machine.cpus) {
    EXPECT_EQ(cpu.allowed, CPU_ISSET(static_cast<std::size_t>(cpu.os), &mask) != 0) << "CPU " << cpu.os;
    EXPECT_EQ(cpu.allowed, cpu.why_not.empty());
  }
}

TEST(ThisMachine, PinsAThreadToEveryAllowedCpu) {
  const Topology topology = Topology::of_this_machine();
  const Machine machine = topology.machine();
  for (const Cpu& cpu : machine.cpus) {
    if (!cpu.allowed) continue;
    in_own_thread([&] {
      topology.pin_this_thread(cpu.os);
      EXPECT_EQ(::sched_getcpu(), cpu.os);
      cpu_set_t mask;
      ASSERT_EQ(::sched_getaffinity(0, sizeof mask, &mask), 0);
      EXPECT_EQ(CPU_COUNT(&mask), 1);
    });
  }
}

TEST(ThisMachine, PinsOnlyTheCallingThread) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  in_own_thread([&] { Topology::of_this_machine().pin_this_thread(::sched_getcpu()); });
  cpu_set_t after;
  ASSERT_EQ(::sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(ThisMachine, RefusesToPinToACpuThatDoesNotExist) {
  const Topology topology = Topology::of_this_machine();
  for (const int cpu : {-1, topology.machine().cpus.back().os + 1, 100'000, 2'147'483'647}) {
    try {
      topology.pin_this_thread(cpu);
      ADD_FAILURE() << "pinned to " << cpu;
    } catch (const SystemError& error) {
      EXPECT_EQ(error.code(), EINVAL);
      EXPECT_NE(std::string(error.what()).find("CPU " + std::to_string(cpu)), std::string::npos);
    }
  }
}

TEST(ThisMachine, SaysWhichCpusTheAffinityMaskRulesOut) {
  const Topology topology = Topology::of_this_machine();
  in_own_thread([&] {
    const int here = ::sched_getcpu();
    topology.pin_this_thread(here);
    for (const Cpu& cpu : topology.machine().cpus) {
      EXPECT_EQ(cpu.allowed, cpu.os == here);
      EXPECT_EQ(cpu.why_not.empty(), cpu.os == here);
    }
    const Machine reloaded = Topology::of_this_machine().machine();
    EXPECT_EQ(reloaded.cpus.size(), topology.machine().cpus.size()) << "ruled out CPUs are still listed";
  });
}

TEST(ThisMachine, ListsCpusThatArePresentButOffline) {
  const Topology topology = Topology::of_this_machine();
  const int beyond = topology.machine().cpus.back().os + 1;
  const TemporaryDirectory root;
  (void)root.write("sys/devices/system/cpu/present", "0-" + std::to_string(beyond) + "\n");
  (void)root.write("sys/devices/system/cpu/online", "0-" + std::to_string(beyond - 1) + "\n");
  (void)root.write("proc/sys/fs/pipe-max-size", "65536\n");
  const Machine machine = topology.machine(root.path());
  const Cpu* cpu = machine.find(beyond);
  ASSERT_NE(cpu, nullptr);
  EXPECT_FALSE(cpu->allowed);
  EXPECT_EQ(cpu->why_not, "offline");
  EXPECT_EQ(machine.pipe_max_bytes, 65536U);
}

TEST(ThisMachine, IsNotReplacedThroughTheEnvironment) {
  ASSERT_EQ(::setenv("HWLOC_SYNTHETIC", "core:3 pu:1", 1), 0);
  EXPECT_THROW((void)Topology::of_this_machine(), UsageError);
  ::unsetenv("HWLOC_SYNTHETIC");
}

TEST(ThisMachine, DoesWithoutProcAndSys) {
  const TemporaryDirectory empty;
  const Machine machine = Topology::of_this_machine().machine(empty.path());
  EXPECT_FALSE(machine.cpus.empty());
  EXPECT_EQ(machine.pipe_max_bytes, 1048576U);
}

/// What set_mempolicy(2) was told for this thread, or -1 where the kernel does not say.
int memory_policy() {
  int mode = -1;
  return ::syscall(SYS_get_mempolicy, &mode, nullptr, 0UL, nullptr, 0UL) == 0 ? mode : -1;
}

TEST(ThisMachine, BindsTheMemoryOfTheCallingThreadOnly) {
  constexpr int bind = 2;  // MPOL_BIND
  const Topology topology = Topology::of_this_machine();
  const int node = topology.machine().nodes.at(0);
  const int before = memory_policy();
  if (before < 0) GTEST_SKIP() << "get_mempolicy() is refused here: " << describe_errno(errno);
  int inside = -1;
  std::thread([&] {
    topology.bind_memory_of_this_thread(node);
    inside = memory_policy();
  }).join();
  EXPECT_EQ(inside, bind);
  EXPECT_EQ(memory_policy(), before);
  std::thread([&] {
    EXPECT_THROW(topology.bind_memory_of_this_thread(1000), SystemError);
    topology.interleave_memory_of_this_thread();
    inside = memory_policy();
  }).join();
  EXPECT_EQ(inside, 3);  // MPOL_INTERLEAVE
}

TEST(ReadHost, ReadsThisMachine) {
  const Host host = read_host();
  EXPECT_NE(host.kernel, "unknown");
  EXPECT_NE(host.cpu_model, "");
  EXPECT_EQ(host.topology, "");
  for (const Finding& finding : host.findings) EXPECT_TRUE(finding.what.ends_with(".")) << finding.what;
}

}  // namespace
}  // namespace pipebench
