#include "pipebench/engine/handover.hpp"

#include <ctime>
#include <thread>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/system/conditions.hpp"

namespace pipebench {
namespace {

// Long enough for a thread that has to wait for its turn on a busy CPU.
constexpr std::uint64_t patience_ns = 20'000'000;

// Returns sooner when a signal comes.
void sleep_until(std::uint64_t ns) {
  const std::uint64_t now = monotonic_ns();
  if (now >= ns) return;
  const timespec pause{.tv_sec = static_cast<std::time_t>((ns - now) / 1'000'000'000),
                       .tv_nsec = static_cast<long>((ns - now) % 1'000'000'000)};
  ::nanosleep(&pause, nullptr);
}

}  // namespace

std::optional<double> measure_handover(const Topology& topology, int first, int second) {
  HandoverShare share;
  std::optional<double> ns;
  const auto on_cpu = [&](int cpu, const auto& work) {
    return std::jthread([&topology, &share, cpu, work] {
      try {
        topology.pin_this_thread(cpu);
        work();
      } catch (const SystemError&) {
        share.give_up();  // it is offline by now, or not allowed any more
      }
    });
  };
  {
    const std::jthread leader = on_cpu(first, [&] { ns = lead_handover(share, patience_ns); });
    const std::jthread follower = on_cpu(second, [&] { follow_handover(share, patience_ns); });
  }
  return ns;
}

bool measure_handovers(std::span<HandoverReadings> pairs, unsigned passes, double seconds_apart,
                       const MeasureHandover& measure, const std::atomic<int>& interrupt) {
  if (pairs.empty()) return true;
  std::uint64_t next_ns = monotonic_ns();
  for (unsigned pass = 0; pass < passes; ++pass) {
    sleep_until(next_ns);
    next_ns = monotonic_ns() + static_cast<std::uint64_t>(seconds_apart * 1e9);
    for (HandoverReadings& pair : pairs) {
      if (interrupt.load(std::memory_order_relaxed) != 0) return false;
      if (const auto ns = measure(pair.first, pair.second)) pair.ns.push_back(*ns);
    }
  }
  return true;
}

}  // namespace pipebench
