// What is free: memory and reserved huge pages, from files of a made-up machine.
#include "pipebench/system/memory.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "pipebench/system/huge_pages.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
constexpr auto meminfo = "MemTotal:       4000 kB\nMemFree:         100 kB\nMemAvailable:   3000 kB\n";

TEST(AvailableMemory, IsWhatTheKernelEstimates) {
  const TemporaryDirectory root;
  (void)root.write("proc/meminfo", meminfo);
  EXPECT_EQ(available_memory(root.path()), 3000U * 1024);
}

TEST(AvailableMemory, IsLessWhereAControlGroupAllowsLess) {
  const TemporaryDirectory root;
  (void)root.write("proc/meminfo", meminfo);
  (void)root.write("proc/self/cgroup", "0::/user/job\n");
  (void)root.write("sys/fs/cgroup/user/job/memory.max", "max\n");
  (void)root.write("sys/fs/cgroup/user/job/memory.current", "5000\n");
  EXPECT_EQ(available_memory(root.path()), 3000U * 1024);
  (void)root.write("sys/fs/cgroup/user/memory.max", "100000\n");
  (void)root.write("sys/fs/cgroup/user/memory.current", "40000\n");
  EXPECT_EQ(available_memory(root.path()), 60000U) << "the limit of an ancestor holds too";
  (void)root.write("sys/fs/cgroup/user/memory.current", "140000\n");
  EXPECT_EQ(available_memory(root.path()), 0U);
}

TEST(AvailableMemory, IsUnlimitedWhereNobodyTells) {
  const TemporaryDirectory root;
  EXPECT_EQ(available_memory(root.path()), unlimited);
  (void)root.write("proc/self/cgroup", "0::/../../etc\n");
  EXPECT_EQ(available_memory(root.path()), unlimited);
}

TEST(FreeHugePages, AreThoseThatNobodyWasPromised) {
  const TemporaryDirectory root;
  EXPECT_EQ(free_huge_pages(HugeSize::m2, root.path()), std::nullopt) << "no /sys";
  (void)root.write("sys/kernel/mm/ksm/run", "0\n");
  EXPECT_EQ(free_huge_pages(HugeSize::m2, root.path()), 0U) << "a kernel without such pages";
  (void)root.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "5\n");
  EXPECT_EQ(free_huge_pages(HugeSize::m2, root.path()), 5U);
  (void)root.write("sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages", "3\n");
  EXPECT_EQ(free_huge_pages(HugeSize::m2, root.path()), 2U);
}

TEST(PagesOfBuffers, AreUnknownWithoutSmaps) {
  const TemporaryDirectory root;
  EXPECT_EQ(BufferSet({.bytes = 4096, .count = 1}).obtained_pages(Smaps(root.path())), Smaps::unknown_pages);
}

TEST(NodesOfBuffers, AreKnownOnlyForPagesThatAreThere) {
  const BufferSet untouched({.bytes = 65536, .count = 2, .touch = false});
  EXPECT_TRUE(untouched.nodes().empty());
  EXPECT_EQ(untouched.obtained_pages(Smaps()), "not touched") << "asking faults nothing in";
  const BufferSet touched({.bytes = 65536, .count = 2});
  // More than one where an administrator interleaves memory; none where a seccomp profile refuses.
  for (const int node : touched.nodes()) EXPECT_GE(node, 0);
  EXPECT_LE(touched.nodes().size(), 32U);
  EXPECT_TRUE(BufferSet({.bytes = 4096, .count = 0}).nodes().empty());
}

}  // namespace
}  // namespace pipebench
