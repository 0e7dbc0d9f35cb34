#include "pipebench/analysis/kernel_functions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "pipebench/base/names.hpp"
#include "pipebench/model/stack.hpp"
#include "source_directory.hpp"

namespace pipebench {
namespace {

using Frames = std::vector<std::string>;

std::filesystem::path recordings() { return tests_directory() / "data" / "kernels"; }

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream stream(recordings() / file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with('#')) lines.push_back(line);
  }
  return lines;
}

Frames chain_of(const std::string& line) {
  Frames frames = split(line, ';');
  std::ranges::reverse(frames);
  return frames;
}

std::string kind_of(const std::string& function) {
  if (works_for_caller(function)) return "caller";
  const auto work = work_of_function(function);
  return work ? std::string(name_of(*work)) : "unknown";
}

class FunctionsOfKernel : public testing::TestWithParam<const char*> {};

TEST_P(FunctionsOfKernel, DoTheKnownWork) {
  const auto lines = lines_of(std::string(GetParam()) + ".txt");
  ASSERT_GT(lines.size(), 100U);
  for (const std::string& line : lines) {
    const auto blank = line.find(' ');
    EXPECT_EQ(kind_of(line.substr(0, blank)), line.substr(blank + 1)) << line;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, FunctionsOfKernel,
                         testing::Values("5.10-arm64", "5.10-x86-64", "5.15-arm64", "5.15-x86-64", "6.1-arm64",
                                         "6.1-x86-64", "6.12-arm64", "6.12-x86-64", "6.18-x86-64", "7.2-arm64",
                                         "7.2-x86-64", "7.3-x86-64"),
                         [](const auto& kernel) {
                           std::string name = kernel.param;
                           std::ranges::replace_if(
                               name, [](char c) { return c == '.' || c == '-'; }, '_');
                           return name;
                         });

class RecordedChains : public testing::TestWithParam<const char*> {};

TEST_P(RecordedChains, AreAllKnown) {
  const auto lines = lines_of(GetParam());
  ASSERT_GT(lines.size(), 50U);
  for (const std::string& line : lines) {
    const Frames frames = chain_of(line);
    if (frames.size() == 1 && works_for_caller(frames[0])) continue;  // the kernel could not tell the caller
    const Classified classified = classify(frames);
    EXPECT_NE(classified.work, Work::other) << line;
    if (classified.work == Work::interrupts) continue;  // they may do anything
    for (const std::string& function : frames) EXPECT_NE(kind_of(function), "unknown") << function << " in " << line;
  }
}

INSTANTIATE_TEST_SUITE_P(Calls, RecordedChains,
                         testing::Values("chains-6.18-write-read.txt", "chains-6.18-vmsplice-splice.txt"),
                         [](const auto& file) {
                           return std::string(file.index == 0 ? "WriteRead" : "VmspliceSplice");
                         });

TEST(Classify, TakesTheInnermostFunctionThatSaysSomething) {
  EXPECT_EQ(classify(Frames{"_copy_from_iter", "anon_pipe_write", "vfs_write"}).work, Work::copying);
  EXPECT_EQ(classify(Frames{"srso_alias_return_thunk", "rep_movs_alternative", "_copy_from_iter"}).work, Work::copying);
  EXPECT_EQ(classify(Frames{"_raw_spin_lock", "rmqueue_bulk", "anon_pipe_write"}).work, Work::page_allocation);
  EXPECT_EQ(classify(Frames{"_raw_spin_lock", "try_to_wake_up"}).frame, 1U);
}

TEST(Classify, TellsSpinningOnTheOwnerFromTheLock) {
  EXPECT_EQ(classify(Frames{"mutex_spin_on_owner", "__mutex_lock", "pipe_read"}).work, Work::waiting);
  EXPECT_EQ(classify(Frames{"__mutex_lock", "pipe_read"}).work, Work::pipe_lock);
}

TEST(Classify, CountsTheEndOfAWakeUpAsWaking) {
  EXPECT_EQ(classify(Frames{"_raw_spin_unlock_irqrestore", "anon_pipe_write", "vfs_write"}).work, Work::waiting);
  EXPECT_EQ(classify(Frames{"_raw_spin_unlock_irqrestore", "__wake_up_sync_key", "pipe_write"}).work, Work::waiting);
}

TEST(Classify, CountsInterruptsWhateverTheyDo) {
  EXPECT_EQ(classify(Frames{"update_curr", "task_tick_fair", "sysvec_apic_timer_interrupt",
                            "asm_sysvec_apic_timer_interrupt", "_copy_to_iter"})
                .work,
            Work::interrupts);
  EXPECT_EQ(classify(Frames{"unheard_of", "gic_handle_irq", "el1_interrupt", "pipe_read"}).work, Work::interrupts);
}

TEST(Classify, DoesNotCountThePreemptionThatFollowsAnInterrupt) {
  EXPECT_EQ(classify(Frames{"finish_task_switch", "__schedule", "irqentry_exit", "sysvec_apic_timer_interrupt",
                            "asm_sysvec_apic_timer_interrupt"})
                .work,
            Work::scheduling);
}

TEST(Classify, NamesWhatItDoesNotKnow) {
  const Classified unknown = classify(Frames{"_raw_spin_lock", "unheard_of", "pipe_write"});
  EXPECT_EQ(unknown.work, Work::other);
  EXPECT_EQ(unknown.frame, 1U);
  EXPECT_EQ(classify(Frames{std::string(unknown_frame), "pipe_write"}).work, Work::other);
  EXPECT_EQ(classify(Frames{"_raw_spin_lock"}).work, Work::other) << "for whom?";
  EXPECT_EQ(classify(Frames{}).work, Work::other);
}

TEST(Classify, GivesIndirectCallsOfUnknownCallersToThePipe) {
  for (const auto* thunk : {"__x86_indirect_thunk_array", "__x86_indirect_thunk_r14", "__x86_indirect_call_thunk_rax"})
    EXPECT_EQ(classify(Frames{thunk}).work, Work::pipe) << thunk;
  EXPECT_EQ(classify(Frames{"__x86_indirect_thunk_array", "update_curr", "__schedule"}).work, Work::scheduling);
}

TEST(Classify, KnowsUserCode) { EXPECT_EQ(classify(Frames{std::string(user_frame)}).work, Work::user); }

TEST(WorkOfFunction, PrefersTheExactNameAndTheLongestBeginning) {
  EXPECT_EQ(work_of_function("pipe_lock"), Work::pipe_lock);
  EXPECT_EQ(work_of_function("pipe_wait_readable"), Work::waiting);
  EXPECT_EQ(work_of_function("pipe_clear_nowait"), Work::pipe);
  EXPECT_EQ(work_of_function("pip"), std::nullopt);
}

}  // namespace
}  // namespace pipebench
