#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "system/perf/ring.hpp"

namespace pipebench {
namespace {

constexpr std::uint32_t sampled_thread = 1001;

/// A ring buffer as the kernel fills it.
class FakeRing {
 public:
  FakeRing(std::size_t bytes, std::uint64_t head) : bytes_(bytes), tail_(head), head_(head) {}

  void record(std::uint32_t type, const std::vector<std::uint64_t>& words, std::uint16_t misc = 0) {
    put(perf_event_header{.type = type, .misc = misc, .size = static_cast<std::uint16_t>(8 * (1 + words.size()))});
    for (const std::uint64_t word : words) put(word);
  }
  /// Address, length of the chain, chain.
  void sample(std::vector<std::uint64_t> words, std::uint16_t misc, std::uint32_t thread = sampled_thread) {
    constexpr std::uint32_t process = 1000;
    words.insert(words.begin() + 1, std::bit_cast<std::uint64_t>(std::array{process, thread}));
    record(PERF_RECORD_SAMPLE, words, misc);
  }
  void kernel_sample(std::initializer_list<std::uint64_t> words) { sample(words, PERF_RECORD_MISC_KERNEL); }
  template <class T>
  void put(const T& word) {
    static_assert(sizeof word == 8);
    std::memcpy(bytes_.data() + head_ % bytes_.size(), &word, sizeof word);
    head_ += sizeof word;
  }
  [[nodiscard]] StackSamples decoded(const std::vector<SampleMark>& marks = {}) const {
    return decode_ring(bytes_, tail_, head_, sampled_thread, marks);
  }
  [[nodiscard]] std::uint64_t head() const { return head_; }

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t tail_;
  std::uint64_t head_;
};

using Addresses = std::vector<std::uint64_t>;
constexpr auto context_kernel = static_cast<std::uint64_t>(PERF_CONTEXT_KERNEL);
constexpr auto context_user = static_cast<std::uint64_t>(PERF_CONTEXT_USER);

TEST(Ring, GivesKernelChainsFromTheLeafUp) {
  FakeRing ring(4096, 0);
  ring.kernel_sample({10, 3, context_kernel, 10, 20});
  const StackSamples samples = ring.decoded();
  ASSERT_EQ(samples.samples.size(), 1U);
  EXPECT_EQ(samples.samples[0].addresses, (Addresses{10, 20})) << "what marks the context is no address";
  EXPECT_FALSE(samples.samples[0].is_user);
  EXPECT_EQ(samples.samples[0].tag, no_tag);
  EXPECT_EQ(samples.lost, 0U);
  EXPECT_FALSE(samples.is_damaged);
}

TEST(Ring, HasNoAddressesForUserCode) {
  FakeRing ring(4096, 0);
  ring.sample({0x400000, 2, context_user, 0x400000}, PERF_RECORD_MISC_USER);
  ring.sample({0x400000, 0}, PERF_RECORD_MISC_USER);
  const StackSample expected{.is_user = true};
  EXPECT_EQ(ring.decoded().samples, (std::vector{expected, expected}));
}

TEST(Ring, KeepsTheAddressWhereThereIsNoChain) {
  FakeRing ring(4096, 0);
  ring.kernel_sample({10, 0});
  EXPECT_EQ(ring.decoded().samples.at(0).addresses, Addresses{10});
}

TEST(Ring, IsReadRoundItsEnd) {
  for (std::uint64_t from_end = 8; from_end <= 64; from_end += 8) {
    FakeRing ring(64, 640 - from_end);
    ring.kernel_sample({10, 4, context_kernel, 10, 20, 30});
    EXPECT_EQ(ring.decoded().samples.at(0).addresses, (Addresses{10, 20, 30})) << from_end;
  }
}

TEST(Ring, CountsWhatWasLostAndThrottled) {
  FakeRing ring(4096, 0);
  ring.record(PERF_RECORD_LOST, {7, 30});
  ring.record(PERF_RECORD_THROTTLE, {1, 2, 3});
  ring.record(PERF_RECORD_UNTHROTTLE, {1, 2, 3});
  ring.record(PERF_RECORD_LOST_SAMPLES, {12});
  ring.kernel_sample({10, 0});
  const StackSamples samples = ring.decoded();
  EXPECT_EQ(samples.lost, 42U);
  EXPECT_EQ(samples.throttled, 1U);
  EXPECT_EQ(samples.samples.size(), 1U);
}

TEST(Ring, SkipsRecordsOfUnknownTypes) {
  FakeRing ring(4096, 0);
  ring.record(4711, {1, 2, 3});
  ring.record(PERF_RECORD_COMM, {});
  ring.kernel_sample({10, 0});
  const StackSamples samples = ring.decoded();
  EXPECT_EQ(samples.samples.size(), 1U);
  EXPECT_FALSE(samples.is_damaged);
}

TEST(Ring, KeepsWhatCameBeforeARecordThatMakesNoSense) {
  const std::vector<perf_event_header> senseless{
      {.type = PERF_RECORD_SAMPLE, .misc = 0, .size = 0},     // would never end
      {.type = PERF_RECORD_SAMPLE, .misc = 0, .size = 20},    // not a multiple of 8
      {.type = PERF_RECORD_SAMPLE, .misc = 0, .size = 24},    // no room for what a sample holds
      {.type = PERF_RECORD_SAMPLE, .misc = 0, .size = 4096},  // ends behind the head
      {.type = PERF_RECORD_LOST, .misc = 0, .size = 8},
  };
  for (const perf_event_header& header : senseless) {
    FakeRing ring(4096, 0);
    ring.kernel_sample({10, 0});
    ring.put(header);
    for (std::uint64_t word = 0; word < 8; ++word) ring.put(word);
    const StackSamples samples = ring.decoded();
    EXPECT_TRUE(samples.is_damaged) << header.type << " " << header.size;
    EXPECT_EQ(samples.samples.size(), 1U);
  }
}

TEST(Ring, DoesNotFollowAChainLongerThanItsRecord) {
  FakeRing ring(4096, 0);
  ring.kernel_sample({10, 0x2000000000000000, 10});
  EXPECT_TRUE(ring.decoded().is_damaged);
}

TEST(Ring, LeavesOutOtherThreads) {
  FakeRing ring(4096, 0);
  ring.sample({10, 0}, PERF_RECORD_MISC_KERNEL, sampled_thread + 1);
  ring.kernel_sample({20, 0});
  ring.sample({30, 0}, PERF_RECORD_MISC_KERNEL, 0);  // idle
  const StackSamples samples = ring.decoded();
  ASSERT_EQ(samples.samples.size(), 1U);
  EXPECT_EQ(samples.samples[0].addresses, Addresses{20});
  EXPECT_FALSE(samples.is_damaged);
}

TEST(Ring, GivesSamplesToTheMarkBehindThem) {
  FakeRing ring(4096, 8000);
  ring.kernel_sample({1, 0});
  ring.kernel_sample({2, 0});
  const std::uint64_t first = ring.head();
  ring.kernel_sample({3, 0});
  const std::uint64_t second = ring.head();
  ring.kernel_sample({4, 0});
  const auto samples = ring.decoded({{.head = first, .tag = 0}, {.head = second, .tag = 1}}).samples;
  ASSERT_EQ(samples.size(), 4U);
  EXPECT_EQ(samples[0].tag, 0);
  EXPECT_EQ(samples[1].tag, 0);
  EXPECT_EQ(samples[2].tag, 1);
  EXPECT_EQ(samples[3].tag, no_tag);
}

}  // namespace
}  // namespace pipebench
