#include "pipebench/system/conditions.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <string>

#include "pipebench/base/clock.hpp"
#include "system/kernel_text.hpp"

namespace pipebench {

// ---------------------------------------------------------------------------------------------- hand-over

/// One thread's part. Turns count up: the leader makes them odd, the follower even, and the last says that it is over.
class HandoverTurns {
 public:
  HandoverTurns(HandoverShare& share, std::uint64_t limit_ns) noexcept
      : share_(share), deadline_ns_(monotonic_ns() + limit_ns) {}

  std::optional<double> lead() noexcept {
    std::optional<double> best;
    if (!arrive(share_.leader_cpu_, share_.follower_cpu_) || !batch(1)) return best;  // the first answer may be late
    for (int i = 0; i < most_batches; ++i) {
      const std::uint64_t since = monotonic_ns();
      if (!batch(round_trips)) break;
      const double ns = static_cast<double>(monotonic_ns() - since) / (2 * round_trips);
      best = best ? std::min(*best, ns) : ns;
    }
    share_.turn_.store(over, std::memory_order_release);
    return best;
  }

  void follow() noexcept {
    if (!arrive(share_.follower_cpu_, share_.leader_cpu_)) return;
    for (std::uint32_t turn = 1; await(turn) == turn; turn += 2)
      share_.turn_.store(turn + 1, std::memory_order_release);
  }

 private:
  static constexpr std::uint32_t round_trips = 50;
  static constexpr int most_batches = 16;
  static constexpr std::uint32_t over = std::numeric_limits<std::uint32_t>::max();

  // False: the other thread did not arrive in time, or runs on this CPU.
  bool arrive(std::atomic<int>& own, const std::atomic<int>& other) noexcept {
    own.store(::sched_getcpu(), std::memory_order_release);
    return spin([&] { return other.load(std::memory_order_acquire) >= 0; }) && own.load() != other.load();
  }

  bool batch(std::uint32_t trips) noexcept {
    for (std::uint32_t i = 0; i < trips; ++i) {
      share_.turn_.store(turn_ + 1, std::memory_order_release);
      if (!await(turn_ + 2)) return false;
      turn_ += 2;
    }
    return true;
  }

  // This turn, or `over`, whichever comes; empty: given up.
  std::optional<std::uint32_t> await(std::uint32_t turn) noexcept {
    std::uint32_t seen = 0;
    const bool came = spin([&] {
      seen = share_.turn_.load(std::memory_order_acquire);
      return seen == turn || seen == over;
    });
    return came ? std::optional(seen) : std::nullopt;
  }

  // Without a pause instruction, whose length (up to 140 cycles) would be in the figure. The clock and the flag are
  // looked at only after a wait that is longer than a hand-over.
  template <class Condition>
  bool spin(const Condition& condition) noexcept {
    constexpr unsigned looks = 1024;
    for (;;) {
      for (unsigned i = 0; i < looks; ++i)
        if (condition()) return true;
      if (share_.given_up_.load(std::memory_order_relaxed)) return false;
      if (monotonic_ns() > deadline_ns_) share_.give_up();  // or the other would wait until its own time is over
    }
  }

  HandoverShare& share_;
  std::uint64_t deadline_ns_;
  std::uint32_t turn_ = 0;
};

std::optional<double> lead_handover(HandoverShare& share, std::uint64_t limit_ns) noexcept {
  return HandoverTurns(share, limit_ns).lead();
}

void follow_handover(HandoverShare& share, std::uint64_t limit_ns) noexcept { HandoverTurns(share, limit_ns).follow(); }

// ---------------------------------------------------------------------------------------------- speed of a CPU

namespace {

constexpr unsigned adds_at_once = 64;

// In assembly, so that no compiler shortens it, and of registers: some CPUs add small constants without executing
// anything (Intel's Golden Cove, when it renames registers).
void add_in_a_chain(std::uint64_t& sum, std::uint64_t step) noexcept {
#if defined(__x86_64__)
  asm volatile(".rept %c2\n\tadd %1, %0\n\t.endr" : "+r"(sum) : "r"(step), "i"(adds_at_once) : "cc");
#elif defined(__aarch64__)
  asm volatile(".rept %c2\n\tadd %0, %0, %1\n\t.endr" : "+r"(sum) : "r"(step), "i"(adds_at_once));
#else
  for (unsigned i = 0; i < adds_at_once; ++i) {
    sum += step;
    asm volatile("" : "+r"(sum));
  }
#endif
}

}  // namespace

double measure_ns_per_add() noexcept {
  constexpr std::uint64_t wanted_ns = 200'000;
  constexpr unsigned least_batches = 3;
  constexpr unsigned repeats = 800;  // some 12 us
  const std::uint64_t begin = monotonic_ns();
  std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t since = begin;
  std::uint64_t sum = 0;
  for (unsigned batch = 0; batch < least_batches || since - begin < wanted_ns; ++batch) {
    for (unsigned i = 0; i < repeats; ++i) add_in_a_chain(sum, 1);
    const std::uint64_t now = monotonic_ns();
    shortest = std::min(shortest, now - since);
    since = now;
  }
  return static_cast<double>(shortest) / (repeats * adds_at_once);
}

// ---------------------------------------------------------------------------------------------- what the kernel tells

std::optional<double> read_steal_seconds(std::span<const int> cpus, const std::filesystem::path& root) {
  std::ifstream stat(root / "proc/stat");
  std::uint64_t ticks = 0;
  std::size_t found = 0;
  for (std::string line; std::getline(stat, line) && line.starts_with("cpu");) {
    // cpuN user nice system idle iowait irq softirq steal ...
    std::istringstream words(line.substr(3));
    int cpu = 0;
    std::uint64_t value = 0;
    if (line.starts_with("cpu ") || !(words >> cpu) || std::ranges::find(cpus, cpu) == cpus.end()) continue;
    for (int i = 0; i < 8; ++i) words >> value;
    if (!words) return std::nullopt;
    ticks += value;
    ++found;
  }
  if (cpus.empty() || found != cpus.size()) return std::nullopt;
  return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::optional<double> read_frequency_hz(int cpu, const std::filesystem::path& root) {
  const auto file = root / fmt::format("sys/devices/system/cpu/cpu{}/cpufreq/scaling_cur_freq", cpu);
  const auto khz = parse_number<std::uint64_t>(read_line(file).value_or(""));
  if (!khz || *khz == 0) return std::nullopt;
  return static_cast<double>(*khz) * 1000;
}

}  // namespace pipebench
