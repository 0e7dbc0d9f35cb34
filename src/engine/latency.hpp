// How long bytes stay in the pipe (--latency): the writer leaves the time of each call in memory that both ends share,
// and the reader looks there what became of the bytes that it took. No byte of the stream is touched, so it works for
// every strategy, whether or not anybody can see the bytes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "pipebench/base/clock.hpp"
#include "pipebench/model/results.hpp"
#include "pipebench/stats/histogram.hpp"
#include "pipebench/strategies/end.hpp"
#include "pipebench/system/shared_array.hpp"

namespace pipebench {

/// A call of the writer: from which byte of the stream on it sent, and when it began.
struct SendTime {
  std::atomic<std::uint64_t> begin{0};
  std::atomic<std::uint64_t> ns{0};
};

/// Times in picoseconds, from which the price of the clock was subtracted.
struct ClockedTimes {
  std::uint64_t clock_ps = 0;
  Histogram ps = {};

  void add(std::uint64_t ns, std::uint64_t times = 1) noexcept {
    const std::uint64_t all_ps = ns * 1000;
    ps.add(all_ps - std::min(all_ps, clock_ps), times);
  }
};

/// What a sample records of them.
[[nodiscard]] Percentiles percentiles_of(const ClockedTimes& times);

/// How many calls a ring must have room for, a power of two: of each of them the reader may still have to look up at
/// least 4 KiB.
[[nodiscard]] std::size_t send_times_needed(const CaseSpec& spec, const PageSizes& sizes);

/// The writer's side. A call that ends no 4 KiB of the stream, or that moved nothing, gives its place to the next.
class DepartureClock final : public TransferClock {
 public:
  /// `ring`: a power of two of them, as they are made.
  explicit DepartureClock(std::span<SendTime> ring) noexcept : ring_(ring) {}
  void note(std::uint64_t sent) noexcept override { note_at(sent, monotonic_ns()); }
  void note_at(std::uint64_t sent, std::uint64_t ns) noexcept;

 private:
  std::span<SendTime> ring_;
  std::uint64_t call_ = 0;
  std::uint64_t begin_ = 0;  // of the call
};

/// The reader's side. Each 4 KiB count once, when their last byte is taken: from the beginning of the writer's call
/// that sent that byte.
class ArrivalClock final : public TransferClock {
 public:
  /// Both outlive it.
  ArrivalClock(std::span<const SendTime> ring, ClockedTimes& times) noexcept : ring_(ring), times_(times) {}
  void note(std::uint64_t taken) noexcept override { note_at(taken, monotonic_ns()); }
  void note_at(std::uint64_t taken, std::uint64_t now) noexcept;

 private:
  [[nodiscard]] const SendTime& at(std::uint64_t call) const noexcept { return ring_[call & (ring_.size() - 1)]; }

  std::span<const SendTime> ring_;
  ClockedTimes& times_;
  std::uint64_t call_ = 0;
  std::uint64_t begin_ = 0;  // of the call
  std::uint64_t taken_ = 0;
};

}  // namespace pipebench
