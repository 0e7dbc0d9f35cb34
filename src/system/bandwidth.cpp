#include "pipebench/system/bandwidth.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "pipebench/base/clock.hpp"
#include "pipebench/system/memory.hpp"

namespace pipebench {
namespace {

// The shortest of the batches that fit in so long, in ns; of three at least.
template <class Batch>
double shortest_ns(std::uint64_t wanted_ns, const Batch& batch) {
  constexpr unsigned least_batches = 3;
  const std::uint64_t begin = monotonic_ns();
  std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t since = begin;
  for (unsigned i = 0; i < least_batches || since - begin < wanted_ns; ++i) {
    batch();
    const std::uint64_t now = monotonic_ns();
    shortest = std::min(shortest, now - since);
    since = now;
  }
  return static_cast<double>(std::max<std::uint64_t>(shortest, 1));
}

// work(k) deals with block k.
template <class Work>
double gib_per_second(const WorkingSet& set, const Work& work) {
  constexpr std::uint64_t wanted_ns = 2'000'000;
  constexpr std::uint64_t batch_bytes = 262144;  // long beside the clock
  const std::uint64_t at_once = std::max<std::uint64_t>(1, batch_bytes / set.block_bytes);
  std::size_t next = 0;
  const double ns = shortest_ns(wanted_ns, [&] {
    for (std::uint64_t i = 0; i < at_once; ++i) {
      work(next);
      next = next + 1 == set.blocks ? 0 : next + 1;
    }
  });
  return static_cast<double>(at_once * set.block_bytes) * 1e9 / ns / (1024.0 * 1024.0 * 1024.0);
}

// The compiler cannot tell that memory was not changed, so that it neither leaves out nor merges what reads it.
void forget_memory(const void* result) noexcept { asm volatile("" : : "r"(result) : "memory"); }

}  // namespace

MemorySpeeds measure_memory_speeds(const WorkingSet& set) {
  const BufferSet from({.bytes = set.block_bytes, .count = set.blocks, .pages = set.pages});
  const BufferSet to({.bytes = set.block_bytes, .count = 1, .pages = set.pages});
  constexpr int there = 'x';
  constexpr int not_there = 'y';
  for (std::byte* const start : from.starts()) std::memset(start, there, set.block_bytes);
  return {.read_gib_per_second = gib_per_second(
              set, [&](std::size_t k) { forget_memory(std::memchr(from.start(k), not_there, set.block_bytes)); }),
          .copy_gib_per_second = gib_per_second(
              set, [&](std::size_t k) { forget_memory(std::memcpy(to.start(0), from.start(k), set.block_bytes)); })};
}

double measure_system_call_ns() noexcept {
  constexpr std::uint64_t wanted_ns = 1'000'000;
  constexpr int calls = 200;
  return shortest_ns(wanted_ns,
                     [] {
                       for (int i = 0; i < calls; ++i) (void)::syscall(SYS_getppid);
                     }) /
         calls;
}

}  // namespace pipebench
