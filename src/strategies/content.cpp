#include "pipebench/strategies/content.hpp"

#include <algorithm>
#include <cstring>

namespace pipebench {
namespace {

constexpr std::size_t word = sizeof(std::uint64_t);

// The 8 bytes of the stream at an aligned offset. The factor is odd, so all offsets have different values; none is what
// new pages are filled with.
constexpr std::uint64_t stamp_at(std::uint64_t offset) noexcept { return (offset / word + 1) * 0x9E3779B97F4A7C15U; }

// Calls visit(done, inside, count, at) for each word of [offset, offset + size): its bytes [inside, inside + count) are
// at `done`, and it begins at offset `at`. The first and the last may be parts of words.
template <class Visit>
void for_each_word(std::size_t size, std::uint64_t offset, const Visit& visit) noexcept {
  for (std::size_t done = 0; done < size;) {
    const std::uint64_t at = offset + done;
    const std::size_t inside = at % word;
    const std::size_t count = std::min(word - inside, size - done);
    if (!visit(done, inside, count, at - inside)) return;
    done += count;
  }
}

}  // namespace

void number_pages(std::byte* data, std::size_t size, std::uint64_t offset) noexcept {
  constexpr std::size_t page = 4096;
  for (std::size_t at = 0; at + word <= size; at += page) {
    const std::uint64_t number = (offset + at) / page;
    std::memcpy(data + at, &number, word);
  }
}

void fill_fresh(std::byte* data, std::size_t size, std::uint64_t offset) noexcept {
  std::memset(data, static_cast<int>(offset / size % 251) + 1, size);
}

void stamp(std::byte* data, std::size_t size, std::uint64_t offset) noexcept {
  for_each_word(size, offset, [&](std::size_t done, std::size_t inside, std::size_t count, std::uint64_t at) {
    const std::uint64_t value = stamp_at(at);
    std::memcpy(data + done, reinterpret_cast<const std::byte*>(&value) + inside, count);
    return true;
  });
}

std::optional<Mismatch> find_mismatch(const std::byte* data, std::size_t size, std::uint64_t offset) noexcept {
  std::optional<Mismatch> mismatch;
  for_each_word(size, offset, [&](std::size_t done, std::size_t inside, std::size_t count, std::uint64_t at) {
    const std::uint64_t expected = stamp_at(at);
    std::uint64_t found = expected;
    std::memcpy(reinterpret_cast<std::byte*>(&found) + inside, data + done, count);
    if (found != expected) mismatch = Mismatch{.offset = at, .expected = expected, .found = found};
    return found == expected;
  });
  return mismatch;
}

std::uint64_t checksum(const std::byte* data, std::size_t size) noexcept {
  // Four sums, because a single chain of additions would take longer than the loads.
  std::uint64_t sums[4] = {};
  std::size_t at = 0;
  for (; at + 4 * word <= size; at += 4 * word) {
    std::uint64_t words[4];
    std::memcpy(words, data + at, sizeof words);
    for (int i = 0; i < 4; ++i) sums[i] += words[i];
  }
  for (; at < size; ++at) sums[0] += static_cast<std::uint64_t>(data[at]);
  return sums[0] + sums[1] + sums[2] + sums[3];
}

}  // namespace pipebench
