#include "engine/ping_pong_end.hpp"

#include "engine/clock_price.hpp"
#include "pipebench/base/clock.hpp"

namespace pipebench {
namespace {

bool is_over(const End& end, const Link& link) noexcept {
  return end.tally().bytes >= link.control.final_bytes.load(std::memory_order_acquire);
}

}  // namespace

void PingPongEnd::begin_phase(unsigned number) {
  for (EndWork& end : ends()) end.end().begin(end.phase(number));
  if (work().report().role == Role::writer && number == 2)
    work().report().round_trip = ClockedTimes{.clock_ps = clock_price_ps()};
}

void PingPongEnd::move_bytes(unsigned number, Instruments* /*instruments*/) {
  const Link& there = work().stream().link(number);
  if (work().report().role == Role::writer) {
    auto& times = work().report().round_trip;
    send_and_await(there, times ? &*times : nullptr);
  } else {
    take_and_answer(there);
  }
  const std::uint64_t end_ns = monotonic_ns();
  for (EndWork& end : ends()) {
    end.report().tally = end.end().tally();
    end.report().tally.end_ns = end_ns;
  }
  // Where the thread waited, whichever way.
  Tally& tally = work().report().tally;
  tally.waits += back().report().tally.waits;
  tally.would_block += back().report().tally.would_block;
}

// The end of one round trip is the beginning of the next, so that each has one reading of the clock in it.
void PingPongEnd::send_and_await(const Link& there, ClockedTimes* times) {
  std::uint64_t before = monotonic_ns();
  do {
    if (!work().end().move_buffer() || !back().end().move_buffer()) return;
    const std::uint64_t now = monotonic_ns();
    if (times != nullptr) times->add(now - before);
    before = now;
  } while (!is_over(work().end(), there));
}

void PingPongEnd::take_and_answer(const Link& there) {
  do {
    if (!work().end().move_buffer() || !back().end().move_buffer()) return;
  } while (!is_over(work().end(), there));
}

}  // namespace pipebench
