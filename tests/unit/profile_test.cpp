#include "pipebench/analysis/profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "refusal.hpp"

namespace pipebench {
namespace {

const std::string user(user_frame);

/// 100 samples: 50 copying, 30 allocating, 10 unknown, 10 user code.
const std::vector<Stack> stacks{
    {.frames = {"_copy_from_iter", "anon_pipe_write", "vfs_write"}, .count = 40},
    {.frames = {"rep_movs_alternative", "_copy_from_iter", "anon_pipe_write", "vfs_write"}, .count = 10},
    {.frames = {"get_page_from_freelist", "anon_pipe_write", "vfs_write"}, .count = 30},
    {.frames = {"unheard_of", "vfs_write"}, .count = 7},
    {.frames = {"_raw_spin_lock", "never_seen"}, .count = 3},
    {.frames = {user}, .count = 10},
};

const StrategyInfo copying_writer{.name = "w", .summary = "copies", .copies = 1, .reuse = Reuse::at_once};
const StrategyInfo copying_reader{.name = "r", .summary = "copies", .role = Role::reader, .copies = 1};
const StrategyInfo referring_writer{.name = "w", .summary = "refers", .reuse = Reuse::after_pipe};
const StrategyInfo discarding_reader{
    .name = "r", .summary = "drops", .role = Role::reader, .release = Release::discarded};

const CaseSpec ordinary;
const ProfiledCase copies{ordinary, copying_writer, copying_reader};
const ProfiledCase refers{ordinary, referring_writer, discarding_reader};

TEST(Shares, AddUpAndBeginWithTheLargest) {
  const auto shares = shares_of(stacks);
  ASSERT_EQ(shares.size(), 4U);
  EXPECT_EQ(shares[0].work, Work::copying);
  EXPECT_EQ(shares[0].samples, 50U);
  EXPECT_DOUBLE_EQ(shares[0].share, 0.5);
  EXPECT_EQ(shares[1].work, Work::page_allocation);
  double sum = 0;
  for (const WorkShare& share : shares) sum += share.share;
  EXPECT_DOUBLE_EQ(sum, 1);
}

TEST(Functions, HaveSelfAndInclusiveSamples) {
  const auto functions = functions_in(stacks);
  EXPECT_EQ(functions[0].name, "_copy_from_iter");
  EXPECT_EQ(functions[0].self_samples, 40U);
  EXPECT_EQ(functions[0].inclusive_samples, 50U);
  EXPECT_EQ(functions[0].work, Work::copying);
  EXPECT_DOUBLE_EQ(functions[0].inclusive_share, 0.5);
  const auto write = std::ranges::find(functions, "vfs_write", &FunctionShare::name);
  EXPECT_EQ(write->self_samples, 0U);
  EXPECT_EQ(write->inclusive_samples, 87U);
}

TEST(Functions, AreCountedOnceWhereTheyCallThemselves) {
  const std::vector<Stack> recursive{{.frames = {"a", "b", "a"}, .count = 5}};
  EXPECT_EQ(functions_in(recursive)[0].inclusive_samples, 5U);
}

TEST(OtherWork, IsListedByName) {
  const auto functions = functions_of_other_work(stacks);
  ASSERT_EQ(functions.size(), 2U);
  EXPECT_EQ(functions[0].name, "unheard_of");
  EXPECT_EQ(functions[0].samples, 7U);
  EXPECT_EQ(functions[1].name, "never_seen") << "the lock says nothing";
}

TEST(Folded, BeginsWithTheOutermostFunction) {
  EXPECT_EQ(folded(std::vector<Stack>{stacks[0], stacks[5]}, {"case", "writer"}),
            "case;writer;vfs_write;anon_pipe_write;_copy_from_iter 40\ncase;writer;[user] 10\n");
}

TEST(Folded, KeepsToTheFormatWhateverTheNames) {
  EXPECT_EQ(folded(std::vector<Stack>{{.frames = {"a b"}, .count = 1}}, {"x;y 3\nz"}), "x_y_3_z;a_b 1\n");
}

TEST(CallTree, GoesFromTheOutermostFunctionIn) {
  const CallNode tree = call_tree(stacks, "writer");
  EXPECT_EQ(tree.name, "writer");
  EXPECT_EQ(tree.samples, 100U);
  ASSERT_EQ(tree.callees.size(), 3U);
  const CallNode& write = tree.callees[0];
  EXPECT_EQ(write.name, "vfs_write");
  EXPECT_EQ(write.samples, 87U);
  EXPECT_EQ(write.self_samples, 0U);
  const CallNode& copy = write.callees[0].callees[0];
  EXPECT_EQ(copy.name, "_copy_from_iter");
  EXPECT_EQ(copy.samples, 50U);
  EXPECT_EQ(copy.self_samples, 40U);
}

TEST(CallTree, LeavesOutWhatIsDeepOrRare) {
  const CallNode tree = call_tree(stacks, "writer", {.depth = 2, .min_share = 0.08});
  ASSERT_EQ(tree.callees.size(), 2U) << "never_seen has 3 %";
  ASSERT_EQ(tree.callees[0].callees.size(), 1U) << "unheard_of has 7 %";
  EXPECT_EQ(tree.callees[0].callees[0].samples, 80U);
  EXPECT_TRUE(tree.callees[0].callees[0].callees.empty());
}

TEST(CallTree, IsARootWithoutSamples) { EXPECT_TRUE(call_tree({}, "reader").callees.empty()); }

TEST(Conclusion, NamesWhatDominatesAndTheOption) {
  EXPECT_EQ(conclusion_on(stacks, copies, Role::writer),
            "Copying has the largest share of the writer's time, 50 %. --writer vmsplice sends the pages themselves.");
  EXPECT_TRUE(holds(conclusion_on(stacks, copies, Role::reader), "--reader splice"));
  std::vector<Stack> mostly_copying = stacks;
  mostly_copying[0].count = 60;
  EXPECT_TRUE(conclusion_on(mostly_copying, copies, Role::writer)
                  .starts_with("Copying takes most of the writer's time, 58 %. "));
}

TEST(Conclusion, NamesNoOptionThatTheCaseUses) {
  EXPECT_EQ(conclusion_on(stacks, refers, Role::writer), "Copying has the largest share of the writer's time, 50 %.");
  const std::vector<Stack> lookup{{.frames = {"gup_fast_fallback"}, .count = 1}};
  EXPECT_TRUE(holds(conclusion_on(lookup, refers, Role::writer), "--pages thp"));
  CaseSpec huge;
  huge.pages = Pages::thp;
  EXPECT_TRUE(
      holds(conclusion_on(lookup, {huge, referring_writer, discarding_reader}, Role::writer), "--writer recycle"));
  const StrategyInfo circulating{.name = "w", .summary = "gets its pages back", .reuse = Reuse::on_return};
  EXPECT_FALSE(holds(conclusion_on(lookup, {huge, circulating, discarding_reader}, Role::writer), "recycle"));
}

TEST(Conclusion, AdvisesHugePagesOnlyForMemoryThatHasThem) {
  const std::vector<Stack> lookup{{.frames = {"filemap_get_pages"}, .count = 1}};
  const StrategyInfo of_a_file{
      .name = "w", .summary = "sends a file", .reuse = Reuse::after_pipe, .backing = Backing::memfd};
  const ProfiledCase file_to_nowhere{ordinary, of_a_file, discarding_reader};
  EXPECT_TRUE(holds(conclusion_on(lookup, file_to_nowhere, Role::writer), "--writer recycle"));
  EXPECT_FALSE(holds(conclusion_on(lookup, file_to_nowhere, Role::writer), "--pages"));
  EXPECT_FALSE(holds(conclusion_on(lookup, refers, Role::reader), "--pages")) << "it has no memory";
  const StrategyInfo receiving{.name = "r", .summary = "receives", .role = Role::reader, .copies = 1, .receives = true};
  EXPECT_TRUE(holds(conclusion_on(lookup, {ordinary, of_a_file, receiving}, Role::reader), "--pages thp"));
}

TEST(Conclusion, GoesByWhatTheStrategyDoesWithPages) {
  const std::vector<Stack> allocation{{.frames = {"get_page_from_freelist"}, .count = 1}};
  EXPECT_TRUE(holds(conclusion_on(allocation, copies, Role::writer), "--writer vmsplice"));
  const StrategyInfo dropping{.name = "w", .summary = "drops its pages", .reuse = Reuse::new_pages};
  EXPECT_TRUE(holds(conclusion_on(allocation, {ordinary, dropping, copying_reader}, Role::writer), "--writer recycle"));
  const StrategyInfo own_ring{.name = "w", .summary = "copies", .copies = 1, .reuse = Reuse::own_ring};
  EXPECT_EQ(conclusion_on(allocation, {ordinary, own_ring, copying_reader}, Role::writer),
            "Page allocation takes most of the writer's time, 100 %.");
}

TEST(Conclusion, DoesNotAdviseToWaitOtherwiseWhereTheEndsDoNotWait) {
  const std::vector<Stack> switches{{.frames = {"finish_task_switch"}, .count = 1}};
  EXPECT_TRUE(holds(conclusion_on(switches, copies, Role::writer), "--wait busy"));
  CaseSpec turns;
  turns.isolation = Isolation::none;
  EXPECT_EQ(conclusion_on(switches, {turns, copying_writer, copying_reader}, Role::writer),
            "Scheduling takes most of the writer's time, 100 %.");
}

TEST(Conclusion, TellsWaitingForTheMutexFromSleeping) {
  const std::vector<Stack> spins{{.frames = {"mutex_spin_on_owner", "__mutex_lock", "anon_pipe_write"}, .count = 3},
                                 {.frames = {"pipe_wait_writable", "anon_pipe_write"}, .count = 2}};
  EXPECT_EQ(conclusion_on(spins, copies, Role::writer),
            "Waiting and waking takes most of the writer's time, 100 %. With --stripe 2 each end has a pipe to itself "
            "most of the time.");
  CaseSpec busy;
  busy.wait = Wait::busy;
  EXPECT_TRUE(holds(conclusion_on(spins, {busy, copying_writer, copying_reader}, Role::writer), "--wait credit"));
  const std::vector<Stack> sleeps{spins[1]};
  EXPECT_TRUE(holds(conclusion_on(sleeps, copies, Role::writer), "--wait busy or credit"));
}

TEST(Conclusion, OfWaitingForTheMutexNamesWhatTheOtherEndDoesMeanwhile) {
  const std::vector<Stack> spins{{.frames = {"mutex_spin_on_owner", "__mutex_lock", "anon_pipe_read"}, .count = 5},
                                 {.frames = {"_copy_to_iter", "anon_pipe_read"}, .count = 4}};
  const std::vector<Stack> holds_it{{.frames = {"mutex_spin_on_owner", "__mutex_lock", "anon_pipe_write"}, .count = 4},
                                    {.frames = {"finish_task_switch"}, .count = 3},
                                    {.frames = {"_copy_from_iter", "anon_pipe_write"}, .count = 2},
                                    {.frames = {"get_page_from_freelist"}, .count = 1}};
  EXPECT_EQ(conclusion_on(spins, copies, Role::reader, holds_it),
            "Waiting and waking takes most of the reader's time, 56 %. With --stripe 2 each end has a pipe to itself "
            "most of the time. What it waits for is, most of all, the writer's copying, 20 % of that end's time. "
            "--writer vmsplice sends the pages themselves.");
  EXPECT_TRUE(holds(conclusion_on(holds_it, copies, Role::writer, spins), "the reader's copying, 44 % of that end's"));
  EXPECT_TRUE(holds(conclusion_on(holds_it, copies, Role::writer, spins), "--reader splice"));
  const std::vector<Stack> sleeps{{.frames = {"pipe_wait_readable", "anon_pipe_read"}, .count = 1}};
  EXPECT_FALSE(holds(conclusion_on(sleeps, copies, Role::reader, holds_it), "What it waits for"));
  EXPECT_FALSE(holds(conclusion_on(spins, copies, Role::reader, sleeps), "What it waits for"));
}

TEST(Conclusion, OfUserCodeThatIsTheStrategysOwnCopyNamesTheOption) {
  std::vector<Stack> mostly_user = stacks;
  mostly_user.back().count = 1000;
  const StrategyInfo own_ring{.name = "w", .summary = "copies", .copies = 1, .reuse = Reuse::own_ring};
  EXPECT_EQ(conclusion_on(mostly_user, {ordinary, own_ring, copying_reader}, Role::writer),
            "User code takes most of the writer's time, 92 %. Much of it is the copy into its ring: "
            "--writer vmsplice sends the pages themselves.");
  mostly_user.back().count = 60;
  EXPECT_TRUE(
      conclusion_on(mostly_user, {ordinary, own_ring, copying_reader}, Role::writer)
          .starts_with("User code has the largest share of the writer's time, 40 %. Much of it is the copy into"));
  EXPECT_FALSE(holds(conclusion_on(mostly_user, {ordinary, own_ring, copying_reader}, Role::reader), "vmsplice"));
}

TEST(Summary, NotesThatKernelThreadsAreNotSampled) {
  Catalog catalog;
  catalog.writers = {{.name = "write", .summary = "copies", .copies = 1}};
  catalog.readers = {{.name = "hands-over", .summary = "splices", .role = Role::reader, .kernel_workers = true}};
  const auto notes_with = [&](std::optional<double> worker_seconds) {
    CaseResult result;
    result.spec.writer = "write";
    result.spec.reader = "hands-over";
    result.samples.push_back({.writer = {}, .reader = {}, .worker_seconds = worker_seconds});
    result.profile.emplace();
    Document document;
    document.cases.push_back(result);
    summarize_profiles(document, catalog);
    return document.cases[0].notes;
  };
  const std::vector<std::string> note{
      "Kernel threads do transfers for hands-over, and are not sampled: what they do is in no share."};
  EXPECT_EQ(notes_with(0.25), note);
  EXPECT_EQ(notes_with(std::nullopt), note) << "it is not known that they did nothing";
  EXPECT_TRUE(notes_with(0).empty());
}

TEST(Conclusion, NamesWhatNoOptionChangesOnlyWhereItIsMost) {
  std::vector<Stack> mostly_user = stacks;
  mostly_user.back().count = 60;
  EXPECT_TRUE(conclusion_on(mostly_user, copies, Role::writer)
                  .starts_with("After user code, copying has the largest share of the writer's time, 33 %. "));
  mostly_user.back().count = 1000;
  EXPECT_EQ(conclusion_on(mostly_user, copies, Role::writer), "User code takes most of the writer's time, 92 %.");
  EXPECT_EQ(conclusion_on({}, copies, Role::writer), "");
}

}  // namespace
}  // namespace pipebench
