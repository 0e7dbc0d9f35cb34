// Where the time of the two ends went: samples of call chains, and what they come to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipebench/base/named.hpp"
#include "pipebench/model/finding.hpp"
#include "pipebench/model/stack.hpp"

namespace pipebench {

/// In the order that people see.
enum class Work : std::uint8_t {
  copying,
  page_allocation,
  page_lookup,
  page_references,
  pipe_lock,
  waiting,
  scheduling,
  system_calls,
  pipe,
  accounting,
  interrupts,
  user,
  other,
};
template <>
inline constexpr std::array<Named<Work>, 13> names<Work>{{
    {Work::copying, "copying", "copying bytes between user space and pages of the pipe"},
    {Work::page_allocation, "page allocation", "allocating, clearing and freeing pages, page faults and unmapping"},
    {Work::page_lookup, "page lookup", "finding the pages behind addresses (get_user_pages) or in the page cache"},
    {Work::page_references, "page references", "counting references to pages up and down"},
    {Work::pipe_lock, "pipe lock", "taking and releasing the pipe's mutex"},
    {Work::waiting, "waiting and waking", "spinning on the mutex's owner, wait queues, wake-ups, poll()"},
    {Work::scheduling, "scheduling", "switching to another thread and choosing it"},
    {Work::system_calls, "system calls",
     "entering and leaving the kernel, descriptors, arguments, permissions, queues of io_uring"},
    {Work::pipe, "pipe bookkeeping", "slots of the pipe and the loops over them"},
    {Work::accounting, "accounting", "memory cgroups, pressure stall information, statistics"},
    {Work::interrupts, "interrupts", "timer ticks and other interrupts that hit the thread"},
    {Work::user, "user code", "pipebench itself"},
    {Work::other, "other", "functions that are not known here"},
}};

/// Whose event takes the samples.
enum class EventScope : std::uint8_t { cpu, thread, mixed };
template <>
inline constexpr std::array<Named<EventScope>, 3> names<EventScope>{{
    {EventScope::cpu, "cpu", "that of the CPU to which the thread is pinned, without samples of other threads"},
    {EventScope::thread, "thread", "one of the thread, which slows each of its switches"},
    {EventScope::mixed, "mixed", "some threads the one, some the other"},
}};

/// How much of an end's time one kind of work took.
struct WorkShare {
  Work work = Work::other;
  std::uint64_t samples = 0;
  double share = 0;  ///< of all samples, 0 to 1
};

/// How much of it one function took.
struct FunctionShare {
  std::string name = {};
  Work work = Work::other;  ///< by its name alone; Work::other also for functions that work for any caller
  std::uint64_t self_samples = 0;
  std::uint64_t inclusive_samples = 0;  ///< with those of what it called; counted once where it called itself
  double self_share = 0;                ///< of all samples, 0 to 1
  double inclusive_share = 0;
};

struct NamedCount {
  std::string name = {};
  std::uint64_t samples = 0;
};

/// Of one end, over all samples of the case and all streams.
struct EndProfile {
  std::uint64_t samples = 0;
  std::optional<std::uint64_t> lost = 0;      ///< for which there was no room; empty where the kernel does not tell
  std::uint64_t throttled = 0;                ///< times that the kernel paused sampling
  std::string missing = {};                   ///< why some of its threads could not be sampled, a sentence
  std::vector<WorkShare> work = {};           ///< the largest first
  std::vector<FunctionShare> functions = {};  ///< by self samples, the largest first
  std::vector<NamedCount> other = {};         ///< the functions behind Work::other, the largest first
  std::string conclusion = {};                ///< a sentence or two: what dominates, and what addresses it
  std::vector<Stack> stacks = {};             ///< the most frequent first
};

struct Profile {
  std::string event = {};                      ///< what was sampled: "cycles" or "cpu-clock"; empty: nothing
  std::optional<EventScope> event_scope = {};  ///< empty: nothing was sampled, or an old file does not tell
  std::uint64_t frequency_hz = 0;              ///< samples a second that were asked for
  std::vector<Finding> obstacles = {};         ///< why samples or names of functions are missing
  EndProfile writer = {}, reader = {};
};

}  // namespace pipebench
