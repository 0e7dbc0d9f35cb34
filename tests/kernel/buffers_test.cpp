// The memory of a sample: of which pages it is, on which nodes, and that the result says so.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "pipebench/base/error.hpp"
#include "pipebench/system/huge_pages.hpp"
#include "pipebench/system/memory.hpp"
#include "pipebench/system/page_sizes.hpp"
#include "refusal.hpp"
#include "samples.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

TEST(Obtained, IsThePipeThatTheKernelGave) {
  CaseSpec spec = spec_of("write", "read");
  EXPECT_EQ(take(spec, bytes_of(1U << 20U)).obtained.pipe_bytes, 65536U);
  spec.pipe_bytes = 5000;
  EXPECT_EQ(take(spec, bytes_of(1U << 20U)).obtained.pipe_bytes, 8192U);
}

TEST(Obtained, IsAFailureWhereTheKernelRefusesThePipe) {
  CaseSpec spec = spec_of("write", "read");
  spec.pipe_bytes = std::uint64_t{1} << 40U;
  const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
  EXPECT_FALSE(outcome.sample.has_value());
  EXPECT_TRUE(holds(outcome.failure, "F_SETPIPE_SZ, 1099511627776"));
}

TEST(Obtained, IsThePageKindOfTheBuffers) {
  const SampleOutcome outcome = take(spec_of("write", "read"), bytes_of(1U << 20U));
  EXPECT_EQ(outcome.obtained.pages, ObtainedPages::k4);
  EXPECT_TRUE(outcome.misses.empty());
}

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// Bytes of this process in transparent huge pages, by another way than the code under test.
std::uint64_t huge_bytes() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  std::uint64_t kilobytes = 0;
  for (std::string word; rollup >> word;) {
    if (word == "AnonHugePages:") rollup >> kilobytes;
  }
  return kilobytes * 1024;
}

void skip_without_thp() {
  const fs::path file = "/sys/kernel/mm/transparent_hugepage/enabled";
  if (!fs::exists(file)) GTEST_SKIP() << "this kernel has no transparent huge pages";
  if (holds(first_line(file), "[never]")) GTEST_SKIP() << "transparent huge pages are off: " << first_line(file);
  if (!fs::exists("/proc/self/smaps_rollup")) GTEST_SKIP() << "no /proc/self/smaps_rollup to check against";
}

TEST(HugePages, AreReportedTruthfully) {
  skip_without_thp();
  if (IsSkipped()) return;
  const std::uint64_t before = huge_bytes();
  const BufferSet buffers({.bytes = std::size_t{4} << 20U, .count = 2, .pages = Pages::thp});
  const std::uint64_t got = huge_bytes() - before;
  const auto said = buffers.obtained_pages(Smaps());
  const std::uint64_t all = std::uint64_t{8} << 20U;  // fewer where memory is fragmented
  EXPECT_EQ(said, got == 0 ? ObtainedPages::k4 : got >= all ? ObtainedPages::thp : ObtainedPages::mixed) << got;
}

TEST(HugePages, AreDeclinedForTheOrdinaryKind) {
  skip_without_thp();
  if (IsSkipped()) return;
  const std::uint64_t before = huge_bytes();
  const BufferSet buffers({.bytes = std::size_t{4} << 20U, .count = 2, .pages = Pages::k4});
  EXPECT_EQ(huge_bytes(), before);
  EXPECT_EQ(buffers.obtained_pages(Smaps()), ObtainedPages::k4);
}

TEST(HugePages, ThatWereNotObtainedAreAMiss) {
  CaseSpec spec = spec_of("write", "read");
  spec.pages = Pages::thp;
  const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.misses.empty(), outcome.obtained.pages == ObtainedPages::thp);
  for (const std::string& miss : outcome.misses) EXPECT_TRUE(holds(miss, "Asked for thp pages"));
}

TEST(Obtained, MayBeOrdinaryPagesByChoice) {
  // A file that is spliced into is of ordinary pages, and nobody maps skb pages.
  for (const auto& [writer, reader, pages] :
       {std::tuple{"write", "splice-file", Pages::thp}, {"tee", "read", Pages::skb}}) {
    CaseSpec spec = spec_of(writer, reader);
    spec.pages = pages;
    const SampleOutcome outcome = take(spec, bytes_of(1U << 20U));
    ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
    for (const std::string& miss : outcome.misses) EXPECT_FALSE(holds(miss, "the reader's buffers")) << miss;
  }
}

TEST(Buffers, AreCountedOnlyWhenTouched) {
  EXPECT_EQ(BufferSet({.bytes = 65536, .count = 2, .touch = false}).obtained_pages(Smaps()), ObtainedPages::untouched);
  EXPECT_EQ(BufferSet({.bytes = 65536, .count = 0}).obtained_pages(Smaps()), std::nullopt);
}

TEST(Buffers, LieSideBySideWhenContiguous) {
  const BufferSet buffers({.bytes = 65536, .count = 3, .contiguous = true});
  ASSERT_EQ(buffers.starts().size(), 3U);
  EXPECT_EQ(buffers.start(1) - buffers.start(0), 65536);
  EXPECT_EQ(buffers.start(2) - buffers.start(1), 65536);
}

TEST(HugePages, OfTheReservedKindAreGivenBack) {
  const auto free_pages = [] { return free_huge_pages(HugeSize::m2).value_or(0); };
  const std::uint64_t before = free_pages();
  {
    HugeReservation reservation;
    try {
      reservation.ensure(HugeSize::m2, before + 4);
    } catch (const SystemError& error) {
      GTEST_SKIP() << error.what();
    }
    const std::uint64_t reserved = free_pages();
    if (reserved < 4) GTEST_SKIP() << "the kernel found " << reserved << " huge pages, memory is too fragmented";
    CaseSpec spec = spec_of("vmsplice", "read");
    spec.pages = Pages::m2;
    const SampleOutcome outcome = take(spec, time_of(0.02));
    ASSERT_TRUE(outcome.sample) << outcome.failure;
    EXPECT_EQ(outcome.obtained.pages, ObtainedPages::m2);
    EXPECT_EQ(free_pages(), reserved);
  }
  EXPECT_EQ(free_pages(), before);
}

TEST(Memory, IsBoundToANodeThatIsReported) {
  const int node = topology().machine().nodes.at(0);
  CaseSpec spec = spec_of("write", "read");
  spec.membind = Membind::node;
  spec.membind_node = spec.placement.memory_node = node;
  const SampleOutcome outcome = take(spec, time_of(0.02));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  if (outcome.obtained.writer_nodes.empty()) GTEST_SKIP() << "the kernel does not tell where pages are";
  EXPECT_EQ(outcome.obtained.writer_nodes, std::vector{node});
  EXPECT_EQ(outcome.obtained.reader_nodes, std::vector{node});
}

TEST(Memory, ThatCannotBeBoundIsAMiss) {
  CaseSpec spec = spec_of("write", "read");
  spec.membind = Membind::node;
  spec.membind_node = spec.placement.memory_node = 1000;
  const SampleOutcome outcome = take(spec, time_of(0.02));
  ASSERT_TRUE(outcome.sample) << outcome.failure;
  ASSERT_FALSE(outcome.misses.empty());
  EXPECT_TRUE(holds(outcome.misses[0], "--membind node:1000 did not succeed"));
}

TEST(PagesOfBuffers, AreUnknownWithoutSmaps) {
  const TemporaryDirectory root;
  EXPECT_EQ(BufferSet({.bytes = 4096, .count = 1}).obtained_pages(Smaps(root.path())), ObtainedPages::unknown);
}

TEST(Buffers, BeginOnPagesOfTheirKindWhateverItsSize) {
  const PageSizes sizes{.base = 16 * kib, .thp = 32 * mib};  // this kernel's own are powers of two as well
  for (const Pages pages : {Pages::k4, Pages::thp}) {
    const BufferSet buffers({.bytes = 16 * kib, .count = 3, .pages = pages}, sizes);
    const auto at = [&](std::size_t index) { return reinterpret_cast<std::uintptr_t>(buffers.start(index)); };
    EXPECT_EQ(at(0) % page_bytes_of(pages, sizes), 0U);
    EXPECT_TRUE(pages != Pages::thp || at(2) - at(0) == 32 * kib) << "in one huge page";
  }
}

TEST(NodesOfBuffers, AreKnownOnlyForPagesThatAreThere) {
  const BufferSet untouched({.bytes = 65536, .count = 2, .touch = false});
  EXPECT_TRUE(untouched.nodes().empty());
  EXPECT_EQ(untouched.obtained_pages(Smaps()), ObtainedPages::untouched) << "asking faults nothing in";
  const BufferSet touched({.bytes = 65536, .count = 2});
  // More than one where an administrator interleaves memory; none where a seccomp profile refuses.
  for (const int node : touched.nodes()) EXPECT_GE(node, 0);
  EXPECT_LE(touched.nodes().size(), 32U);
  EXPECT_TRUE(BufferSet({.bytes = 4096, .count = 0}).nodes().empty());
}

}  // namespace
}  // namespace pipebench
