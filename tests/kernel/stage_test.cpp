// What ends share, between threads and between processes.
#include "engine/stage.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cpus.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/strategies/waiting.hpp"

namespace pipebench {
namespace {

/// Runs `work` in a child process, which exits with what it returns.
template <class Work>
pid_t in_child(const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  return child;
}

int exit_status(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Runs work(i) in each of `count` threads, until all are done.
template <class Work>
void in_threads(unsigned count, const Work& work) {
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back(work, i);
}

/// Longer than a thread spins at a barrier.
void be_late() { ::usleep(static_cast<useconds_t>(5 * longest_spin_ns / 1000)); }

TEST(Stage, WakesTheThreadThatWaitsForItsEnds) {
  Stage stage(1);
  stage.note_done();
  EXPECT_EQ(stage.share().all_done, 0U) << "one is not done";
  const std::jthread last([&] {
    be_late();
    stage.note_done();
  });
  constexpr std::uint64_t an_hour_ns = 3'600'000'000'000;
  while (stage.share().all_done == 0) stage.await_all_done(an_hour_ns);
  stage.await_all_done(an_hour_ns);  // at once
}

/// Uses the CPU in a thread that is gone afterwards, as a worker of the kernel may be.
void work_in_a_passing_thread(double seconds) {
  int thread = 0;
  std::jthread([&] {
    thread = ::gettid();
    timespec used{};
    while (static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9 < seconds)
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  }).join();
  while (std::filesystem::exists("/proc/self/task/" + std::to_string(thread))) std::this_thread::yield();
}

constexpr double worked_seconds = 0.01;

/// A runner whose process has workers. Not 0: aborted.
int run_with_workers(Stage& stage) {
  if (!stage.meet(2)) return 1;
  work_in_a_passing_thread(worked_seconds);
  return stage.gather_at_end() ? 0 : 1;
}

TEST(Stage, CountsTheWorkersOfItsRunners) {
  if (!read_process_usage()) GTEST_SKIP() << "/proc/self/task does not show the threads of this process";
  Stage stage(1);
  stage.counts_workers = true;
  in_threads(2, [&](unsigned) { EXPECT_EQ(run_with_workers(stage), 0); });
  EXPECT_GE(stage.worker_seconds_used().value(), 1.8 * worked_seconds);
}

TEST(Stage, CountsTheWorkersOfEachProcess) {
  if (!read_process_usage()) GTEST_SKIP() << "/proc/self/task does not show the threads of this process";
  Stage stage(1);
  stage.counts_workers = true;
  stage.runners_here = 1;
  EXPECT_FALSE(stage.worker_seconds_used()) << "nobody has measured";
  const pid_t child = in_child([&] { return run_with_workers(stage); });
  EXPECT_EQ(run_with_workers(stage), 0);
  EXPECT_EQ(exit_status(child), 0);
  EXPECT_GE(stage.worker_seconds_used().value(), 1.8 * worked_seconds);
}

TEST(Stage, SeesTheStealTimeThatAnotherProcessRead) {
  const std::array cpu{allowed_cpus().front()};
  if (!read_steal_seconds(cpu)) GTEST_SKIP() << "/proc/stat does not tell steal time here";
  Stage stage(1, {.runners = 1});
  stage.watched_cpus = {cpu.front()};
  EXPECT_FALSE(stage.steal_seconds()) << "nobody has measured";
  const pid_t child = in_child([&] { return stage.meet(2) && stage.gather_at_end() ? 0 : 1; });
  EXPECT_EQ(exit_status(child), 0);
  EXPECT_GE(stage.steal_seconds().value(), 0);
}

TEST(Stage, TakesSnapshotsAtTheLastBeginAndTheFirstEnd) {
  Stage stage(2);
  std::atomic<std::uint64_t>& first = stage.streams()[0].measured.consumed.bytes;
  std::atomic<std::uint64_t>& second = stage.streams()[1].measured.consumed.bytes;
  for (int end = 1; end <= 3; ++end) stage.note_begin(2);
  EXPECT_EQ(stage.share().phases_begun, 0U) << "one has not begun";
  first = 10;
  const std::uint64_t before = monotonic_ns();
  stage.note_begin(2);
  const std::uint64_t between = monotonic_ns();
  EXPECT_EQ(stage.share().phases_begun, 2U);
  first = 100;
  second = 50;
  stage.note_end(0, 2, Role::writer);
  stage.note_end(0, 2, Role::reader);
  const std::uint64_t after = monotonic_ns();
  first = second = 1000;
  stage.note_end(1, 2, Role::reader);
  EXPECT_EQ(stage.moved_meanwhile(0, Role::reader, 0), 90U);
  EXPECT_EQ(stage.moved_meanwhile(1, Role::reader, 0), 50U);
  EXPECT_LE(before, stage.share().all_begun.from_ns);
  EXPECT_LE(stage.share().all_begun.to_ns, between);
  EXPECT_LE(between, stage.share().first_ended.from_ns);
  EXPECT_LE(stage.share().first_ended.to_ns, after);
}

TEST(Stage, TakesTheLastSnapshotWhenTheFirstOfSeveralEndsHasEnded) {
  Stage stage(1, {.writers = 2, .readers = 2});
  for (int end = 1; end <= 4; ++end) stage.note_begin(2);
  stage.progress(0, 2, Role::writer, 1).bytes = 30;
  stage.progress(0, 2, Role::reader, 0).bytes = 10;
  stage.progress(0, 2, Role::reader, 1).bytes = 15;
  stage.note_end(0, 2, Role::writer);
  for (const std::size_t i : {0U, 1U}) stage.progress(0, 2, Role::reader, i).bytes = 1000;
  stage.note_end(0, 2, Role::reader);
  EXPECT_EQ(stage.moved_meanwhile(0, Role::writer, 0), 0U);
  EXPECT_EQ(stage.moved_meanwhile(0, Role::writer, 1), 30U);
  EXPECT_EQ(stage.moved_meanwhile(0, Role::reader, 0), 10U);
  EXPECT_EQ(stage.moved_meanwhile(0, Role::reader, 1), 15U);
}

TEST(Stage, IsDrainingFromTheLastWriterToTheLastOfSeveralReaders) {
  Stage alone(1);
  alone.note_end(0, 1, Role::writer);
  EXPECT_FALSE(alone.is_draining(0, 1)) << "a single reader sees the last byte";
  Stage stage(1, {.writers = 2, .readers = 2});
  stage.note_end(0, 1, Role::writer);
  EXPECT_FALSE(stage.is_draining(0, 1));
  stage.note_end(0, 1, Role::writer);
  EXPECT_TRUE(stage.is_draining(0, 1));
  EXPECT_FALSE(stage.is_draining(0, 2));
  for (int end = 1; end <= 2; ++end) stage.note_end(0, 1, Role::reader);
  EXPECT_FALSE(stage.is_draining(0, 1));
}

TEST(Stage, DividesTheBytesAmongItsWritersByBuffers) {
  Stage stage(1, {.writers = 3});
  stage.measured_bytes = 10 * 64 + 1;
  std::uint64_t sum = 0;
  for (const std::size_t i : {0U, 1U, 2U}) {
    const std::uint64_t bytes = stage.bytes_to_send(2, i, 64);
    EXPECT_GE(bytes, 3U * 64);
    EXPECT_LE(bytes, 4U * 64);
    EXPECT_TRUE(i == 2 || bytes % 64 == 0);
    sum += bytes;
  }
  EXPECT_EQ(sum, stage.measured_bytes);
  EXPECT_EQ(stage.bytes_to_send(1, 2, 64), no_limit);
  stage.measured_bytes = 64;
  EXPECT_EQ(stage.bytes_to_send(2, 0, 64) + stage.bytes_to_send(2, 1, 64), 0U) << "one buffer is one writer's";
}

TEST(Stage, CountsTheBytesOfEachEndApart) {
  const Stage stage(2, {.writers = 3, .readers = 2});
  EXPECT_EQ(stage.runners(), 10U);
  std::set<const void*> places;
  for (const std::size_t stream : {0U, 1U}) {
    for (const unsigned phase : {1U, 2U}) {
      for (const std::size_t i : {0U, 1U, 2U}) {
        Link::Progress& progress = stage.progress(stream, phase, Role::writer, i);
        progress.bytes = 1;
        places.insert(&progress);
      }
      for (const std::size_t i : {0U, 1U}) {
        Link::Progress& progress = stage.progress(stream, phase, Role::reader, i);
        progress.bytes = 10 * phase + 100 * stream;
        places.insert(&progress);
      }
    }
  }
  EXPECT_EQ(places.size(), 20U);
  EXPECT_EQ(stage.moved(1, 2, Role::writer), 3U);
  EXPECT_EQ(stage.moved(0, 1, Role::reader), 20U);
  EXPECT_EQ(stage.moved(1, 2, Role::reader), 240U);
  EXPECT_EQ(stage.streams()[1].measured.consumed.bytes, 120U) << "the first one's are in the link";
}

TEST(Stage, KnowsTheEndOfAStreamWhenAllItsWritersHaveEnded) {
  const Stage stage(1, {.writers = 2});
  for (const unsigned phase : {1U, 2U}) {
    Link& link = stage.streams()[0].link(phase);
    link.announce_end(100);
    EXPECT_EQ(link.control.final_bytes, no_limit);
    link.announce_end(11);
    EXPECT_EQ(link.control.final_bytes, 111U);
  }
}

TEST(Stage, IsSeenByTheChildrenOfItsProcess) {
  const Stage stage(2);
  const pid_t child = in_child([&] {
    stage.streams()[1].measured.produced.bytes = 7;
    return 0;
  });
  EXPECT_EQ(exit_status(child), 0);
  EXPECT_EQ(stage.streams()[1].measured.produced.bytes, 7U);
}

TEST(Barrier, GathersThreads) {
  Stage stage(2);
  std::vector<std::jthread> others;
  for (std::uint32_t i = 1; i < stage.runners(); ++i)
    others.emplace_back([&] { EXPECT_TRUE(stage.share().ended.gather(stage.runners())); });
  be_late();
  EXPECT_TRUE(stage.share().ended.gather(stage.runners()));
}

TEST(Barrier, GathersProcesses) {
  Stage stage(1);
  const pid_t child = in_child([&] { return stage.share().barriers[0].meet(2) ? 0 : 1; });
  be_late();
  EXPECT_TRUE(stage.share().barriers[0].meet(2));
  EXPECT_EQ(exit_status(child), 0);
}

TEST(Barrier, ReleasesItsWaitersWhenItIsGivenUp) {
  Stage stage(1);
  const pid_t child = in_child([&] { return stage.share().ended.gather(2) ? 0 : 1; });
  be_late();
  stage.abandon();
  EXPECT_EQ(exit_status(child), 1);
  EXPECT_FALSE(stage.share().barriers[0].meet(2)) << "and those who come later";
  EXPECT_FALSE(stage.streams()[0].exit_barrier.gather(2));
}

TEST(Barrier, HoldsEachUntilAllAreThere) {
  constexpr unsigned count = 40;
  Barrier barrier;
  std::atomic<unsigned> here{0};
  std::atomic<unsigned> early{0};
  in_threads(count, [&](unsigned i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(i % 4));  // some find the others asleep
    ++here;
    if (!barrier.meet(count) || here != count) ++early;
  });
  EXPECT_EQ(early, 0U);
}

TEST(Barrier, ReleasesSleepersAndLatecomersWhenGivenUp) {
  Barrier barrier;
  std::atomic<bool> met{true};
  std::jthread sleeper([&] { met = barrier.meet(3); });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  barrier.give_up();
  sleeper.join();
  EXPECT_FALSE(met);
  EXPECT_FALSE(barrier.gather(3));
}

}  // namespace
}  // namespace pipebench
