#include "engine/latency.hpp"

#include <algorithm>
#include <bit>

namespace pipebench {
namespace {

constexpr std::uint64_t unit = 4096;

}  // namespace

Percentiles percentiles_of(const ClockedTimes& times) {
  Percentiles found{.count = times.ps.count(), .clock_ns = static_cast<double>(times.clock_ps) / 1000};
  if (*found.count == 0) return found;
  const auto ns = [&](double quantile) { return times.ps.quantile(quantile) / 1000; };
  found.p50_ns = ns(0.5);
  found.p90_ns = ns(0.9);
  found.p99_ns = ns(0.99);
  found.p999_ns = ns(0.999);
  found.max_ns = ns(1);
  return found;
}

// Under way are at most what the pipes hold, what the reader took in the call that it is about to note, and what the
// writer is about to send. Each call but the last has ended 4 KiB at least; those of one call need not begin with one.
std::size_t send_times_needed(const CaseSpec& spec, const PageSizes& sizes) {
  const std::uint64_t under_way = spec.stripe * spec.pipe_payload_bytes(sizes) + 2 * spec.depth * spec.buffer_bytes;
  return std::bit_ceil(under_way / unit + 4);
}

void DepartureClock::note_at(std::uint64_t sent, std::uint64_t ns) noexcept {
  if (sent / unit != begin_ / unit) ++call_;
  begin_ = sent;
  SendTime& time = ring_[call_ & (ring_.size() - 1)];
  // The time first: a reader that goes by `begin` finds the time that belongs to it. It has taken bytes of this call by
  // then, so neither changes any more.
  time.ns.store(ns, std::memory_order_relaxed);
  time.begin.store(sent, std::memory_order_release);
}

// What is left in the next place from the last time round begins before this call.
void ArrivalClock::note_at(std::uint64_t taken, std::uint64_t now) noexcept {
  while (taken_ < taken) {
    const std::uint64_t next = at(call_ + 1).begin.load(std::memory_order_acquire);
    const bool is_sent = next > begin_;
    if (is_sent && next <= taken_) {
      ++call_;
      begin_ = next;
      continue;
    }
    const std::uint64_t end = is_sent ? std::min(next, taken) : taken;
    const std::uint64_t units = end / unit - taken_ / unit;
    const std::uint64_t sent_ns = at(call_).ns.load(std::memory_order_relaxed);
    if (units > 0) times_.add(now - std::min(now, sent_ns), units);
    taken_ = end;
  }
}

}  // namespace pipebench
