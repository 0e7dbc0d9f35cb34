#include "pipebench/system/shared_ring.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pipebench {

SharedRing::SharedRing(std::uint64_t bytes) : sides_(1), bytes_(bytes) {
  std::memset(bytes_.objects().data(), 0, bytes_.objects().size());
}

ssize_t SharedRing::write(const std::byte* data, std::size_t size, bool sleeps) noexcept {
  auto& [writer, reader] = sides();
  const std::span<std::byte> ring = bytes_.objects();
  const std::uint64_t sent = writer.moved.load(std::memory_order_relaxed);
  const std::uint64_t taken = reader.moved.load(std::memory_order_acquire);
  const std::size_t count = std::min<std::uint64_t>(size, ring.size() - (sent - taken));
  if (count == 0) return wait(writer, reader, taken, sleeps);
  const std::size_t at = sent & (ring.size() - 1);
  const std::size_t first = std::min(count, ring.size() - at);
  std::memcpy(&ring[at], data, first);
  std::memcpy(ring.data(), data + first, count - first);
  publish(writer, sent + count, reader, sleeps);
  return static_cast<ssize_t>(count);
}

ssize_t SharedRing::read(std::byte* data, std::size_t size, bool sleeps) noexcept {
  auto& [writer, reader] = sides();
  const std::span<std::byte> ring = bytes_.objects();
  const std::uint64_t taken = reader.moved.load(std::memory_order_relaxed);
  const std::uint64_t sent = writer.moved.load(std::memory_order_acquire);
  const std::size_t count = std::min<std::uint64_t>(size, sent - taken);
  if (count == 0) return wait(reader, writer, sent, sleeps);
  const std::size_t at = taken & (ring.size() - 1);
  const std::size_t first = std::min(count, ring.size() - at);
  std::memcpy(data, &ring[at], first);
  std::memcpy(data + first, ring.data(), count - first);
  publish(reader, taken + count, writer, sleeps);
  return static_cast<ssize_t>(count);
}

// Either the other end sees the new count before it sleeps, or this one sees that it sleeps: both write first and then
// look, and the order of the four is the same for both.
void SharedRing::publish(Side& mine, std::uint64_t moved, Side& other, bool sleeps) noexcept {
  if (!sleeps) return mine.moved.store(moved, std::memory_order_release);
  mine.moved.store(moved, std::memory_order_seq_cst);
  if (other.sleeps.load(std::memory_order_seq_cst) == 0) return;
  other.sleeps.store(0, std::memory_order_relaxed);
  futex_wake_all(other.sleeps);
}

ssize_t SharedRing::wait(Side& mine, const Side& other, std::uint64_t seen, bool sleeps) noexcept {
  errno = EAGAIN;
  if (!sleeps) return -1;
  mine.sleeps.store(1, std::memory_order_seq_cst);
  if (other.moved.load(std::memory_order_seq_cst) == seen) futex_wait(mine.sleeps, 1);
  mine.sleeps.store(0, std::memory_order_relaxed);
  errno = EINTR;
  return -1;
}

}  // namespace pipebench
