// How long bytes stay in the pipe, by the calls of both ends, at times that the tests choose.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <random>
#include <vector>

#include "engine/latency.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t page = 4096;
constexpr double tolerance = 0.004;  // of the histogram

/// A ring, and both ends' clocks.
template <std::size_t size>
struct Clocks {
  std::array<SendTime, size> ring{};
  ClockedTimes times;
  DepartureClock departures{ring};
  ArrivalClock arrivals{ring, times};
};

void expect_ns(const std::optional<double>& found, double expected) {
  ASSERT_TRUE(found);
  EXPECT_NEAR(*found, expected, expected * tolerance);
}

TEST(Latency, IsThatOfTheCallThatSentThePage) {
  Clocks<8> clocks;
  clocks.departures.note_at(0, 1000);  // two pages
  clocks.departures.note_at(2 * page, 2000);
  clocks.arrivals.note_at(page, 1500);  // 500 ns
  EXPECT_EQ(clocks.times.ps.count(), 1U);
  expect_ns(percentiles_of(clocks.times).max_ns, 500);
  clocks.arrivals.note_at(3 * page, 3000);  // 2000 and 1000 ns
  const Percentiles found = percentiles_of(clocks.times);
  EXPECT_EQ(found.count, 3U);
  expect_ns(found.p50_ns, 1000);
  expect_ns(found.max_ns, 2000);
}

TEST(Latency, BeginsAnewWithACallThatIsRepeated) {
  Clocks<8> clocks;
  clocks.departures.note_at(0, 1000);
  clocks.departures.note_at(0, 5000);  // the first had no room
  clocks.arrivals.note_at(page, 6000);
  expect_ns(percentiles_of(clocks.times).max_ns, 1000);
}

TEST(Latency, OfAPageInPiecesIsThatOfTheLast) {
  Clocks<4> clocks;
  for (std::uint64_t call = 0; call < 5; ++call)
    clocks.departures.note_at(call * 1000, 100 * call);  // the 4096th is in the last
  clocks.arrivals.note_at(4000, 1000);
  EXPECT_EQ(clocks.times.ps.count(), 0U) << "the page is not whole";
  clocks.arrivals.note_at(5000, 1400);
  EXPECT_EQ(clocks.times.ps.count(), 1U);
  expect_ns(percentiles_of(clocks.times).max_ns, 1000);
}

TEST(Latency, IsNoneOfLessThanAPage) {
  Clocks<4> clocks;
  clocks.departures.note_at(0, 1);
  clocks.arrivals.note_at(page - 1, 2);
  const Percentiles found = percentiles_of(clocks.times);
  EXPECT_EQ(found.count, 0U);
  EXPECT_FALSE(found.p50_ns);
  EXPECT_TRUE(found.clock_ns);
}

TEST(Latency, LacksThePriceOfTheClock) {
  Clocks<4> clocks;
  clocks.times.clock_ps = 30'000;
  clocks.departures.note_at(0, 100);
  clocks.arrivals.note_at(page, 330);
  const Percentiles found = percentiles_of(clocks.times);
  expect_ns(found.p50_ns, 200);
  EXPECT_EQ(found.clock_ns, 30);
  clocks.departures.note_at(page, 400);
  clocks.arrivals.note_at(2 * page, 410);
  EXPECT_EQ(clocks.times.ps.quantile(0), 0) << "no less than nothing";
}

TEST(Latency, HasThePercentilesOfAllPages) {
  Clocks<4> clocks;
  for (std::uint64_t i = 0; i < 10'000; ++i) {  // 1 to 10000 us
    clocks.departures.note_at(i * page, 0);
    clocks.arrivals.note_at((i + 1) * page, (i + 1) * 1000);
  }
  const Percentiles found = percentiles_of(clocks.times);
  EXPECT_EQ(found.count, 10'000U);
  expect_ns(found.p50_ns, 5000e3);
  expect_ns(found.p90_ns, 9000e3);
  expect_ns(found.p99_ns, 9900e3);
  expect_ns(found.p999_ns, 9990e3);
  expect_ns(found.max_ns, 10'000e3);
}

/// A pipe of calls of any sizes, and when each byte was sent, written down byte by byte.
class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed) {}
  std::uint64_t up_to(std::uint64_t most) { return random_() % most + 1; }

  template <std::size_t size>
  void run(Clocks<size>& clocks, std::uint64_t under_way, std::uint64_t most_at_once) {
    for (int step = 0; step < 4000; ++step) {
      now_ += up_to(1'000'000);
      if (const std::uint64_t room = under_way - (sent_at_.size() - taken_); room > 0 && random_() % 2 == 0) {
        clocks.departures.note_at(sent_at_.size(), now_);
        if (random_() % 4 == 0) continue;  // it would have blocked
        sent_at_.resize(sent_at_.size() + std::min(room, up_to(most_at_once)), now_);
      } else if (taken_ < sent_at_.size()) {
        take(std::min(sent_at_.size() - taken_, up_to(most_at_once)));
        clocks.arrivals.note_at(taken_, now_);
      }
    }
  }
  Histogram expected_ps;

 private:
  void take(std::uint64_t bytes) {
    for (; bytes > 0; --bytes) {
      if (++taken_ % page == 0) expected_ps.add((now_ - sent_at_[taken_ - 1]) * 1000);
    }
  }
  std::mt19937_64 random_;
  std::vector<std::uint64_t> sent_at_;
  std::uint64_t taken_ = 0;
  std::uint64_t now_ = 0;
};

TEST(Latency, IsThatOfEveryLastByteWhateverTheCalls) {
  for (const std::uint64_t most_at_once : {std::uint64_t{100}, page, 3 * page + 7}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      CaseSpec spec;
      spec.pipe_bytes = 8 * page;
      spec.buffer_bytes = most_at_once;
      Clocks<64> clocks;
      ASSERT_GE(clocks.ring.size(), send_times_needed(spec, {}));
      Model model(seed);
      model.run(clocks, 8 * page, most_at_once);
      EXPECT_EQ(clocks.times.ps.counts(), model.expected_ps.counts()) << most_at_once << ' ' << seed;
    }
  }
}

TEST(SendTimes, AreAsManyAsPagesMayBeUnderWay) {
  CaseSpec spec;
  spec.pipe_bytes = 1U << 20U;
  spec.buffer_bytes = 1U << 16U;
  const std::size_t one = send_times_needed(spec, {});
  EXPECT_TRUE(std::has_single_bit(one));
  EXPECT_GE(one, 256U + 16U);
  spec.stripe = 4;
  EXPECT_GE(send_times_needed(spec, {}), 4 * 256U);
  spec.pages = Pages::skb;  // eight pages a slot
  EXPECT_GE(send_times_needed(spec, {}), 4 * 8 * 256U);
}

}  // namespace
}  // namespace pipebench
