// The numbers that verification writes, and what they give away.
#include "pipebench/strategies/content.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace pipebench {
namespace {

constexpr std::size_t page = 4096;

std::vector<std::byte> stamped(std::size_t size, std::uint64_t offset = 0) {
  std::vector<std::byte> bytes(size);
  stamp(bytes.data(), bytes.size(), offset);
  return bytes;
}

std::optional<Mismatch> look(const std::vector<std::byte>& bytes, std::uint64_t offset = 0) {
  return find_mismatch(bytes.data(), bytes.size(), offset);
}

TEST(Stamps, AreFoundIntactWhereverTheStreamIsCut) {
  const auto bytes = stamped(4 * page);
  for (const std::size_t cut : {1U, 7U, 8U, 100U, 4096U, 9001U}) {
    for (std::size_t at = 0; at < bytes.size(); at += cut) {
      EXPECT_FALSE(find_mismatch(bytes.data() + at, std::min(cut, bytes.size() - at), at)) << cut << " at " << at;
    }
  }
}

TEST(Stamps, AreTheSameWhetherWrittenAtOnceOrInOddPieces) {
  const auto whole = stamped(1000);
  std::vector<std::byte> pieces(1000);
  for (std::size_t at = 0; at < 1000; at += 13) stamp(pieces.data() + at, std::min<std::size_t>(13, 1000 - at), at);
  EXPECT_EQ(whole, pieces);
}

TEST(Stamps, GiveAwayEverySingleByte) {
  for (std::size_t at = 0; at < page; ++at) {
    auto bytes = stamped(page);
    bytes[at] ^= std::byte{1};
    const auto mismatch = look(bytes);
    ASSERT_TRUE(mismatch) << at;
    EXPECT_EQ(mismatch->offset, at / 8 * 8);
    EXPECT_NE(mismatch->found, mismatch->expected);
  }
}

TEST(Stamps, GiveAwayALostPage) {
  auto bytes = stamped(8 * page);
  bytes.erase(bytes.begin() + 3 * page, bytes.begin() + 4 * page);
  const auto mismatch = look(bytes);
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->offset, 3 * page);
}

TEST(Stamps, GiveAwaySwappedPages) {
  auto bytes = stamped(8 * page);
  std::swap_ranges(bytes.begin() + 2 * page, bytes.begin() + 3 * page, bytes.begin() + 5 * page);
  const auto mismatch = look(bytes);
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->offset, 2 * page);
}

TEST(Stamps, GiveAwayAPageThatComesTwice) {
  auto bytes = stamped(4 * page);
  std::copy_n(bytes.begin(), page, bytes.begin() + page);
  const auto mismatch = look(bytes);
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->offset, page);
}

TEST(Stamps, GiveAwayBytesOfAnEarlierRotation) {
  auto bytes = stamped(4 * page, 1024 * page);
  stamp(bytes.data() + 2 * page, page, 2 * page);  // what the same buffer held before
  const auto mismatch = look(bytes, 1024 * page);
  ASSERT_TRUE(mismatch);
  EXPECT_EQ(mismatch->offset, 1026 * page);
}

TEST(FreshBytes, AreAllRewrittenAndDifferFromBufferToBuffer) {
  std::vector<std::byte> bytes(page, std::byte{0});
  fill_fresh(bytes.data(), page, 0);
  EXPECT_EQ(std::ranges::count(bytes, std::byte{0}), 0);
  const auto first = bytes;
  fill_fresh(bytes.data(), page, page);
  for (std::size_t i = 0; i < page; ++i) ASSERT_NE(bytes[i], first[i]) << i;
}

TEST(PageNumbers, CountThePagesOfTheStream) {
  std::vector<std::byte> bytes(3 * page);
  number_pages(bytes.data(), bytes.size(), 7 * page);
  for (std::uint64_t i = 0; i < 3; ++i) {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data() + i * page, sizeof number);
    EXPECT_EQ(number, 7 + i);
  }
}

TEST(Checksum, LooksAtEveryByte) {
  for (const std::size_t size : {1U, 31U, 32U, 33U, 4096U}) {
    std::vector<std::byte> bytes(size, std::byte{1});
    const auto before = checksum(bytes.data(), size);
    for (std::size_t at = 0; at < size; ++at) {
      auto changed = bytes;
      changed[at] = std::byte{2};
      EXPECT_NE(checksum(changed.data(), size), before) << at << " of " << size;
    }
  }
}

}  // namespace
}  // namespace pipebench
