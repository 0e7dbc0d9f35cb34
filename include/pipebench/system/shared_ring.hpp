// A ring of bytes in memory that two threads or processes share: one writes, one reads, and no kernel is between them.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pipebench/base/cache_line.hpp"
#include "pipebench/system/futex.hpp"
#include "pipebench/system/shared_array.hpp"

namespace pipebench {

class SharedRing {
 public:
  /// `bytes`: a power of two. All of it is touched. Throws SystemError.
  explicit SharedRing(std::uint64_t bytes);

  [[nodiscard]] std::uint64_t capacity() const noexcept { return bytes_.objects().size(); }

  /// As write(2) and read(2) of a pipe: bytes, or -1 and errno. Where there is no room, or nothing to read, they sleep
  /// (futex(2)) if `sleeps`, and fail with EAGAIN else. EINTR: something ended the sleep; try again. Of all calls,
  /// those of the other end included, `sleeps` is the same.
  ssize_t write(const std::byte* data, std::size_t size, bool sleeps) noexcept;
  ssize_t read(std::byte* data, std::size_t size, bool sleeps) noexcept;

 private:
  /// What one end writes to, on cache lines of its own.
  struct alignas(no_sharing) Side {
    std::atomic<std::uint64_t> moved{0};  ///< bytes since the beginning
    FutexWord sleeps{0};                  ///< 1: this end sleeps, or is about to, until the other moves something
  };
  struct Sides {
    Side writer, reader;
  };
  [[nodiscard]] Sides& sides() const noexcept { return sides_.objects()[0]; }
  static void publish(Side& mine, std::uint64_t moved, Side& other, bool sleeps) noexcept;
  static ssize_t wait(Side& mine, const Side& other, std::uint64_t seen, bool sleeps) noexcept;

  SharedArray<Sides> sides_;
  SharedArray<std::byte> bytes_;
};

}  // namespace pipebench
