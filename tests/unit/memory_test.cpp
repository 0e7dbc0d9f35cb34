// What is free: memory and reserved huge pages, from files of a made-up machine.
#include "pipebench/system/memory.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

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
  (void)root.write("sys/fs/cgroup/user/memory.stat", "anon 1000\ninactive_file 90000\nactive_file 7\n");
  EXPECT_EQ(available_memory(root.path()), 50000U) << "unused pages of files make room";
}

TEST(AvailableMemory, IsLessWhereAControlGroupOfVersion1AllowsLess) {
  const TemporaryDirectory root;
  (void)root.write("proc/meminfo", meminfo);
  (void)root.write("proc/self/cgroup", "12:cpu,cpuacct:/a\n5:memory:/user/job:1\n1:name=systemd:/b\n0::/c\n");
  (void)root.write("sys/fs/cgroup/memory/user/job:1/memory.limit_in_bytes", "9223372036854771712\n");
  (void)root.write("sys/fs/cgroup/memory/user/job:1/memory.usage_in_bytes", "5000\n");
  EXPECT_EQ(available_memory(root.path()), 3000U * 1024) << "no limit";
  (void)root.write("sys/fs/cgroup/memory/user/memory.limit_in_bytes", "100000\n");
  (void)root.write("sys/fs/cgroup/memory/user/memory.usage_in_bytes", "40000\n");
  EXPECT_EQ(available_memory(root.path()), 60000U) << "the limit of an ancestor holds too";
  (void)root.write("sys/fs/cgroup/memory/user/job:1/memory.limit_in_bytes", "45000\n");
  EXPECT_EQ(available_memory(root.path()), 40000U);
  (void)root.write("sys/fs/cgroup/memory/user/job:1/memory.stat", "inactive_file 1\ntotal_inactive_file 2000\n");
  EXPECT_EQ(available_memory(root.path()), 42000U) << "those of the groups below it, too";
}

TEST(AvailableMemory, IsWhatAContainerMayHaveWhoseGroupHasItsNameOutside) {
  const TemporaryDirectory root;
  (void)root.write("proc/meminfo", meminfo);
  (void)root.write("proc/self/cgroup", "5:memory:/docker/0123456789ab\n");
  (void)root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "100000\n");
  (void)root.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n");
  EXPECT_EQ(available_memory(root.path()), 99000U);
}

TEST(AvailableMemory, IsUnlimitedWhereNothingCanBeRead) {
  const TemporaryDirectory root;
  EXPECT_EQ(available_memory(root.path()), unlimited);
  (void)root.write("proc/self/cgroup", "0::/../../etc\n");
  EXPECT_EQ(available_memory(root.path()), unlimited);
}

Finding found(Pages pages, const TemporaryDirectory& root) {
  return why_no_pages(pages, root.path()).value_or(Finding{});
}

TEST(WhyNoPages, IsABlockerWithItsMendOrANoteWhereItIsNotKnown) {
  const TemporaryDirectory root;
  for (const Pages pages : {Pages::thp, Pages::m2, Pages::g1}) {
    EXPECT_TRUE(why_no_pages(pages, root.path()).has_value());
    EXPECT_EQ(found(pages, root).severity, Severity::note);
  }
  (void)root.write("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
  (void)root.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0\n");
  EXPECT_EQ(found(Pages::thp, root).mend, "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
  EXPECT_EQ(found(Pages::m2, root).mend, "echo 4 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
  (void)root.write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "3\n");
  EXPECT_EQ(found(Pages::m2, root).mend, "echo 7 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")
      << "three are in use";
  EXPECT_EQ(found(Pages::m2, root).what, "No huge pages of 2M are free.");
  EXPECT_EQ(found(Pages::g1, root).severity, Severity::blocker);
  EXPECT_EQ(found(Pages::g1, root).mend, "") << "the kernel has none of this size";
  (void)root.write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
  (void)root.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "1\n");
  for (const Pages pages : {Pages::k4, Pages::skb, Pages::thp, Pages::m2})
    EXPECT_FALSE(why_no_pages(pages, root.path()).has_value()) << name_of(pages);
}

TEST(FreeHugePages, AreThoseThatAreNotReservedForOthers) {
  const TemporaryDirectory root;
  EXPECT_EQ(free_huge_pages(HugeSize::m2, root.path()), std::nullopt) << "no /sys";
  (void)root.write("sys/kernel/mm/ksm/run", "0\n");
  EXPECT_EQ(free_huge_pages(HugeSize::m2, root.path()), 0U) << "a kernel without such pages";
  (void)root.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "5\n");
  EXPECT_EQ(free_huge_pages(HugeSize::m2, root.path()), 5U);
  (void)root.write("sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages", "3\n");
  EXPECT_EQ(free_huge_pages(HugeSize::m2, root.path()), 2U);
}

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

TEST(PageSizes, AreWhatTheKernelSays) {
  const TemporaryDirectory root;
  (void)root.write("sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "33554432\n");
  (void)root.write("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0\n");
  (void)root.write("sys/kernel/mm/hugepages/hugepages-32768kB/nr_hugepages", "0\n");
  (void)root.write("sys/kernel/mm/hugepages/something-else/nr_hugepages", "0\n");
  const PageSizes sizes = read_page_sizes(root.path());
  EXPECT_EQ(sizes.base, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(sizes.thp, 32 * mib);
  EXPECT_EQ(sizes.hugetlb, (std::vector{32 * mib, 1024 * mib}));
}

TEST(PageSizes, AreThoseOfATableOfAddressesWhereTheKernelDoesNotSay) {
  const TemporaryDirectory root;
  for (const char* text : {"", "0\n", "many\n", "3000000\n"}) {
    if (*text != 0) (void)root.write("sys/kernel/mm/transparent_hugepage/hpage_pmd_size", text);
    const PageSizes sizes = read_page_sizes(root.path());
    EXPECT_EQ(sizes.thp, sizes.base * sizes.base / 8) << text;
    EXPECT_EQ(sizes.hugetlb.size(), *text == 0 ? 2U : 0U) << "nothing there: a case finds out by asking";
  }
}

TEST(Layout, IsOfWholePagesOfTheKind) {
  const PageSizes small;
  const BufferLayout layout = layout_of({.bytes = 5000, .count = 3}, small);
  EXPECT_EQ(layout.mappings, 3U);
  EXPECT_EQ(layout.mapping_bytes, 8 * kib);
  EXPECT_EQ(layout_of({.bytes = 5000, .count = 3}, {.base = 16 * kib}).bytes(), 48 * kib);
  EXPECT_EQ(layout_of({.bytes = 5000, .count = 3, .pages = Pages::thp}, small).bytes(), 6 * mib);
  EXPECT_EQ(layout_of({.bytes = 5000, .count = 3, .pages = Pages::thp, .contiguous = true}, small).bytes(), 2 * mib);
  EXPECT_EQ(layout_of({.bytes = 5000, .count = 0}, small).bytes(), 0U);
}

TEST(Layout, CountsReservedHugePagesByThePagesBetweenBuffers) {
  // 1000 buffers of 4 KiB are 4 MiB; where pages are of 16 KiB, each buffer begins on one.
  const BufferRequest request{.bytes = 4 * kib, .count = 1000, .pages = Pages::m2};
  EXPECT_EQ(layout_of(request, {}).bytes(), 4 * mib);
  EXPECT_EQ(layout_of(request, {.base = 16 * kib}).bytes(), 16 * mib);
  EXPECT_EQ(layout_of(request, {.base = 64 * kib}).bytes(), 64 * mib);
}

TEST(Layout, SharesHugePagesThatWouldBeTooLargeForOneBuffer) {
  const BufferRequest request{.bytes = 256 * kib, .count = 4, .pages = Pages::thp};
  EXPECT_EQ(layout_of(request, {}).mappings, 4U);
  for (const PageSizes& sizes : {PageSizes{.base = 16 * kib, .thp = 32 * mib}, {.base = 64 * kib, .thp = 512 * mib}}) {
    const BufferLayout layout = layout_of(request, sizes);
    EXPECT_EQ(layout.mappings, 1U);
    EXPECT_EQ(layout.stride, 256 * kib);
    EXPECT_EQ(layout.bytes(), sizes.thp);
  }
  EXPECT_EQ(layout_of({.bytes = 40 * mib, .count = 2, .pages = Pages::thp}, {.thp = 32 * mib}).bytes(), 96 * mib);
}

TEST(ReservableHugePages, AreWhatMemoryHoldsWhereTheyMayBeReserved) {
  const TemporaryDirectory root;
  (void)root.write("proc/meminfo", "MemAvailable: 10240 kB\n");
  (void)root.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "1\n");
  EXPECT_EQ(reservable_huge_pages(HugeSize::m2, root.path()), 1U) << "there is nothing to write the number to";
  (void)root.write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "1\n");
  EXPECT_EQ(reservable_huge_pages(HugeSize::m2, root.path()), 6U);
  EXPECT_EQ(reservable_huge_pages(HugeSize::g1, root.path()), 0U);
}

}  // namespace
}  // namespace pipebench
