// Work of a known kind for what samples or counts the kernel. The thread sanitizer would add its own: it touches its
// record of each byte that read() and write() move, and of each byte that the code stores.
#pragma once

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <ctime>

namespace pipebench {

/// write(2) and read(2) that the thread sanitizer does not see.
inline ssize_t plain_write(int fd, const void* data, std::size_t bytes) {
  return ::syscall(SYS_write, fd, data, bytes);
}
inline ssize_t plain_read(int fd, void* data, std::size_t bytes) { return ::syscall(SYS_read, fd, data, bytes); }

/// One page fault for each page; false where there is no memory.
__attribute__((no_sanitize("thread"))) inline bool touch_new_pages(std::size_t pages) {
  const auto page = static_cast<std::size_t>(::getpagesize());
  void* memory = ::mmap(nullptr, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  ::madvise(memory, pages * page, MADV_NOHUGEPAGE);
  for (std::size_t i = 0; i < pages; ++i) static_cast<volatile char*>(memory)[i * page] = 1;
  ::munmap(memory, pages * page);
  return true;
}

/// Of the calling thread.
inline double cpu_seconds_now() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Repeats `work` for that much CPU time of the thread, so that it is sampled for that long however busy the machine
/// is.
template <class Work>
void work_for(double seconds, Work&& work) {
  for (const double start = cpu_seconds_now(); cpu_seconds_now() - start < seconds;) work();
}

}  // namespace pipebench
