// What the kernel's functions do for a pipe: from a function's name to a kind of work.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pipebench/base/named.hpp"

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

/// What `function` does, by its name without suffixes of compilers; empty where the name is not known, or says nothing.
/// Meant for Linux 5.10 and later, x86-64 and arm64; checked against the symbols of 6.1 to 7.3 (tests/data/kernels/).
[[nodiscard]] std::optional<Work> work_of_function(std::string_view function);

/// Does it work for any caller, and so say nothing (spin locks, memset(), return thunks, the way into an interrupt)?
[[nodiscard]] bool works_for_caller(std::string_view function);

struct Classified {
  Work work;
  std::size_t frame;  ///< the one that told: for Work::other the one that is not known
};

/// What a thread did that was sampled in `frames`, as those of a Stack: the work of the innermost function that does
/// not just work for its caller, or interrupts, if an interrupt was being handled.
///
/// With cpu-clock, what runs with interrupts off is sampled when they are turned on again, in
/// _raw_spin_unlock_irqrestore() for example: that works for its caller, too.
[[nodiscard]] Classified classify(std::span<const std::string> frames);

}  // namespace pipebench
