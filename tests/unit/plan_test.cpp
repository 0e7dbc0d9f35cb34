#include "pipebench/plan/plan.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "fake_machine.hpp"
#include "pipebench/base/shuffle.hpp"
#include "pipebench/model/memory_need.hpp"
#include "pipebench/plan/rules.hpp"
#include "pipebench/strategies/kept_pages.hpp"
#include "pipebench/strategies/registry.hpp"
#include "plans.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

const PageSizes pages_of_16k{.base = 16384, .thp = 32U << 20U};
const PageSizes pages_of_64k{.base = 65536, .thp = 512U << 20U};

/// Plans on the fake machine, with what a test changed about it.
class PlanTest : public testing::Test {
 protected:
  std::vector<CaseResult> plan(const std::vector<Group>& groups) { return cases_of(groups, catalog_, machine_); }
  std::vector<CaseResult> plan(const Texts& texts, const std::string& name = "") {
    return plan({group_of(texts, name)});
  }
  CaseResult plan_one(const Texts& texts) {
    const auto cases = plan(texts);
    EXPECT_EQ(cases.size(), 1U);
    return cases.at(0);
  }
  Names names(const Texts& texts, const std::string& name = "") { return names_of(plan(texts, name)); }
  std::string refused(const Texts& texts, const std::string& name = "") {
    return refusal([&] { (void)plan(texts, name); });
  }

  Machine machine_ = fake_machine();
  Catalog catalog_ = fake_catalog();
};

using PlanNames = PlanTest;
using PlanValues = PlanTest;
using PlanPairs = PlanTest;
using PlanSizes = PlanTest;
using PlanTraits = PlanTest;
using PlanErrors = PlanTest;

TEST_F(PlanTest, LeavesOutGiftsThatTheKernelDoesNotTake) {
  EXPECT_EQ(plan_one({{"gift", "on"}}).status, Status::planned);
  catalog_.no_gift = "No gifts here.";
  const CaseResult result = plan_one({{"gift", "on"}});
  EXPECT_EQ(result.status, Status::skipped);
  EXPECT_EQ(result.reason, "No gifts here.");
  EXPECT_EQ(plan_one({}).status, Status::planned);
}

TEST_F(PlanTest, LeavesOutBuffersThatNoMemoryIsLeftFor) {
  machine_.available_bytes = 512U * 1024;
  EXPECT_EQ(plan_one({}).status, Status::planned);
  const CaseResult result = plan_one({{"buffers", "3"}});
  EXPECT_EQ(result.status, Status::skipped);
  EXPECT_TRUE(holds(result.reason, "of memory are available"));
}

TEST_F(PlanTest, CountsHugePagesWholeAgainstTheMemory) {
  const Texts texts{{"buffer-size", "4K"}, {"buffers", "4"}, {"pages", "thp"}};
  machine_.available_bytes = 8U << 20U;
  EXPECT_EQ(plan_one(texts).status, Status::planned);
  machine_.available_bytes = (8U << 20U) - 1;
  EXPECT_TRUE(holds(plan_one(texts).reason, "transparent huge pages are taken whole"));
  Texts together = texts;
  together.emplace_back("contiguous", "on");
  EXPECT_EQ(plan_one(together).status, Status::planned);
}

TEST_F(PlanTest, CountsAllThatACaseAllocates) {
  const auto fits = [&](const Texts& texts, std::uint64_t bytes) {
    machine_.available_bytes = bytes;
    const bool enough = plan_one(texts).status == Status::planned;
    machine_.available_bytes = bytes - 1;
    return enough && plan_one(texts).status == Status::skipped;
  };
  EXPECT_TRUE(fits({{"buffer-size", "64K"}}, 2U << 16U));
  EXPECT_TRUE(fits({{"buffer-size", "64K"}, {"reader", "read"}}, 3U << 16U)) << "the reader's buffer";
  EXPECT_TRUE(fits({{"buffer-size", "64K"}, {"writer", "write"}, {"pipe-size", "128K"}, {"stripe", "2"}}, 8U << 16U))
      << "four buffers, and what lies in the pipes";
  catalog_.writers[2].further = [](const CaseSpec&, Purpose purpose, const PageSizes&) {
    return BufferRequest{.bytes = purpose == Purpose::verify ? 100000U : 1U << 16U, .count = 1};
  };
  EXPECT_TRUE(fits({{"buffer-size", "64K"}}, 3U << 16U)) << "what the strategy has besides";
  Group verified = group_of({{"buffer-size", "64K"}});
  verified.sampling.verify = true;
  machine_.available_bytes = 3U << 16U;
  EXPECT_EQ(plan({verified})[0].status, Status::skipped) << "verification takes more";
}

TEST_F(PlanTest, PlacesStreamsOnPairsOfTheSameRelation) {
  const CaseResult result = plan_one({{"streams", "2"}, {"cpus", "2,3"}});
  EXPECT_EQ(result.status, Status::planned);
  ASSERT_EQ(result.spec.further_placements.size(), 1U);
  const Placement& second = result.spec.placement_of(1);
  EXPECT_EQ(name_of(*second.relation), "l3");
  for (const int cpu : {*second.writer_cpu, *second.reader_cpu}) EXPECT_TRUE(cpu != 2 && cpu != 3) << cpu;
}

TEST_F(PlanTest, SaysHowManyStreamsFit) {
  machine_ = fake_machine_with({2, 3, 4, 5});
  const std::string text = refused({{"streams", "3"}, {"cpus", "2,3"}});
  EXPECT_TRUE(holds(text, "--streams: 3 streams need as many pairs of CPUs, all l3"));
  EXPECT_TRUE(holds(text, "2 fit here"));
  EXPECT_TRUE(holds(text, "--oversubscribe"));
  EXPECT_TRUE(holds(refused({{"streams", "3"}, {"cpus", "any"}}), "at most 2 fit here"));
}

TEST_F(PlanTest, KeepsWhatFitsAmongStreamsThatDoNot) {
  machine_ = fake_machine_with({2, 3, 4, 5});
  const auto cases = plan({{"streams", "1,2,3"}, {"cpus", "2,3"}});
  ASSERT_EQ(cases.size(), 3U);
  EXPECT_EQ(cases[1].status, Status::planned);
  EXPECT_EQ(cases[1].name, "vmsplice-splice:streams=2");
  EXPECT_EQ(cases[2].status, Status::skipped);
  EXPECT_TRUE(holds(cases[2].reason, "2 fit here"));
}

TEST_F(PlanTest, CountsTheBuffersOfAllStreams) {
  machine_.available_bytes = 1024U * 1024;
  EXPECT_EQ(plan_one({{"streams", "2"}, {"cpus", "2,3"}}).status, Status::planned);
  machine_.available_bytes = 1024U * 1024 - 1;
  EXPECT_EQ(plan_one({{"streams", "2"}, {"cpus", "2,3"}}).status, Status::skipped);
  EXPECT_EQ(plan_one({{"cpus", "2,3"}}).status, Status::planned);
}

TEST_F(PlanTest, BindsMemoryToTheNodeOfAnEnd) {
  const auto node = [&](const char* membind) {
    return plan_one({{"membind", membind}, {"cpus", "0,4"}}).spec.placement.memory_node;
  };
  EXPECT_EQ(node("any"), std::nullopt);
  EXPECT_EQ(node("writer"), 0);
  EXPECT_EQ(node("reader"), 1);
  EXPECT_EQ(node("node:1"), 1);
  EXPECT_EQ(node("interleave"), std::nullopt);
  EXPECT_EQ(names({{"membind", "all"}, {"cpus", "0,4"}}).size(), 6U) << "any, writer, reader, two nodes, interleave";
}

TEST_F(PlanTest, RefusesNodesThatAreNotThere) {
  const std::string text = refused({{"membind", "node:9"}});
  EXPECT_TRUE(holds(text, "--membind: 'node:9' is not a NUMA node"));
  EXPECT_TRUE(holds(text, "0, 1"));
  for (const char* bad : {"node:", "node:-1", "node:1x", "nod:1", ""})
    EXPECT_TRUE(holds(refused({{"membind", bad}}), "--membind")) << bad;
}

TEST_F(PlanTest, LeavesOutMemoryOfAnEndThatIsNotPinned) {
  EXPECT_TRUE(holds(refused({{"membind", "writer"}, {"cpus", "any"}}), "needs an end that is pinned"));
  const auto cases = plan({{"membind", "writer,any"}, {"cpus", "any"}});
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].status, Status::skipped);
  EXPECT_TRUE(holds(cases[0].reason, "needs an end that is pinned"));
  EXPECT_EQ(cases[1].status, Status::planned);
}

TEST_F(PlanTest, SaysWhereBindingMemoryHasNoEffect) {
  EXPECT_TRUE(plan_one({{"membind", "writer"}, {"cpus", "0,4"}}).notes.empty());
  machine_.nodes = {0};
  const CaseResult result = plan_one({{"membind", "writer"}, {"cpus", "0,2"}});
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_TRUE(holds(result.notes[0], "no effect"));
}

TEST_F(PlanNames, OfTheDefaultsAreWriterAndReader) {
  const CaseResult result = plan_one({});
  EXPECT_EQ(result.name, "vmsplice-splice");
  EXPECT_EQ(result.section, "");
  EXPECT_EQ(result.status, Status::planned);
  EXPECT_EQ(result.spec.buffer_bytes, 256U * 1024);
  EXPECT_EQ(result.spec.buffers, 2U);
  EXPECT_EQ(result.spec.wait, Wait::block);
  EXPECT_EQ(result.spec.pages, Pages::k4);
}

TEST_F(PlanNames, MultiplyOutWithTheLastAxisFastest) {
  EXPECT_EQ(names({{"writer", "write,vmsplice"}, {"reader", "read,splice"}}),
            (Names{"write-read", "write-splice", "vmsplice-read", "vmsplice-splice"}));
}

TEST_F(PlanNames, KeepTheOrderThatTheUserWrote) {
  EXPECT_EQ(names({{"writer", "vmsplice,write"}, {"reader", "read"}}), (Names{"vmsplice-read", "write-read"}));
}

TEST_F(PlanNames, HoldWhatVariesInTheOrderOfTheTable) {
  // Not in the order of the alphabet, nor of the command line: buffer-size, buffers, pipe-size, gift.
  EXPECT_EQ(names({{"gift", "off,on"},
                   {"pipe-size", "4K,8K"},
                   {"buffers", "2"},
                   {"buffer-size", "64K"},
                   {"wait", "busy,block"}})
                .at(1),
            "vmsplice-splice:wait=busy,pipe-size=4K,gift=on");
  EXPECT_EQ(names({{"buffers", "2,3"}, {"buffer-size", "64K,4K"}}),
            (Names{"vmsplice-splice:buffer-size=64K,buffers=2", "vmsplice-splice:buffer-size=64K,buffers=3",
                   "vmsplice-splice:buffer-size=4K,buffers=2", "vmsplice-splice:buffer-size=4K,buffers=3"}));
}

TEST_F(PlanNames, AreTheSectionsWhereThereIsOne) {
  EXPECT_EQ(names({{"writer", "write"}}, "sizes"), (Names{"sizes"}));
  EXPECT_EQ(names({{"buffer-size", "64K,128K"}, {"wait", "busy"}}, "sizes"),
            (Names{"sizes:buffer-size=64K", "sizes:buffer-size=128K"}));
  EXPECT_EQ(names({{"writer", "write,vmsplice"}, {"reader", "read"}}, "s"),
            (Names{"s:writer=write", "s:writer=vmsplice"}));
}

TEST_F(PlanNames, OfTwoGroupsFollowOneAnother) {
  const auto cases = plan({group_of({{"wait", "busy,poll"}}, "b"), group_of({}, "a")});
  ASSERT_EQ(cases.size(), 3U);
  EXPECT_EQ(cases[1].name, "b:wait=poll");
  EXPECT_EQ(cases[1].section, "b");
  EXPECT_EQ(cases[2].name, "a");
  EXPECT_TRUE(holds(refusal([&] { (void)plan({group_of({}, "a"), group_of({}, "a")}); }), "section [a]"));
}

TEST_F(PlanNames, AreUniqueWhenASectionIsCalledLikeACaseOfAnother) {
  const auto both = [&] { (void)plan({group_of({{"wait", "block,busy"}}, "s"), group_of({}, "s:wait=busy")}); };
  EXPECT_TRUE(holds(refusal(both), "[s:wait=busy] has the name of a case of the section [s]"));
  EXPECT_EQ(plan({group_of({{"wait", "block,busy"}}, "s"), group_of({}, "s:wait=busy-"), group_of({}, "s:")}).size(),
            4U);
}

// How long these take grows with their number; with its square, they would run into the time limit of a test.
TEST_F(PlanTest, HasNoCaseBehindItsLast) {
  const Plan plan({group_of({}, "a"), group_of({{"wait", "busy,poll"}}, "b")},
                  {.catalog = catalog_, .machine = machine_});
  EXPECT_EQ(plan.at(2).name, "b:wait=poll");
  EXPECT_THROW((void)plan.at(3), std::out_of_range);
}

TEST_F(PlanValues, OfARangeDouble) {
  EXPECT_EQ(names({{"buffer-size", "4K..1M"}}, "s").size(), 9U);
  EXPECT_EQ(names({{"buffer-size", "4K..16K"}}, "s"),
            (Names{"s:buffer-size=4K", "s:buffer-size=8K", "s:buffer-size=16K"}));
  // The upper end is a bound, not a value.
  EXPECT_EQ(names({{"buffer-size", "12K..40K"}}, "s"), (Names{"s:buffer-size=12K", "s:buffer-size=24K"}));
  EXPECT_EQ(names({{"buffer-size", "4K..4K"}}, "s"), (Names{"s"}));
}

TEST_F(PlanValues, OfARangeMixWithOthers) {
  EXPECT_EQ(names({{"buffer-size", "64K,4K..8K"}}, "s"),
            (Names{"s:buffer-size=64K", "s:buffer-size=4K", "s:buffer-size=8K"}));
}

TEST_F(PlanValues, AllStandsForEveryNameInTheOrderOfTheTable) {
  EXPECT_EQ(names({{"wait", "all"}}, "s"),
            (Names{"s:wait=block", "s:wait=poll", "s:wait=busy", "s:wait=busy-poll", "s:wait=credit"}));
  EXPECT_EQ(names({{"writer", "all"}, {"reader", "read"}}),
            (Names{"null-read", "write-read", "vmsplice-read", "recycle-read"}));
}

TEST_F(PlanValues, ThatAreTheSameCountOnce) {
  EXPECT_EQ(names({{"writer", "write,write"}, {"reader", "read"}}), (Names{"write-read"}));
  EXPECT_EQ(names({{"buffer-size", "4096,4K,4KiB"}}, "s"), (Names{"s"}));
  EXPECT_EQ(names({{"wait", "busy,all"}}, "s"),
            (Names{"s:wait=busy", "s:wait=block", "s:wait=poll", "s:wait=busy-poll", "s:wait=credit"}));
  EXPECT_EQ(names({{"buffers", "2,02"}}, "s"), (Names{"s"}));
}

TEST_F(PlanValues, MayHaveBlanksAroundThem) {
  EXPECT_EQ(names({{"writer", " write , vmsplice "}, {"reader", "read"}}), (Names{"write-read", "vmsplice-read"}));
}

TEST_F(PlanValues, OfSeveralSettingsOfOneAxisAddUp) {
  Group group;
  group.name = "s";
  group.axes["cpus"] = {{"0,2", "--cpus"}, {"2,0", "--cpus"}, {"0,2", "--cpus"}};
  const auto cases = plan({group});
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].name, "s:cpus=0,2");
  EXPECT_EQ(cases[1].name, "s:cpus=2,0");
}

TEST_F(PlanValues, ReachTheSpec) {
  const CaseSpec spec = plan_one({{"writer", "vmsplice"},
                                  {"reader", "read"},
                                  {"wait", "busy-poll"},
                                  {"pages", "thp"},
                                  {"buffer-size", "8K"},
                                  {"buffers", "3"},
                                  {"pipe-size", "64K"},
                                  {"cpus", "2,0"},
                                  {"gift", "on"},
                                  {"no-touch", "on"}})
                            .spec;
  EXPECT_EQ(spec.writer, "vmsplice");
  EXPECT_EQ(spec.reader, "read");
  EXPECT_EQ(spec.wait, Wait::busy_poll);
  EXPECT_EQ(spec.pages, Pages::thp);
  EXPECT_EQ(spec.buffer_bytes, 8192U);
  EXPECT_EQ(spec.buffers, 3U);
  EXPECT_EQ(spec.pipe_bytes, 65536U);
  EXPECT_EQ(spec.placement.writer_cpu, 2);
  EXPECT_EQ(spec.placement.reader_cpu, 0);
  EXPECT_TRUE(spec.gift);
  EXPECT_FALSE(spec.contiguous);
  EXPECT_TRUE(spec.no_touch);
  EXPECT_FALSE(spec.lock);
}

TEST_F(PlanValues, DoNotLeakFromOneCaseIntoTheNext) {
  const auto cases = plan({{"pipe-size", "4K,auto"}, {"gift", "on,off"}});
  ASSERT_EQ(cases.size(), 4U);
  EXPECT_EQ(cases[0].spec.pipe_bytes, 4096U);
  EXPECT_TRUE(cases[0].spec.gift);
  EXPECT_EQ(cases[3].spec.pipe_bytes, 262144U);
  EXPECT_FALSE(cases[3].spec.gift);
}

TEST_F(PlanPairs, ThatCannotWorkAreKeptWithTheReason) {
  const auto cases = plan({{"writer", "null,write"}, {"reader", "null,read"}});
  ASSERT_EQ(cases.size(), 4U);
  EXPECT_EQ(cases[0].status, Status::planned);
  EXPECT_EQ(cases[0].reason, "");
  EXPECT_EQ(cases[1].name, "null-read");
  EXPECT_EQ(cases[1].status, Status::skipped);
  EXPECT_TRUE(holds(cases[1].reason, "null"));
  EXPECT_EQ(cases[2].status, Status::skipped);
  EXPECT_EQ(cases[3].status, Status::planned);
}

TEST_F(PlanPairs, ThatTheKernelRefusesAreSkippedWithWhatItSaid) {
  catalog_.writers[2].unavailable = "vmsplice() fails with EPERM.";
  catalog_.readers[1].unavailable = "read() is broken.";
  const auto cases = plan({{"writer", "write,vmsplice"}, {"reader", "read,splice"}});
  ASSERT_EQ(cases.size(), 4U);
  EXPECT_TRUE(holds(cases[0].reason, "read() is broken."));
  EXPECT_EQ(cases[1].status, Status::planned);
  EXPECT_EQ(cases[3].status, Status::skipped);
  EXPECT_TRUE(holds(cases[3].reason, "vmsplice() fails with EPERM."));
}

TEST_F(PlanSizes, AutoIsTheLargestPipeForACopy) {
  EXPECT_EQ(plan_one({{"writer", "write"}}).spec.pipe_bytes, machine_.pipe_max_bytes);
  machine_.pipe_limit_bytes = 8U << 20U;  // what root may have is not what `auto` takes
  EXPECT_EQ(plan_one({{"writer", "write"}}).spec.pipe_bytes, machine_.pipe_max_bytes);
}

TEST_F(PlanSizes, AutoIsWhatTheOtherBuffersFillForAReference) {
  EXPECT_EQ(plan_one({{"buffer-size", "256K"}, {"buffers", "2"}}).spec.pipe_bytes, 256U * 1024);
  EXPECT_EQ(plan_one({{"buffer-size", "64K"}, {"buffers", "5"}}).spec.pipe_bytes, 256U * 1024);
  // Rounded down: a pipe is a power of two, and a larger one would hold a buffer that is sent again.
  EXPECT_EQ(plan_one({{"buffer-size", "64K"}, {"buffers", "4"}}).spec.pipe_bytes, 128U * 1024);
  EXPECT_EQ(plan_one({{"buffer-size", "12K"}, {"buffers", "2"}}).spec.pipe_bytes, 8192U);
  EXPECT_EQ(plan_one({{"buffer-size", "4M"}, {"buffers", "2"}}).spec.pipe_bytes, machine_.pipe_max_bytes);
  EXPECT_EQ(plan_one({{"buffers", "1"}}).spec.pipe_bytes, machine_.page_sizes.base);
}

TEST_F(PlanSizes, AutoMayStandInAList) {
  const auto cases = plan({{"pipe-size", "auto,64K"}}, "s");
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].name, "s:pipe-size=auto");
  EXPECT_EQ(cases[0].spec.pipe_bytes, 256U * 1024);
  EXPECT_EQ(cases[1].name, "s:pipe-size=64K");
}

TEST_F(PlanSizes, ThatNoStrategyOfTheGroupCanUseAreRefused) {
  EXPECT_TRUE(holds(refused({{"buffer-size", "1000"}}), "--buffer-size 1000 is not a multiple of 4096"));
  EXPECT_TRUE(holds(refused({{"buffer-size", "1000,5000"}}), "--buffer-size 1000"));
  // Where it was written: file, line, section and key in a config.
  EXPECT_TRUE(refused({{"buffer-size", "1000"}}, "small").starts_with("--buffer-size: "));
  Group group = group_of({});
  group.sampling.bytes = 10000;
  EXPECT_TRUE(holds(refusal([&] { (void)plan({group}); }), "--bytes 10000"));
}

TEST_F(PlanSizes, ThatOnlySomeCanUseSkipTheOthers) {
  const auto cases = plan({{"writer", "vmsplice,write"}, {"reader", "read"}, {"buffer-size", "1000"}});
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(cases[0].status, Status::skipped);
  EXPECT_TRUE(holds(cases[0].reason, "not a multiple of 4096"));
  EXPECT_EQ(cases[1].status, Status::planned);
}

TEST_F(PlanSizes, FollowTheMachinesPage) {
  machine_.page_sizes.base = 16384;
  EXPECT_TRUE(holds(refused({{"buffer-size", "4K"}}), "16384"));
  EXPECT_EQ(plan_one({{"buffer-size", "16K"}}).status, Status::planned);
}

TEST_F(PlanSizes, AreWhatTheKernelMakesOfThem) {
  EXPECT_EQ(plan_one({{"pipe-size", "192K"}}).spec.pipe_bytes, 256U * 1024);
  EXPECT_EQ(plan_one({{"pipe-size", "1"}}).spec.pipe_bytes, 4096U);
  EXPECT_EQ(names({{"pipe-size", "4K..64K"}}, "s").size(), 5U);
}

TEST_F(PlanSizes, ThatComeToTheSamePipeAreOneCase) {
  EXPECT_EQ(names({{"pipe-size", "33K,64K,128K"}}, "s"), (Names{"s:pipe-size=64K", "s:pipe-size=128K"}));
  machine_.page_sizes = pages_of_16k;
  EXPECT_EQ(names({{"pipe-size", "4K..64K"}}, "s"), (Names{"s:pipe-size=16K", "s:pipe-size=32K", "s:pipe-size=64K"}));
  machine_.page_sizes = pages_of_64k;
  EXPECT_EQ(names({{"pipe-size", "4K..64K"}}, "s"), (Names{"s"}));
}

TEST_F(PlanSizes, OfPipesThatKeepSocketPagesCountTheMachinesSlots) {
  const auto needed = [&](const PageSizes& sizes) {
    CaseSpec spec;
    spec.pages = Pages::skb;
    spec.buffer_bytes = 1U << 20U;  // 32 slots, wherever
    return pipe_bytes_to_keep(1, spec, sizes) / sizes.base;
  };
  EXPECT_EQ(needed({}), 64U);
  EXPECT_EQ(needed(pages_of_16k), 64U);
  EXPECT_EQ(needed(pages_of_64k), 64U);
  machine_.page_sizes = pages_of_16k;
  const Texts kept{{"writer", "recycle"}, {"reader", "recycle"}, {"pages", "skb"}, {"buffers", "1"}};
  Texts large = kept;
  large.emplace_back("buffer-size", "4M");
  Texts small = kept;
  small.emplace_back("buffer-size", "1M");
  EXPECT_TRUE(holds(plan_one(large).reason, "take a capacity of 4M; the limit is 1M"));
  const CaseSpec spec = plan_one(small).spec;
  EXPECT_EQ(spec.pipe_payload_bytes(pages_of_16k), *spec.pipe_bytes * 2) << "32 KiB in each 16";
}

TEST_F(PlanSizes, OfReservedHugePagesAreOnlyThoseThatTheKernelHas) {
  machine_.free_huge_2m = machine_.free_huge_1g = 1000;
  EXPECT_EQ(plan_one({{"pages", "2m"}}).status, Status::planned);
  machine_.page_sizes = pages_of_16k;
  machine_.page_sizes.hugetlb = {32U << 20U, 1U << 30U};
  EXPECT_TRUE(holds(plan_one({{"pages", "2m"}}).reason, "This kernel has no huge pages of 2 MiB"));
  EXPECT_EQ(plan_one({{"pages", "1g"}}).status, Status::planned);
}

TEST_F(PlanSizes, OfReservedHugePagesAreCountedAsTheyAreAllocated) {
  const Texts texts{
      {"writer", "write"}, {"reader", "read"}, {"pages", "2m"}, {"buffers", "1024"}, {"buffer-size", "4K"}};
  machine_.free_huge_2m = 0;
  EXPECT_TRUE(holds(plan_one(texts).reason, "It needs 3 huge pages of 2 MiB")) << "two, and one for the reader";
  machine_.page_sizes.base = 16384;
  EXPECT_TRUE(holds(plan_one(texts).reason, "It needs 9 huge pages of 2 MiB"));
  machine_.page_sizes.base = 65536;
  EXPECT_TRUE(holds(plan_one(texts).reason, "It needs 33 huge pages of 2 MiB"));
}

TEST_F(PlanTraits, TakeTheSmallestPipeForTheMachinesPage) {
  const auto safe = [&](const char* buffer, const char* wait) {
    return plan_one({{"reader", "read"},
                     {"stripe", "2"},
                     {"buffers", "1"},
                     {"pipe-size", "4K"},
                     {"buffer-size", buffer},
                     {"wait", wait}})
        .traits.safe;
  };
  EXPECT_TRUE(safe("16K", "busy")) << "three of four pages have left the pipe";
  machine_.page_sizes = pages_of_16k;
  EXPECT_FALSE(safe("16K", "busy")) << "the one page of the pipe holds the buffer";
  EXPECT_TRUE(safe("16K", "credit"));
  EXPECT_TRUE(safe("32K", "busy"));
  machine_.page_sizes = pages_of_64k;
  EXPECT_FALSE(safe("64K", "busy"));
  EXPECT_TRUE(safe("128K", "busy"));
}

TEST_F(PlanTraits, SayWhoTouchesTheBytesAndHowOftenTheyAreCopied) {
  const auto cases = plan({{"writer", "write,vmsplice"}, {"reader", "read,splice"}});
  ASSERT_EQ(cases.size(), 4U);
  const std::vector<std::pair<Touched, int>> expected{
      {Touched::both, 2}, {Touched::writer, 1}, {Touched::reader, 1}, {Touched::none, 0}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(cases[i].traits.touched, expected[i].first) << cases[i].name;
    EXPECT_EQ(cases[i].traits.copies, expected[i].second) << cases[i].name;
    EXPECT_FALSE(cases[i].traits.replay) << cases[i].name;
  }
}

TEST_F(PlanTraits, CountTheCopyThatConsumingMakes) {
  catalog_.readers[3].copies_to_consume = 1;
  EXPECT_EQ(plan_one({{"reader", "relay"}}).traits.copies, 0);
  EXPECT_EQ(plan_one({{"reader", "relay"}, {"consume", "checksum"}}).traits.copies, 1);
  EXPECT_EQ(plan_one({{"reader", "read"}, {"consume", "checksum"}}).traits.copies, 1) << "it looks at its buffer";
}

TEST_F(PlanTraits, SayWhetherBytesMove) {
  EXPECT_TRUE(plan_one({}).traits.moves_bytes);
  EXPECT_FALSE(plan_one({{"writer", "null"}, {"reader", "null"}}).traits.moves_bytes);
}

TEST_F(PlanTraits, CallAPipeUnsafeThatIsDeeperThanTheRuleAllows) {
  const auto safe = [&](const char* buffers, const char* pipe) {
    return plan_one({{"reader", "read"}, {"buffer-size", "64K"}, {"buffers", buffers}, {"pipe-size", pipe}})
        .traits.safe;
  };
  EXPECT_TRUE(safe("2", "64K"));
  EXPECT_TRUE(safe("2", "auto"));
  EXPECT_FALSE(safe("2", "128K"));
  EXPECT_FALSE(safe("3", "256K"));
  EXPECT_TRUE(safe("5", "256K"));
  EXPECT_FALSE(safe("1", "4K"));
  EXPECT_FALSE(safe("1", "auto"));
}

TEST_F(PlanTraits, CountWhatTheKernelMakesOfAnOddPipeSize) {
  const auto safe = [&](const char* pipe) {
    return plan_one({{"reader", "read"}, {"buffer-size", "40K"}, {"buffers", "3"}, {"pipe-size", pipe}}).traits.safe;
  };
  // Two other buffers are 80 KiB; 65 KiB become 128 KiB.
  EXPECT_TRUE(safe("64K"));
  EXPECT_FALSE(safe("65K"));
  EXPECT_TRUE(safe("33K"));
  EXPECT_TRUE(safe("1"));
}

TEST_F(PlanTraits, CallACopySafeAtAnyDepth) {
  EXPECT_TRUE(plan_one({{"writer", "write"}, {"reader", "read"}, {"buffers", "1"}, {"pipe-size", "1M"}}).traits.safe);
}

TEST_F(PlanTraits, ApplyTheRuleOfReuseToReadersThatDiscardToo) {
  EXPECT_FALSE(plan_one({{"reader", "splice"}, {"buffers", "1"}, {"pipe-size", "1M"}}).traits.safe);
  EXPECT_TRUE(
      plan_one({{"reader", "splice"}, {"buffers", "2"}, {"buffer-size", "64K"}, {"pipe-size", "64K"}}).traits.safe);
}

TEST_F(PlanTraits, CountTheBufferThatAReaderHoldsThatPassesPagesOn) {
  const auto safe = [&](const char* buffers, const char* stripe, const char* wait) {
    return plan_one({{"reader", "relay"},
                     {"buffer-size", "64K"},
                     {"pipe-size", "64K"},
                     {"buffers", buffers},
                     {"stripe", stripe},
                     {"wait", wait}})
        .traits.safe;
  };
  EXPECT_FALSE(safe("2", "1", "busy"));
  EXPECT_TRUE(safe("3", "1", "busy"));
  EXPECT_TRUE(safe("2", "2", "busy"));
  EXPECT_TRUE(safe("2", "1", "credit"));
}

TEST_F(PlanTraits, CallSocketPagesAReplay) {
  EXPECT_TRUE(plan_one({{"writer", "recycle"}, {"reader", "recycle"}, {"pages", "skb"}}).traits.replay);
  EXPECT_FALSE(plan_one({{"writer", "recycle"}, {"reader", "recycle"}}).traits.replay);
}

TEST_F(PlanTraits, CountAPayloadAndAConsumerAsTouching) {
  EXPECT_EQ(plan_one({{"reader", "read"}, {"payload", "fresh"}}).traits.touched, Touched::both);
  EXPECT_EQ(plan_one({{"payload", "fresh"}}).traits.touched, Touched::writer);
  EXPECT_EQ(plan_one({{"payload", "stamped"}}).traits.touched, Touched::none);
  EXPECT_EQ(plan_one({{"reader", "relay"}, {"consume", "checksum"}}).traits.touched, Touched::reader);
}

TEST_F(PlanPairs, ThatCannotWorkSayWhy) {
  const auto why = [&](const Texts& texts) { return plan_one(texts).reason; };
  EXPECT_TRUE(holds(why({{"writer", "recycle"}, {"reader", "read"}}), "only pairs with recycle"));
  EXPECT_TRUE(holds(why({{"writer", "write"}, {"reader", "read"}, {"pages", "skb"}}), "cannot map skb pages"));
  EXPECT_TRUE(holds(why({{"consume", "checksum"}}), "never sees the bytes"));
  EXPECT_TRUE(holds(why({{"writer", "recycle"}, {"reader", "recycle"}, {"pages", "skb"}, {"payload", "fresh"}}),
                    "cannot be fresh"));
  EXPECT_TRUE(holds(why({{"writer", "recycle"}, {"reader", "recycle"}, {"buffer-size", "1M"}, {"buffers", "2"}}),
                    "capacity of 2M"));
  EXPECT_TRUE(holds(why({{"pages", "2m"}}), "echo 1 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"));
  machine_.reserved_huge_2m = 5;
  EXPECT_TRUE(holds(why({{"pages", "2m"}}), "echo 6 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"))
      << "none is free, so the others are in use";
  machine_.no_more_huge_1g = "--reserve-huge could not reserve those of 1G.";
  EXPECT_TRUE(holds(why({{"pages", "2m"}}), "Let --reserve-huge reserve them")) << "which says nothing of these";
  machine_.no_more_huge_2m = "--reserve-huge could not.";
  EXPECT_TRUE(why({{"pages", "2m"}}).ends_with(" huge page of 2 MiB, and none is free. --reserve-huge could not."))
      << "which is no time to advise it";
  EXPECT_TRUE(holds(why({{"writer", "null"}, {"reader", "null"}, {"payload", "fresh"}}), "--wait credit"));
}

TEST_F(PlanPairs, ThatNeedHugePagesRunWhereTheyAreFree) {
  machine_.free_huge_2m = 2;
  EXPECT_EQ(plan_one({{"reader", "read"}, {"pages", "2m"}}).status, Status::planned);
  machine_.free_huge_2m = 1;
  EXPECT_EQ(plan_one({{"reader", "read"}, {"pages", "2m"}}).status, Status::skipped);
}

TEST_F(PlanPairs, SayWhetherThisMachineLacksSomethingOrTheyNeverGoTogether) {
  const auto unobtained = [&](const Texts& texts) {
    const CaseResult result = plan(texts).back();
    EXPECT_EQ(result.status, Status::skipped) << result.name;
    return result.unobtained();
  };
  EXPECT_TRUE(unobtained({{"pages", "2m"}}));
  EXPECT_TRUE(unobtained({{"streams", "1,100"}}));
  EXPECT_TRUE(unobtained({{"membind", "any,writer"}, {"cpus", "any"}}));
  EXPECT_FALSE(unobtained({{"pages", "skb"}}));
  EXPECT_FALSE(unobtained({{"writer", "null"}, {"reader", "read"}, {"pages", "2m"}}));
  EXPECT_FALSE(plan_one({}).unobtained());
}

TEST(Skipping, KeepsTheKindOfTheReason) {
  CaseResult result;
  skip(result, {.kind = ObstacleKind::unavailable, .detail = "Not here."});
  EXPECT_EQ(result.status, Status::skipped);
  EXPECT_EQ(result.obstacle, ObstacleKind::unavailable);
  EXPECT_EQ(result.reason, "Not here.");
}

TEST_F(PlanPairs, ThatCannotWorkSayWhatKindOfObstacleThereIs) {
  const auto kind = [&](const Texts& texts) { return plan(texts).back().obstacle; };
  EXPECT_EQ(kind({}), std::nullopt);
  EXPECT_EQ(kind({{"writer", "null"}, {"reader", "read"}}), ObstacleKind::unpaired);
  EXPECT_EQ(kind({{"writer", "write,vmsplice"}, {"buffer-size", "1000"}}), ObstacleKind::sizes);
  EXPECT_EQ(kind({{"writer", "recycle"}, {"reader", "recycle"}, {"buffer-size", "1M"}}), ObstacleKind::limits);
  EXPECT_EQ(kind({{"pages", "skb"}}), ObstacleKind::pages);
  EXPECT_EQ(kind({{"consume", "checksum"}}), ObstacleKind::content);
  EXPECT_EQ(kind({{"pages", "2m"}}), ObstacleKind::huge_pages);
  EXPECT_EQ(kind({{"streams", "1,100"}}), ObstacleKind::placement);
  catalog_.no_gift = "No gifts here.";
  EXPECT_EQ(kind({{"gift", "on"}}), ObstacleKind::unavailable);
  machine_.available_bytes = 1;
  EXPECT_EQ(kind({}), ObstacleKind::memory);
}

TEST_F(PlanValues, ThatMakeNoDifferenceCountAsWhatTheyComeTo) {
  const CaseResult result = plan_one({{"writer", "write"}, {"reader", "read"}, {"gift", "on"}, {"lock", "on"}});
  EXPECT_EQ(result.status, Status::planned);
  EXPECT_FALSE(result.spec.gift);
  EXPECT_TRUE(result.spec.lock);
  EXPECT_EQ(result.notes, Names{"--gift makes no difference to this writer and reader; it counts as off."});
  EXPECT_TRUE(plan_one({{"writer", "write"}, {"reader", "splice"}, {"gift", "on"}}).spec.gift) << "the reader has it";
}

TEST(PlanOfRealStrategies, LocksNoMemoryOfAWriterThatSendsTheKernelsPages) {
  CaseSpec spec;
  for (const Catalog all = whole_catalog(); const StrategyInfo& writer : all.writers) {
    if (!writer.takes_skb) continue;
    spec.lock = true;
    spec.pages = Pages::skb;
    EXPECT_FALSE(options_used(writer, spec).lock || options_used(writer, spec).no_touch) << writer.name;
    EXPECT_FALSE(writer_buffers(writer, spec).lock) << writer.name;
    spec.pages = Pages::k4;
    EXPECT_TRUE(options_used(writer, spec).lock && writer_buffers(writer, spec).lock) << writer.name;
  }
}

TEST_F(PlanValues, ThatMakeNoDifferenceAreMeasuredOnce) {
  const auto cases = plan({{"writer", "write,vmsplice"}, {"reader", "read"}, {"gift", "off,on"}});
  ASSERT_EQ(cases.size(), 4U);
  EXPECT_EQ(cases[0].status, Status::planned);
  EXPECT_TRUE(cases[0].notes.empty());
  EXPECT_EQ(cases[1].name, "write-read:gift=on");
  EXPECT_EQ(cases[1].obstacle, ObstacleKind::same_case);
  EXPECT_TRUE(cases[1].notes.empty());
  EXPECT_TRUE(holds(cases[1].reason, "--gift makes no difference to this writer and reader"));
  EXPECT_TRUE(holds(cases[1].reason, "the same case as with --gift off"));
  EXPECT_EQ(cases[3].status, Status::planned);
  EXPECT_TRUE(cases[3].spec.gift);
}

TEST_F(PlanValues, ThatMakeNoDifferenceAreMeasuredWithTheFirstOfThem) {
  catalog_.writers[2].uses.buffers = false;
  catalog_.writers[2].replay = true;
  const auto cases = plan({{"buffers", "4,1"}, {"gift", "on,off"}}, "s");
  ASSERT_EQ(cases.size(), 4U);
  EXPECT_EQ(cases[0].status, Status::planned);
  EXPECT_EQ(cases[0].spec.buffers, 1U);
  EXPECT_EQ(cases[0].notes[0], "--buffers makes no difference to this writer and reader; it counts as 1.");
  EXPECT_EQ(cases[1].status, Status::planned);
  EXPECT_EQ(cases[2].obstacle, ObstacleKind::same_case);
  EXPECT_EQ(cases[3].obstacle, ObstacleKind::same_case);
  EXPECT_TRUE(plan_one({}).notes.empty()) << "nobody asked for two buffers";
}

class PlanOfUring : public PlanTest {
 protected:
  PlanOfUring() {
    catalog_.writers[1].uses.uring = catalog_.writers[2].uses.uring = true;
    catalog_.readers[1].uses.uring = true;
  }
};

TEST_F(PlanOfUring, ReachesTheSpec) {
  const auto cases = plan({{"writer", "write"}, {"depth", "1,2..8"}, {"sqpoll", "on"}, {"registered", "on"}});
  ASSERT_EQ(cases.size(), 4U);
  EXPECT_EQ(cases[3].name, "write-splice:depth=8");
  EXPECT_EQ(cases[3].spec.depth, 8U);
  EXPECT_TRUE(cases[3].spec.sqpoll && cases[3].spec.registered);
}

TEST_F(PlanOfUring, GivesEachThatIsUnderWayTwoBuffers) {
  const auto found = [&](const Texts& texts) { return plan_one(texts).spec; };
  EXPECT_EQ(found({{"writer", "write"}, {"depth", "4"}}).buffers, 8U);
  EXPECT_EQ(found({{"writer", "write"}, {"depth", "4"}, {"buffers", "4"}}).buffers, 4U);
  const CaseSpec refers = found({{"writer", "vmsplice"}, {"depth", "4"}, {"buffer-size", "64K"}});
  EXPECT_EQ(refers.pipe_bytes, 262144U) << "what is not under way";
  EXPECT_EQ(found({{"writer", "recycle"}, {"reader", "recycle"}, {"depth", "4"}}).buffers, 2U) << "none is under way";
}

TEST_F(PlanOfUring, LeavesOthersAsTheyAre) {
  catalog_.writers[1].uses.uring = false;
  const CaseResult other = plan_one({{"writer", "write"}, {"depth", "4"}, {"sqpoll", "on"}});
  EXPECT_EQ(other.spec.depth, 1U);
  EXPECT_EQ(other.spec.buffers, 2U);
  EXPECT_FALSE(other.spec.sqpoll);
  EXPECT_EQ(other.notes, (Names{"--depth makes no difference to this writer and reader; it counts as 1.",
                                "--sqpoll makes no difference to this writer and reader; it counts as off."}));
  EXPECT_EQ(plan({{"writer", "write"}, {"depth", "1,4"}})[1].obstacle, ObstacleKind::same_case);
}

TEST_F(PlanOfUring, SkipsWhatCannotBeUnderWayAtOnce) {
  const auto skipped = [&](const Texts& texts) {
    Texts all{{"writer", "write"}, {"reader", "read"}};
    all.insert(all.end(), texts.begin(), texts.end());
    const CaseResult result = plan_one(all);
    return result.status == Status::skipped ? result.reason : "";
  };
  EXPECT_EQ(skipped({{"depth", "4"}, {"buffers", "6"}}),
            "--depth: writer write keeps 4 buffers under way, and --buffers 6 is not a multiple of that.");
  EXPECT_TRUE(holds(skipped({{"depth", "4"}, {"stripe", "2"}}), "--stripe takes pipes in turn"));
  EXPECT_EQ(skipped({{"depth", "1"}, {"stripe", "2"}}), "");
  EXPECT_TRUE(holds(skipped({{"registered", "on"}, {"no-touch", "on"}}), "--no-touch"));
}

TEST_F(PlanOfUring, SkipsWhatTheKernelDoesNotDo) {
  catalog_.readers[1].no_depth = "It does one.";
  catalog_.writers[1].no_sqpoll = "It has no thread.";
  catalog_.writers[1].no_registered = "It keeps none.";
  const auto found = [&](const Texts& texts) {
    Texts all{{"writer", "write"}, {"reader", "read"}};
    all.insert(all.end(), texts.begin(), texts.end());
    return plan_one(all);
  };
  EXPECT_EQ(found({{"depth", "2"}}).obstacle, ObstacleKind::unavailable);
  EXPECT_EQ(found({{"depth", "2"}}).reason, "--depth: read cannot do it here: It does one.");
  EXPECT_EQ(found({{"depth", "2"}, {"wait", "busy"}}).status, Status::planned) << "no request has to wait";
  EXPECT_EQ(found({{"sqpoll", "on"}}).reason, "--sqpoll: write cannot do it here: It has no thread.");
  EXPECT_EQ(found({{"registered", "on"}}).reason, "--registered: write cannot do it here: It keeps none.");
  EXPECT_EQ(found({}).status, Status::planned);
}

TEST_F(PlanOfUring, RefusesDepthsThatNoRingHas) {
  EXPECT_EQ(refused({{"depth", "0"}}), "--depth: '0' is not a whole number from 1 to 1024.");
  EXPECT_EQ(refused({{"depth", "100000"}}), "--depth: '100000' is not a whole number from 1 to 1024.");
}

TEST_F(PlanTest, SaysThatNodesAreNotKnown) {
  machine_.nodes.clear();
  EXPECT_TRUE(holds(refused({{"membind", "writer"}, {"cpus", "0,4"}}), "NUMA nodes are not known here"));
}

TEST_F(PlanErrors, NameThePipesLimitAndTheMend) {
  const std::string text = refused({{"pipe-size", "2M"}});
  EXPECT_TRUE(holds(text, "--pipe-size"));
  EXPECT_TRUE(holds(text, "1M"));
  EXPECT_TRUE(holds(text, "/proc/sys/fs/pipe-max-size"));
  EXPECT_TRUE(holds(text, "sysctl -w fs.pipe-max-size=2097152"));
  EXPECT_TRUE(holds(refused({{"pipe-size", "4K..2M"}}), "a pipe of 2M"));
  machine_.pipe_limit_bytes = 2U << 20U;
  EXPECT_EQ(refused({{"pipe-size", "2M"}}), "accepted");
}

TEST_F(PlanErrors, SayThatARangeIsUpsideDown) {
  EXPECT_TRUE(holds(refused({{"buffer-size", "1M..4K"}}), "--buffer-size: the range '1M..4K' is reversed"));
  EXPECT_TRUE(holds(refused({{"pipe-size", "64K..4K"}}), "is reversed"));
}

TEST_F(PlanErrors, SayThatAListHasAnEmptyValue) {
  for (const char* text : {"", ",", "write,", ",write", "write,,vmsplice", " "}) {
    EXPECT_TRUE(holds(refused({{"writer", text}}), "--writer")) << text;
    EXPECT_TRUE(holds(refused({{"writer", text}}), "empty value")) << text;
  }
  for (const char* axis : {"reader", "wait", "pages", "buffer-size", "buffers", "pipe-size", "cpus", "gift"}) {
    EXPECT_TRUE(holds(refused({{axis, ""}}), "--" + std::string(axis))) << axis;
  }
}

TEST_F(PlanErrors, SuggestTheNearestName) {
  EXPECT_TRUE(holds(refused({{"writer", "vmslice"}}), "--writer: unknown writer 'vmslice'; did you mean 'vmsplice'?"));
  EXPECT_TRUE(holds(refused({{"reader", "write,raed"}}), "unknown reader 'write'"));
  EXPECT_TRUE(holds(refused({{"reader", "raed"}}), "did you mean 'read'?"));
  EXPECT_TRUE(holds(refused({{"isolation", "non"}}), "unknown isolation 'non'; did you mean 'none'?"));
  EXPECT_TRUE(holds(refused({{"wait", "busypoll"}}), "did you mean 'busy-poll'?"));
  EXPECT_TRUE(holds(refused({{"pages", "THP"}}), "Known: 4k, thp"));
  EXPECT_TRUE(holds(refused({{"gift", "yes"}}), "--gift"));
  EXPECT_TRUE(holds(refused({{"wait", "Busy"}}), "did you mean 'busy'?"));  // names have one case
}

TEST_F(PlanErrors, RefuseSizesThatAreNone) {
  for (const char* axis : {"buffer-size", "pipe-size", "buffers"}) {
    for (const char* text :
         {"0", "-1", "99999999999999999999", "1.5", "x", "4K..", "..4K", "4K...8K", "0..4K", "all"}) {
      EXPECT_TRUE(holds(refused({{"writer", "write"}, {axis, text}}), "--" + std::string(axis))) << text;
    }
  }
  EXPECT_TRUE(holds(refused({{"buffer-size", "17179869184G"}}), "--buffer-size"));
  EXPECT_TRUE(holds(refused({{"buffer-size", "2G"}}), "largest buffer"));
  EXPECT_TRUE(holds(refused({{"buffer-size", "1..16000000000G"}}), "largest buffer"));
}

TEST_F(PlanErrors, SayThatListsMultiplyToTooManyCases) {
  std::string many;
  for (int i = 1; i <= 4096; ++i) many += (i == 1 ? "" : ",") + std::to_string(i);
  Group group = group_of({{"buffers", many}, {"pipe-size", many}, {"buffer-size", many}});
  EXPECT_TRUE(holds(refusal([&] { (void)plan({group}); }), "multiply"));
}

TEST_F(PlanTest, KnowsTheNamesOfItsCases) {
  const Plan plan({group_of({{"writer", "write"}, {"reader", "read"}, {"wait", "block,busy"}}),
                   group_of({{"writer", "write"}, {"reader", "read"}}, "huge")},
                  {.catalog = catalog_, .machine = machine_});
  const auto refused = [&](const std::string& name) {
    return refusal([&] { plan.check_name({.text = name, .origin = "--baseline"}); });
  };
  EXPECT_EQ(refused("huge"), "accepted");
  EXPECT_EQ(refused(" write-read:wait=busy "), "accepted");
  EXPECT_EQ(refused("write-read:wait=bussy"),
            "--baseline: unknown case 'write-read:wait=bussy'; did you mean 'write-read:wait=busy'? Known: "
            "write-read:wait=block, write-read:wait=busy, huge.");
}

TEST(ShuffledOrder, IsAPermutation) {
  for (const std::size_t count : {0U, 1U, 2U, 7U, 100U}) {
    std::vector<std::size_t> order = shuffled_order(count, 42, 3);
    std::vector<std::size_t> expected(count);
    std::iota(expected.begin(), expected.end(), 0);
    std::ranges::sort(order);
    EXPECT_EQ(order, expected) << count;
  }
}

// A recorded seed must give the same order in every later version, on every machine.
TEST(ShuffledOrder, IsTheSameForASeedForever) {
  EXPECT_EQ(shuffled_order(8, 42, 0), (std::vector<std::size_t>{1, 5, 6, 7, 3, 2, 0, 4}));
  EXPECT_EQ(shuffled_order(8, 42, 1), (std::vector<std::size_t>{7, 6, 0, 1, 3, 2, 4, 5}));
  EXPECT_EQ(shuffled_order(5, 0, 0), (std::vector<std::size_t>{3, 1, 2, 4, 0}));
}

TEST(ShuffledOrder, DiffersByRoundAndBySeed) {
  EXPECT_NE(shuffled_order(20, 42, 0), shuffled_order(20, 42, 1));
  EXPECT_NE(shuffled_order(20, 42, 0), shuffled_order(20, 43, 0));
}

TEST(ShuffledOrder, PutsEveryCaseEverywhere) {
  std::set<std::size_t> firsts;
  for (unsigned round = 0; round < 100; ++round) firsts.insert(shuffled_order(5, 1, round)[0]);
  EXPECT_EQ(firsts.size(), 5U);
}

/// With another program's ends: stdin, whose pipe was found to hold 32K, and stdout.
class PlanOfOtherPrograms : public PlanTest {
 protected:
  PlanOfOtherPrograms() {
    catalog_.writers.push_back(
        {.name = "stdin", .summary = "", .uses = {.exec = true}, .outside = true, .found_pipe_bytes = 32768});
    catalog_.readers.push_back({.name = "stdout",
                                .summary = "",
                                .role = Role::reader,
                                .sees_bytes = false,
                                .uses = {.exec = true},
                                .outside = true});
  }
  CaseResult of_stdin(Texts texts) {
    texts.insert(texts.end(), {{"writer", "stdin"}, {"reader", "read"}});
    return plan_one(texts);
  }
};

TEST_F(PlanOfOtherPrograms, TakesOneSampleToTheEndOfTheInput) {
  const CaseResult result = of_stdin({});
  EXPECT_EQ(result.status, Status::planned) << result.reason;
  EXPECT_TRUE(result.sampling.once && result.sampling.to_end_of_input);
  EXPECT_EQ(result.sampling.rounds, 1U);
  EXPECT_EQ(result.sampling.warmup_seconds, 0);
  EXPECT_EQ(result.spec.pipe_bytes, 32768U) << "as the other program has it";
  EXPECT_EQ(of_stdin({{"pipe-size", "64K"}}).spec.pipe_bytes, 65536U);
}

TEST_F(PlanOfOtherPrograms, EndsByTimeOnlyWhereAsked) {
  Group group = group_of({{"writer", "stdin"}, {"reader", "read"}});
  group.chosen["time"] = {{.text = "1s", .origin = "--time"}};
  EXPECT_FALSE(plan({group})[0].sampling.to_end_of_input);
  group.chosen.clear();
  group.sampling.bytes = 4096;
  EXPECT_FALSE(plan({group})[0].sampling.to_end_of_input);
  EXPECT_FALSE(plan_one({{"writer", "vmsplice"}, {"reader", "stdout"}}).sampling.to_end_of_input)
      << "the writer is ours";
}

TEST_F(PlanOfOtherPrograms, DoesNotSayWhereTheyRun) {
  const CaseResult input = of_stdin({{"cpus", "0,4"}});
  EXPECT_FALSE(input.spec.placement.writer_cpu || input.spec.placement.relation);
  EXPECT_EQ(input.spec.placement.reader_cpu, 4);
  const CaseResult output = plan_one({{"writer", "write"}, {"reader", "stdout"}, {"cpus", "0,4"}});
  EXPECT_FALSE(output.spec.placement.reader_cpu || output.spec.placement.relation);
  EXPECT_EQ(output.spec.placement.writer_cpu, 0);
}

TEST_F(PlanOfOtherPrograms, SkipsWhatNeedsBothEnds) {
  const auto kind = [&](const Texts& texts) { return of_stdin(texts).obstacle; };
  EXPECT_EQ(kind({{"isolation", "processes"}}), ObstacleKind::threads);
  EXPECT_EQ(kind({{"isolation", "none"}}), ObstacleKind::threads);
  EXPECT_EQ(kind({{"reader-threads", "2"}}), ObstacleKind::threads);
  EXPECT_EQ(kind({{"streams", "2"}}), ObstacleKind::limits);
  EXPECT_EQ(kind({{"stripe", "2"}}), ObstacleKind::limits);
  EXPECT_EQ(kind({{"wait", "credit"}}), ObstacleKind::content);
  EXPECT_EQ(kind({{"payload", "fresh"}}), ObstacleKind::content);
  EXPECT_EQ(kind({{"consume", "checksum"}}), std::nullopt);
  const CaseResult output = plan_one({{"writer", "write"}, {"reader", "stdout"}, {"consume", "checksum"}});
  EXPECT_EQ(output.obstacle, ObstacleKind::content);
}

TEST_F(PlanOfOtherPrograms, IsRefusedWhereBytesWouldHaveToComeTwice) {
  EXPECT_TRUE(holds(refused({{"writer", "stdin"}, {"reader", "read,splice"}}), "one such case"));
  EXPECT_EQ(refused({{"writer", "stdin,write"}, {"reader", "read"}}), "accepted");
  Group group = group_of({{"writer", "stdin"}, {"reader", "read"}});
  const auto refused_with = [&](const char* option) {
    group.chosen = {{option, {{.text = "", .origin = "--" + std::string(option)}}}};
    return refusal([&] { (void)plan({group}); });
  };
  EXPECT_TRUE(holds(refused_with("rounds"), "--rounds: "));
  EXPECT_TRUE(holds(refused_with("warmup"), "--warmup: "));
  group.sampling.rounds = 1;
  EXPECT_EQ(refused_with("rounds"), "accepted");
}

TEST_F(PlanOfOtherPrograms, IsLikeAnyOtherOfThoseThatAreStarted) {
  catalog_.writers.back().unavailable = "Standard input is a terminal.";
  const CaseResult input = of_stdin({{"exec", "yes, no"}, {"cpus", "0,4"}});
  EXPECT_EQ(input.status, Status::planned) << input.reason;
  EXPECT_EQ(input.spec.exec, "yes, no");
  EXPECT_FALSE(input.sampling.once || input.sampling.to_end_of_input);
  EXPECT_GT(input.sampling.rounds, 1U);
  EXPECT_EQ(input.sampling.warmup_seconds, 0) << "it may have no more to give";
  EXPECT_EQ(input.spec.placement.writer_cpu, 0);
  EXPECT_EQ(input.spec.pipe_bytes, 65536U) << "what standard input has does not matter";
  const CaseResult output = plan_one({{"writer", "write"}, {"reader", "stdout"}, {"exec", "cat"}, {"cpus", "0,4"}});
  EXPECT_GT(output.sampling.warmup_seconds, 0);
  EXPECT_EQ(output.spec.placement.reader_cpu, 4);
}

TEST_F(PlanOfOtherPrograms, StartsThemWhereThereIsAPlaceForThem) {
  const CaseResult both = plan_one({{"writer", "stdin"}, {"reader", "stdout"}, {"exec", "cat"}});
  EXPECT_EQ(both.obstacle, ObstacleKind::limits);
  const auto mixed = plan({group_of({{"writer", "write,stdin"}, {"reader", "read"}, {"exec", "yes"}})});
  EXPECT_EQ(mixed.at(0).spec.exec, "");
  EXPECT_TRUE(mixed.at(0).notes.empty());
  EXPECT_EQ(mixed.at(1).spec.exec, "yes");
  EXPECT_TRUE(holds(refused({{"writer", "write"}, {"reader", "read"}, {"exec", "yes"}}), "add --writer stdin"));
}

TEST_F(PlanOfOtherPrograms, SaysWhatRewritingTakesForGranted) {
  const auto notes = [&](const char* writer, const char* payload) {
    return plan_one({{"writer", writer}, {"reader", "stdout"}, {"payload", payload}}).notes.size();
  };
  EXPECT_EQ(notes("vmsplice", "fresh"), 1U);
  EXPECT_EQ(notes("vmsplice", "static"), 0U);
  EXPECT_EQ(notes("write", "fresh"), 0U);
}

TEST_F(PlanOfOtherPrograms, HasToBeNamed) {
  for (const std::string& name : names({{"writer", "all"}, {"reader", "all"}})) {
    EXPECT_FALSE(holds(name, "stdin") || holds(name, "stdout")) << name;
  }
}

TEST_F(PlanOfOtherPrograms, IsNeitherVerifiedNorMeasuredForCeilings) {
  Group group = group_of({{"writer", "stdin"}, {"reader", "read"}});
  group.sampling.verify = true;
  const Plan plan({group}, {.catalog = catalog_, .machine = machine_});
  std::vector<CaseResult> cases{plan.at(0)};
  EXPECT_EQ(cases[0].verify->outcome, Outcome::not_applicable);
  EXPECT_TRUE(holds(cases[0].verify->reason, "Another program"));
  EXPECT_TRUE(plan.add_ceilings(cases).empty());
  EXPECT_EQ(plan.once(), 0U);
}

}  // namespace
}  // namespace pipebench
