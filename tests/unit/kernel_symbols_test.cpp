#include "pipebench/system/perf/kernel_symbols.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

const std::string kallsyms =
    "0000000000000000 A fixed_percpu_data\n"
    "ffffffff81000000 T _stext\n"
    "ffffffff81000000 T startup_64\n"
    "ffffffff81001000 t __pfx_pipe_write\n"
    "ffffffff81001010 t pipe_write\n"
    "ffffffff81002000 t free_unref_page_commit.isra.0\n"
    "ffffffff81003000 d some_table\n"
    "ffffffff81004000 W memset\n"
    "ffffffff81004000 T __memset\n"
    "ffffffffc0001000 t xfs_read\t[xfs]\n"
    "ffffffffc0000000 t bpf_prog_6deef7357e7b4530_sd\t[bpf]\n";

TEST(KernelSymbols, NameTheFunctionThatHoldsAnAddress) {
  const KernelSymbols symbols(kallsyms);
  EXPECT_EQ(symbols.name_of(0xffffffff81001010), "pipe_write");
  EXPECT_EQ(symbols.name_of(0xffffffff81001fff), "pipe_write");
  EXPECT_EQ(symbols.name_of(0xffffffff81002000), "free_unref_page_commit");
}

TEST(KernelSymbols, IncludeModulesWhereverTheyStand) {
  const KernelSymbols symbols(kallsyms);
  EXPECT_EQ(symbols.name_of(0xffffffffc0001004), "xfs_read");
  EXPECT_EQ(symbols.name_of(0xffffffffc0000004), "bpf_prog_6deef7357e7b4530_sd");
}

TEST(KernelSymbols, NameNothingOutsideOfFunctions) {
  const KernelSymbols symbols(kallsyms);
  EXPECT_EQ(symbols.name_of(0), "");
  EXPECT_EQ(symbols.name_of(0xffffffff80ffffff), "") << "before the first";
  EXPECT_EQ(symbols.name_of(0xffffffff81003010), "") << "data";
  EXPECT_EQ(symbols.name_of(0xffffffffffffffff), "") << "far behind the last";
  EXPECT_EQ(KernelSymbols().name_of(1), "");
}

TEST(KernelSymbols, PreferGlobalNamesWithoutUnderscores) {
  const KernelSymbols symbols(kallsyms);
  EXPECT_EQ(symbols.name_of(0xffffffff81000000), "startup_64");
  EXPECT_EQ(symbols.name_of(0xffffffff81004000), "__memset") << "the other is weak";
}

TEST(KernelSymbols, LoseWhatCompilersAppend) {
  EXPECT_EQ(without_suffixes("__schedule"), "__schedule");
  EXPECT_EQ(without_suffixes("copy_page_to_iter.part.0.cold"), "copy_page_to_iter");
  EXPECT_EQ(without_suffixes("do_splice.constprop.0"), "do_splice");
  EXPECT_EQ(without_suffixes("try_grab_folio.llvm.1234567890"), "try_grab_folio");
  EXPECT_EQ(without_suffixes(".Lmark"), ".Lmark");
}

TEST(KernelSymbols, SkipLinesOfAnotherFormat) {
  const KernelSymbols symbols(
      "\nnonsense\nffffffff81000000\nffffffff81000000 T\nffffffff81000000 T \n"
      "ffffffff81000000Tx y\nfffffffffffffffffffffff T too_large\nffffffff81000000 t $x\n"
      "ffffffff81001000 T pipe_read");  // no newline
  EXPECT_EQ(symbols.size(), 1U);
  EXPECT_EQ(symbols.name_of(0xffffffff81001000), "pipe_read");
}

TEST(KernelSymbols, SayWhenAddressesAreHidden) {
  const TemporaryDirectory root;
  static_cast<void>(root.write("proc/kallsyms", "0000000000000000 T _stext\n0000000000000000 t pipe_write\n"));
  static_cast<void>(root.write("proc/sys/kernel/kptr_restrict", "2\n"));
  const KernelSymbols symbols = KernelSymbols::read(root.path());
  ASSERT_TRUE(symbols.finding());
  EXPECT_TRUE(holds(symbols.finding()->what, "hides"));
  EXPECT_TRUE(holds(symbols.finding()->why, "kernel.kptr_restrict is 2"));
  EXPECT_EQ(symbols.finding()->mend, "sysctl -w kernel.kptr_restrict=0");
}

TEST(KernelSymbols, SayThatPerfHidesThem) {
  const TemporaryDirectory root;
  static_cast<void>(root.write("proc/kallsyms", "0000000000000000 T _stext\n"));
  static_cast<void>(root.write("proc/sys/kernel/kptr_restrict", "0\n"));
  static_cast<void>(root.write("proc/sys/kernel/perf_event_paranoid", "2\n"));
  const auto finding = KernelSymbols::read(root.path()).finding();
  ASSERT_TRUE(finding);
  EXPECT_TRUE(holds(finding->why, "kernel.perf_event_paranoid is 2")) << finding->why;
  EXPECT_FALSE(holds(finding->why, "kptr_restrict"));
  EXPECT_EQ(finding->mend, "sysctl -w kernel.perf_event_paranoid=1");
  static_cast<void>(root.write("proc/sys/kernel/kptr_restrict", "1\n"));
  const auto both = KernelSymbols::read(root.path()).finding();
  ASSERT_TRUE(both);
  EXPECT_TRUE(holds(both->why, "kernel.kptr_restrict is 1"));
  EXPECT_EQ(both->mend, "sysctl -w kernel.kptr_restrict=0 kernel.perf_event_paranoid=1");
}

TEST(KernelSymbols, SayWhenThereAreNone) {
  const KernelSymbols symbols = KernelSymbols::read("/nonexistent");
  ASSERT_TRUE(symbols.finding());
  EXPECT_TRUE(symbols.finding()->mend.empty());
}

TEST(KernelSymbols, HaveNothingToSayWhereThereAreNames) {
  const TemporaryDirectory root;
  static_cast<void>(root.write("proc/kallsyms", kallsyms));
  EXPECT_FALSE(KernelSymbols::read(root.path()).finding());
}

TEST(NamedStacks, AreCountedAndTheMostFrequentFirst) {
  const KernelSymbols symbols(kallsyms);
  const StackSample in_user{.is_user = true};
  // Different instructions of one function, and a return address behind the end of its caller.
  const StackSample one{.addresses = {0xffffffff81002004, 0xffffffff81002000}};
  const StackSample another{.addresses = {0xffffffff81002008, 0xffffffff81002000}};
  const auto stacks = named_stacks({.samples = {in_user, one, another}}, symbols);
  EXPECT_EQ(stacks, (std::vector<Stack>{{.frames = {"free_unref_page_commit", "pipe_write"}, .count = 2},
                                        {.frames = {std::string(user_frame)}, .count = 1}}));
}

TEST(NamedStacks, AreOfOneTagWhereItIsGiven) {
  const StackSample first{.is_user = true, .tag = 0};
  const StackSample second{.addresses = {1}, .tag = 1};
  const auto stacks = named_stacks({.samples = {first, second}}, KernelSymbols(kallsyms), 1);
  EXPECT_EQ(stacks, (std::vector<Stack>{{.frames = {std::string(unknown_frame)}, .count = 1}}));
}

}  // namespace
}  // namespace pipebench
