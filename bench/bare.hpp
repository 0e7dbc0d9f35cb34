// The system calls of a pair in the barest loops that do the same: what the harness is held against.
#pragma once

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/uio.h>
#include <unistd.h>

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
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> total{~std::uint64_t{0}};  // set before the last buffer is sent
  std::atomic<int> ready{0};
  std::uint64_t start_ns = 0, end_ns = 0, taken = 0;
};

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

inline void write_end(Run& run) {
  get_ready(*run.spec.placement.writer_cpu);
  const BufferSet buffers({.bytes = run.spec.buffer_bytes, .count = run.spec.buffers, .pages = run.spec.pages});
  const int fd = run.pipe.write_fd();
  const unsigned flags = run.spec.wait == Wait::block ? 0 : SPLICE_F_NONBLOCK;
  meet(run);
  run.start_ns = monotonic_ns();
  if (run.spec.writer == "write") {
    write_loop(run, buffers, [=](std::byte* at, std::size_t size) { return ::write(fd, at, size); });
  } else {
    write_loop(run, buffers, [=](std::byte* at, std::size_t size) {
      const iovec piece{at, size};
      return ::vmsplice(fd, &piece, 1, flags);
    });
  }
}

inline void read_end(Run& run) {
  get_ready(*run.spec.placement.reader_cpu);
  const BufferSet buffer({.bytes = run.spec.buffer_bytes, .count = 1, .pages = run.spec.pages});
  const UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const int fd = run.pipe.read_fd();
  const unsigned flags = run.spec.wait == Wait::block ? 0 : SPLICE_F_NONBLOCK;
  meet(run);
  if (run.spec.reader == "read") {
    read_loop(run, [&](std::size_t size) { return ::read(fd, buffer.start(0), size); });
  } else {
    read_loop(run, [&](std::size_t size) { return ::splice(fd, nullptr, null.get(), nullptr, size, flags); });
  }
}

/// GiB/s of one sample of `seconds`.
inline double measure(const CaseSpec& spec, double seconds) {
  const Pipe pipe(*spec.pipe_bytes, spec.wait != Wait::block);
  Run run{.spec = spec, .pipe = pipe};
  {
    std::jthread writer([&] { write_end(run); });
    std::jthread reader([&] { read_end(run); });
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    run.stop = true;
  }
  return static_cast<double>(run.taken) / static_cast<double>(run.end_ns - run.start_ns) * 1e9 / (1U << 30U);
}

}  // namespace pipebench::bare
