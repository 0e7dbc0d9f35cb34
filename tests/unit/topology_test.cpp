#include "pipebench/system/topology.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>

#include "pipebench/base/error.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;

Machine synthetic(std::string_view description) { return Topology::synthetic(description).machine(); }

Relation relation(const Machine& machine, int a, int b) { return relation_between(*machine.find(a), *machine.find(b)); }

std::string refusal_of_synthetic(std::string_view description) {
  try {
    (void)Topology::synthetic(description);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_of_file(const std::string& file) {
  try {
    (void)Topology::from_xml(file);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

/// As lstopo writes it: two fast cores under one L2, two efficient ones under another; CPU 3 outside the cpuset.
/// `complete` is the set of all CPUs, with or without a place.
std::string hybrid_xml(const std::string& complete = "0x0000000f") {
  const auto sets = [](const std::string& cpus) {
    return "cpuset=\"" + cpus + "\" complete_cpuset=\"" + cpus + "\" nodeset=\"0x1\" complete_nodeset=\"0x1\" ";
  };
  const auto core = [&](const std::string& os, const std::string& cpus) {
    return "<object type=\"Core\" os_index=\"" + os + "\" " + sets(cpus) + "gp_index=\"2" + os + "\">" +  //
           "<object type=\"PU\" os_index=\"" + os + "\" " + sets(cpus) + "gp_index=\"3" + os + "\"/></object>";
  };
  const auto cache = [&](const std::string& type, const std::string& cpus, const std::string& index) {
    return "<object type=\"" + type + "\" " + sets(cpus) + "gp_index=\"" + index +
           "\" cache_size=\"1048576\" depth=\"" + type.substr(1, 1) +
           "\" cache_linesize=\"64\" cache_associativity=\"0\" cache_type=\"0\">";
  };
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n<topology "
         "version=\"2.0\">"
         "<object type=\"Machine\" os_index=\"0\" cpuset=\"0x0000000f\" complete_cpuset=\"" +
         complete +
         "\" allowed_cpuset=\"0x00000007\" nodeset=\"0x1\" complete_nodeset=\"0x1\" allowed_nodeset=\"0x1\" "
         "gp_index=\"1\">"
         "<object type=\"Package\" os_index=\"0\" " +
         sets("0x0000000f") +
         "gp_index=\"2\">"
         "<object type=\"NUMANode\" os_index=\"0\" " +
         sets("0x0000000f") + "gp_index=\"3\" local_memory=\"1073741824\"/>" + cache("L3Cache", "0x0000000f", "4") +
         cache("L2Cache", "0x00000003", "5") + core("0", "0x00000001") + core("1", "0x00000002") + "</object>" +
         cache("L2Cache", "0x0000000c", "6") + core("2", "0x00000004") + core("3", "0x00000008") + "</object>" +
         "</object></object></object>"
         "<cpukind cpuset=\"0x0000000c\" forced_efficiency=\"1\"/><cpukind cpuset=\"0x00000003\" "
         "forced_efficiency=\"10\"/></topology>\n";
}

// ---------------------------------------------------------------------------------------------- made-up machines

TEST(SyntheticTopology, HasOneCpuWithNeighboursUnknown) {
  const Machine machine = synthetic("pu:1");
  ASSERT_EQ(machine.cpus.size(), 1U);
  const Cpu& cpu = machine.cpus.front();
  EXPECT_EQ(cpu.os, 0);
  EXPECT_EQ(cpu.core, -1);
  EXPECT_EQ(cpu.l2, -1);
  EXPECT_EQ(cpu.l3, -1);
  EXPECT_EQ(cpu.package, -1);
  EXPECT_EQ(cpu.kind, -1);
  EXPECT_TRUE(cpu.allowed);
  EXPECT_EQ(relation(machine, 0, 0), Relation::same_cpu);
}

TEST(SyntheticTopology, IsNotThisMachineEvenWhenItLooksLikeIt) {
  const Topology topology = Topology::synthetic("core:2 pu:1");
  EXPECT_FALSE(topology.is_this_machine());
  EXPECT_FALSE(topology.machine().is_this_machine);
}

TEST(SyntheticTopology, TellsSmtSiblingsFromCores) {
  const Machine machine = synthetic("package:1 l3:1 l2:4 core:1 pu:2");
  ASSERT_EQ(machine.cpus.size(), 8U);
  EXPECT_EQ(relation(machine, 0, 1), Relation::smt);
  EXPECT_EQ(relation(machine, 1, 2), Relation::l3);
}

TEST(SyntheticTopology, TellsSharedL2FromSharedL3) {
  const Machine machine = synthetic("package:1 l3:2 l2:2 core:4 pu:1");
  EXPECT_EQ(relation(machine, 0, 3), Relation::l2);
  EXPECT_EQ(relation(machine, 3, 4), Relation::l3);
}

TEST(SyntheticTopology, HasSeveralL3InAPackage) {
  const Machine machine = synthetic("package:1 l3:4 core:2 pu:1");
  EXPECT_EQ(relation(machine, 0, 1), Relation::l3);
  EXPECT_EQ(relation(machine, 1, 2), Relation::numa);
  EXPECT_EQ(machine.find(7)->l3, 3);
}

TEST(SyntheticTopology, HasSeveralNodesInAPackage) {
  const Machine machine = synthetic("package:2 numa:2 core:2 pu:1");
  EXPECT_EQ(machine.find(5)->node, 2);
  EXPECT_EQ(relation(machine, 0, 1), Relation::numa);
  EXPECT_EQ(relation(machine, 1, 2), Relation::package);
  EXPECT_EQ(relation(machine, 3, 4), Relation::cross_package);
}

TEST(SyntheticTopology, TakesTheFirstOfSeveralNodesAtOnePlace) {
  const Machine machine = synthetic("package:2 [numa(memory=1GB)] [numa(memory=4GB)] core:2 pu:1");
  EXPECT_EQ(machine.find(0)->node, 0);
  EXPECT_EQ(machine.find(2)->node, 2);
}

TEST(SyntheticTopology, InterleavesOsNumbersAcrossPackages) {
  const Machine machine = synthetic("package:2 core:2 pu:2(indexes=0,4,2,6,1,5,3,7)");
  EXPECT_EQ(machine.find(0)->package, 0);
  EXPECT_EQ(machine.find(1)->package, 1);
  EXPECT_EQ(relation(machine, 0, 4), Relation::smt);
  EXPECT_EQ(relation(machine, 0, 1), Relation::cross_package);
  EXPECT_EQ(machine.find(4)->logical, 1);
  for (std::size_t i = 0; i < machine.cpus.size(); ++i)
    EXPECT_EQ(machine.cpus[i].os, static_cast<int>(i)) << "sorted by OS number";
}

TEST(SyntheticTopology, DescribesItselfSoThatItCanBeReadBack) {
  const Machine machine = synthetic("package:2 l3:2 core:2 pu:2(indexes=8*2:4*2:2*2:1*2)");
  const Machine again = synthetic(machine.topology);
  ASSERT_EQ(again.cpus.size(), machine.cpus.size());
  EXPECT_EQ(again.topology, machine.topology);
  for (const Cpu& cpu : machine.cpus) {
    EXPECT_EQ(again.find(cpu.os)->logical, cpu.logical);
    EXPECT_EQ(again.find(cpu.os)->l3, cpu.l3);
  }
}

TEST(SyntheticTopology, MayBeLarge) {
  const Machine machine = synthetic("package:2 numa:6 l3:3 l2:8 core:1 pu:2");
  ASSERT_EQ(machine.cpus.size(), 576U);
  EXPECT_EQ(relation(machine, 0, 575), Relation::cross_package);
  EXPECT_EQ(relation(machine, 574, 575), Relation::smt);
  std::set<int> caches;
  for (const Cpu& cpu : machine.cpus) caches.insert(cpu.l3);
  EXPECT_EQ(caches.size(), 36U);
}

TEST(SyntheticTopology, RefusesWhatWouldEatTheMemoryBeforeAllocatingIt) {
  EXPECT_NE(refusal_of_synthetic("package:1000000 core:1000000 pu:1000000").find("more than 8192 CPUs"),
            std::string::npos);
  EXPECT_NE(refusal_of_synthetic("package:2 pu:4097").find("more than 8192 CPUs"), std::string::npos);
  EXPECT_NE(refusal_of_synthetic("pu:0x7fffffff").find("'pu:0x7fffffff'"), std::string::npos);
  EXPECT_NE(refusal_of_synthetic("pu:99999999999999999999").find("usable count"), std::string::npos);
}

TEST(SyntheticTopology, RefusesWhatHwlocWouldGuessAt) {
  for (const auto* description :
       {"", " ", "pu", "core pu:2", "pu:0", "pu:-1", "foo:2", "package:2", "pu:2 core:2", "package:2(core:2", "pu:2\n",
        "core:2 [numa(memory=3G)] pu:1", "pu:2(colour=red)", "pu:2(indexes=0)", "pu:2(indexes=0,0)",
        "pu:2(indexes=abc)", "pu:2(indexes=0,100000)"}) {
    const std::string refusal = refusal_of_synthetic(description);
    EXPECT_TRUE(refusal.starts_with("--topology: ")) << description << ": " << refusal;
    EXPECT_TRUE(refusal.ends_with(".")) << refusal;
  }
  using namespace std::string_view_literals;
  EXPECT_NE(refusal_of_synthetic("pu:2\0pu:3"sv), "accepted");
}

TEST(SyntheticTopology, SurvivesADescriptionThatKillsHwloc) {
  const std::string refusal = refusal_of_synthetic("package:2(indexes=core) core:2 pu:2");
  EXPECT_NE(refusal.find("is not usable"), std::string::npos) << refusal;
}

TEST(SyntheticTopology, RefusesToPin) {
  const Topology topology = Topology::synthetic("core:2 pu:1");
  EXPECT_THROW(topology.pin_this_thread(0), std::logic_error);
}

// ---------------------------------------------------------------------------------------------- files

TEST(TopologyFile, RanksCoreKindsAndKeepsTheCpuset) {
  const TemporaryDirectory directory;
  const Machine machine = Topology::from_xml(directory.write("hybrid.xml", hybrid_xml())).machine();
  ASSERT_EQ(machine.cpus.size(), 4U);
  EXPECT_FALSE(machine.is_this_machine);
  EXPECT_EQ(machine.find(0)->kind, 1);
  EXPECT_EQ(machine.find(2)->kind, 0) << "0 is the most efficient";
  EXPECT_EQ(relation(machine, 2, 3), Relation::l2);
  EXPECT_EQ(relation(machine, 1, 2), Relation::l3);
  EXPECT_TRUE(machine.find(2)->allowed);
  EXPECT_FALSE(machine.find(3)->allowed);
  EXPECT_EQ(machine.find(3)->why_not, "outside the cpuset");
}

TEST(TopologyFile, ListsCpusWithoutAPlace) {
  const TemporaryDirectory directory;
  const Machine machine = Topology::from_xml(directory.write("offline.xml", hybrid_xml("0x0000001f"))).machine();
  ASSERT_EQ(machine.cpus.size(), 5U);
  EXPECT_FALSE(machine.find(4)->allowed);
  EXPECT_EQ(machine.find(4)->why_not, "offline, or left out of the topology file");
  EXPECT_EQ(machine.find(4)->package, -1);
}

TEST(TopologyFile, RefusesAnInfiniteNumberOfCpus) {
  const TemporaryDirectory directory;
  EXPECT_NE(refusal_of_file(directory.write("infinite.xml", hybrid_xml("0xf...f"))).find("more than 8192 CPUs"),
            std::string::npos);
}

TEST(TopologyFile, RefusesWhatIsNoTopology) {
  const TemporaryDirectory directory;
  const std::string whole = hybrid_xml();
  std::string entity = whole;
  entity.insert(entity.find("<topology"), "<!ENTITY a SYSTEM \"/etc/passwd\">");
  std::string deep = "<topology version=\"2.0\">";
  for (int i = 0; i < 100'000; ++i) deep += "<object>";
  for (const auto& [name, text] : {std::pair{"empty.xml", std::string()},
                                   {"half.xml", whole.substr(0, whole.size() / 2)},
                                   {"text.xml", "package:2 pu:2"},
                                   {"nul.xml", std::string("<topology>\0", 11)},
                                   {"entity.xml", entity},
                                   {"deep.xml", deep}}) {
    const std::string refusal = refusal_of_file(directory.write(name, text));
    EXPECT_TRUE(refusal.starts_with("--topology: the file '")) << name << ": " << refusal;
  }
}

TEST(TopologyFile, RefusesWhatIsNoFile) {
  const TemporaryDirectory directory;
  const std::string fifo = directory.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_NE(refusal_of_file(fifo).find("not a regular file"), std::string::npos);
  EXPECT_NE(refusal_of_file("/dev/zero").find("not a regular file"), std::string::npos);
  EXPECT_NE(refusal_of_file(directory.path()).find("not a regular file"), std::string::npos);
  EXPECT_NE(refusal_of_file(directory.path() / "missing").find("ENOENT"), std::string::npos);
  const std::string large = directory.write("large.xml", "<");
  fs::resize_file(large, 17U << 20U);
  EXPECT_NE(refusal_of_file(large).find("16 MiB"), std::string::npos);
}

TEST(SyntheticTopology, RefusesToBindMemory) {
  const Topology topology = Topology::synthetic("package:2 numa:1 core:2 pu:1");
  EXPECT_THROW(topology.bind_memory_of_this_thread(0), std::logic_error);
  EXPECT_THROW(topology.interleave_memory_of_this_thread(), std::logic_error);
}

TEST(SyntheticTopology, KnowsItsMemoryNodes) {
  EXPECT_EQ(synthetic("package:2 numa:2 core:2 pu:1").nodes, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(synthetic("core:2 pu:1").nodes, std::vector<int>{0});
}

}  // namespace
}  // namespace pipebench
