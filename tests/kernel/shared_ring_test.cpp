// The ring that stands in for a pipe.
#include "pipebench/system/shared_ring.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <random>
#include <thread>
#include <vector>

#include "pipebench/system/pipe.hpp"

namespace pipebench {
namespace {

std::byte byte_at(std::uint64_t offset) { return static_cast<std::byte>((offset * 2654435761U) >> 24U); }

TEST(SharedRing, HoldsWhatItHasRoomFor) {
  SharedRing ring(64);
  std::array<std::byte, 100> data{};
  EXPECT_EQ(ring.read(data.data(), 1, false), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(ring.write(data.data(), 100, false), 64);
  EXPECT_EQ(ring.write(data.data(), 1, false), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(ring.read(data.data(), 40, false), 40);
  EXPECT_EQ(ring.write(data.data(), 100, false), 40);
  EXPECT_EQ(ring.read(data.data(), 100, false), 64);
}

class SharedRingOf : public testing::TestWithParam<bool> {};

TEST_P(SharedRingOf, TwoThreadsBringsAllBytesInOrder) {
  constexpr std::uint64_t bytes = 3'000'000;
  SharedRing ring(4096);
  const auto call_until_done = [&](std::uint64_t seed, const auto& call) {
    std::mt19937_64 random(seed);
    for (std::uint64_t done = 0; done < bytes;) {
      const ssize_t moved = call(done, std::min<std::uint64_t>(bytes - done, random() % 6000 + 1));
      if (moved > 0) {
        done += static_cast<std::uint64_t>(moved);
      } else if (!GetParam()) {
        std::this_thread::yield();
      }
    }
  };
  const std::jthread writer([&] {
    std::vector<std::byte> data(6000);
    call_until_done(1, [&](std::uint64_t done, std::size_t size) {
      for (std::size_t i = 0; i < size; ++i) data[i] = byte_at(done + i);
      return ring.write(data.data(), size, GetParam());
    });
  });
  std::vector<std::byte> data(6000);
  std::uint64_t wrong = 0;
  call_until_done(2, [&](std::uint64_t done, std::size_t size) {
    const ssize_t moved = ring.read(data.data(), size, GetParam());
    for (ssize_t i = 0; i < moved; ++i)
      wrong += data[static_cast<std::size_t>(i)] != byte_at(done + static_cast<std::uint64_t>(i));
    return moved;
  });
  EXPECT_EQ(wrong, 0U);
}

INSTANTIATE_TEST_SUITE_P(Waits, SharedRingOf, testing::Bool(),
                         [](const auto& sleeps) { return sleeps.param ? "Sleeping" : "Spinning"; });

TEST(OtherChannels, HaveTheCapacityThatTheySay) {
  const Pipe ring = Pipe::of(Transport::shared_memory, 1U << 20U, true);
  EXPECT_EQ(ring.capacity(), 1U << 20U);
  EXPECT_NE(ring.ring(), nullptr);
  const Pipe sockets = Pipe::of(Transport::socketpair, 65536, true);
  EXPECT_EQ(sockets.capacity(), 65536U);
  EXPECT_EQ(sockets.ring(), nullptr);
  const Pipe more = Pipe::of(Transport::socketpair, std::uint64_t{1} << 40U, true);
  EXPECT_LT(more.capacity(), std::uint64_t{1} << 40U) << "net.core.wmem_max";
  EXPECT_EQ(Pipe::of(Transport::pipe, 65536, true).capacity(), 65536U);
}

}  // namespace
}  // namespace pipebench
