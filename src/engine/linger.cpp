#include "engine/linger.hpp"

#include <algorithm>

#include "pipebench/base/clock.hpp"
#include "pipebench/strategies/waiting.hpp"

namespace pipebench {

// Stamping a buffer takes well below a nanosecond a byte; waking a writer, tens of microseconds.
Linger::Linger(const Link& link, const CaseSpec& spec) noexcept
    : link_(&link), quiet_ns_(std::clamp<std::uint64_t>(spec.buffer_bytes, 500'000, 200'000'000)) {}

void Linger::operator()() noexcept {
  constexpr std::uint64_t always = 64;
  constexpr std::uint64_t one_in = 17;
  if (calls_++ >= always && calls_ % one_in != 0) return;
  std::uint64_t seen = 0;
  for (std::uint64_t since = monotonic_ns(); monotonic_ns() - since < quiet_ns_;) {
    const std::uint64_t produced = link_->produced.bytes.load(std::memory_order_acquire);
    if (link_->aborted() || produced >= link_->control.final_bytes.load(std::memory_order_acquire)) return;
    if (produced != seen) since = monotonic_ns();
    seen = produced;
    pause_briefly();  // the writer may need this CPU
  }
}

}  // namespace pipebench
