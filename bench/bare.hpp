// The same system calls in the simplest possible loops: what the harness is compared with.
#pragma once

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>

#include "pipebench/base/clock.hpp"
#include "pipebench/strategies/waiting.hpp"
#include "pipebench/system/memory.hpp"
#include "pipebench/system/pipe.hpp"

namespace pipebench::bare {

struct Run {
  const CaseSpec& spec;
  const Pipe& pipe;
  double seconds;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> total{~std::uint64_t{0}};  // set before the last buffer is sent
  std::atomic<int> ready{0};
  std::uint64_t start_ns = 0, end_ns = 0, taken = 0;
};

// Warm-up and measurement in the same threads: new threads wake each other faster for some ten milliseconds, which
// would distort a short sample.
using Runs = std::array<Run, 2>;

inline void get_ready(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
  ::unshare(CLONE_FILES);  // as the harness does, and as two processes would have it
}

inline void meet(Run& run) {
  ++run.ready;
  while (run.ready < 2) relax();
}

template <class Send>
void write_loop(Run& run, const BufferSet& buffers, Send send) {
  std::uint64_t sent = 0;
  std::size_t k = 0;
  for (bool last = false; !last; k = k + 1 == run.spec.buffers ? 0 : k + 1) {
    if ((last = run.stop.load(std::memory_order_relaxed))) run.total = sent + run.spec.buffer_bytes;
    std::byte* at = buffers.start(k);
    for (std::size_t left = run.spec.buffer_bytes; left > 0;) {
      const ssize_t n = send(at, left);
      if (n < 0 && errno != EAGAIN) std::abort();
      if (n > 0) at += n, left -= static_cast<std::size_t>(n), sent += static_cast<std::size_t>(n);
    }
  }
}

template <class Take>
void read_loop(Run& run, Take take) {
  while (run.taken < run.total.load(std::memory_order_relaxed)) {
    const ssize_t n = take(run.spec.buffer_bytes);
    if (n < 0 && errno != EAGAIN) std::abort();
    if (n > 0) run.taken += static_cast<std::size_t>(n);
  }
  run.end_ns = monotonic_ns();
}

inline void write_end(Runs& runs) {
  const CaseSpec& spec = runs[0].spec;
  get_ready(*spec.placement.writer_cpu);
  const BufferSet buffers({.bytes = spec.buffer_bytes, .count = spec.buffers, .pages = spec.pages});
  const int fd = runs[0].pipe.write_fd();
  const unsigned flags = spec.wait == Wait::block ? 0 : SPLICE_F_NONBLOCK;
  for (Run& run : runs) {
    meet(run);
    run.start_ns = monotonic_ns();
    if (spec.writer == "write") {
      write_loop(run, buffers, [=](std::byte* at, std::size_t size) { return ::write(fd, at, size); });
    } else {
      write_loop(run, buffers, [=](std::byte* at, std::size_t size) {
        const iovec piece{.iov_base = at, .iov_len = size};
        return ::vmsplice(fd, &piece, 1, flags);
      });
    }
  }
}

inline void read_end(Runs& runs) {
  const CaseSpec& spec = runs[0].spec;
  get_ready(*spec.placement.reader_cpu);
  const BufferSet buffer({.bytes = spec.buffer_bytes, .count = 1, .pages = spec.pages});
  const UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const int fd = runs[0].pipe.read_fd();
  const unsigned flags = spec.wait == Wait::block ? 0 : SPLICE_F_NONBLOCK;
  for (Run& run : runs) {
    meet(run);
    if (spec.reader == "read") {
      read_loop(run, [&](std::size_t size) { return ::read(fd, buffer.start(0), size); });
    } else {
      read_loop(run, [&](std::size_t size) { return ::splice(fd, nullptr, null.get(), nullptr, size, flags); });
    }
  }
}

/// GiB/s of one sample of `seconds`, after a warm-up.
inline double measure(const CaseSpec& spec, double warmup_seconds, double seconds) {
  const Pipe pipe(*spec.pipe_bytes, spec.wait != Wait::block);
  Runs runs{
      {{.spec = spec, .pipe = pipe, .seconds = warmup_seconds}, {.spec = spec, .pipe = pipe, .seconds = seconds}}};
  {
    std::jthread writer([&] { write_end(runs); });
    std::jthread reader([&] { read_end(runs); });
    for (Run& run : runs) {
      std::this_thread::sleep_for(std::chrono::duration<double>(run.seconds));
      run.stop = true;
    }
  }
  const Run& run = runs[1];
  return static_cast<double>(run.taken) / static_cast<double>(run.end_ns - run.start_ns) * 1e9 / (1U << 30U);
}

}  // namespace pipebench::bare
