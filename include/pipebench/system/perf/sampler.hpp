// Samples of where the calling thread spends its time: kernel call chains at a given rate, into a ring buffer that the
// thread itself reads when it is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "pipebench/model/profile.hpp"
#include "pipebench/system/perf/event.hpp"

namespace pipebench {

inline constexpr int no_tag = -1;

/// One sample.
struct StackSample {
  /// Kernel addresses, from where it was to the system call's entry: the first is the instruction itself, the others
  /// are return addresses. Empty in user code.
  std::vector<std::uint64_t> addresses = {};
  bool is_user = false;
  int tag = no_tag;  ///< of StackSampler::attribute()
  bool operator==(const StackSample&) const = default;
};

struct StackSamples {
  std::vector<StackSample> samples = {};
  /// For which the ring buffer had no room; empty where that is not known: before Linux 6.0, with a buffer that is
  /// full; where a whole CPU is sampled, and some were lost, which may have been of other threads.
  std::optional<std::uint64_t> lost = 0;
  std::uint64_t throttled = 0;  ///< times that the kernel paused sampling: the rate is too high for it
  bool is_damaged = false;      ///< records that make no sense: what follows them is missing
};

/// Up to which byte that the ring buffer ever held samples belong to a tag.
struct SampleMark {
  std::uint64_t head;
  int tag;
};

inline constexpr CountedEvent cpu_clock{"cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK};

struct SamplerOptions {
  /// At most kernel.perf_event_max_sample_rate is used. What this rate costs is in docs/measuring.md, "Where the
  /// time goes". No timer of the kernel or of a program beats in step with it.
  std::uint64_t frequency_hz = 499;
  /// To which the thread is pinned. Where the user may sample whole CPUs, all that runs there is sampled, and what is
  /// of other threads is dropped: that costs nothing at switches of threads.
  std::optional<int> cpu = {};
  /// That sample at the same time, this one included. Where the user may lock little memory, each takes its share of
  /// it.
  std::size_t threads = 1;
  double seconds = 1;  ///< how long samples are taken between two calls of collect(): sizes the ring buffer
  /// The first that the machine has. cpu-clock is an interrupt of a timer: code that runs with interrupts off is
  /// charged to what turns them on again.
  std::vector<CountedEvent> events = {hardware_events[0], cpu_clock};
  std::filesystem::path root = "/";  ///< as for explain_refusal()
};

/// Samples the thread that makes it, not those that it starts. All calls are for that thread, so that there is nothing
/// to synchronise: the kernel writes to the buffer only while the thread, or its CPU, runs. No thread is woken.
class StackSampler {
 public:
  /// Opens, stopped. Never throws for what is refused: see refusal(). Then the other functions do nothing.
  explicit StackSampler(const SamplerOptions& options = {});
  ~StackSampler();
  StackSampler(const StackSampler&) = delete;
  StackSampler& operator=(const StackSampler&) = delete;

  /// Why there are no samples; empty where there are. PerfObstacle::not_allowed: user and system seconds
  /// (read_thread_usage()) are all that can be had.
  [[nodiscard]] const std::optional<PerfRefusal>& refusal() const { return refusal_; }
  [[nodiscard]] std::string_view event() const { return event_name_; }  ///< what is sampled; empty when refused
  [[nodiscard]] EventScope scope() const { return is_of_cpu_ ? EventScope::cpu : EventScope::thread; }
  [[nodiscard]] std::uint64_t frequency_hz() const { return frequency_hz_; }
  [[nodiscard]] std::size_t ring_bytes() const { return ring_bytes_; }  ///< smaller than wanted where memory is short

  /// Throw SystemError.
  void start();
  void stop();

  /// Samples since the last call belong to `tag` (0 or more). For a thread that does one thing after the other: one
  /// load and a comparison, unless a sample was taken.
  void attribute(int tag) {
    const std::uint64_t head = __atomic_load_n(head_, __ATOMIC_RELAXED);
    if (head != marked_) mark(head, tag);
  }

  /// All samples since the last call, oldest first. Only while stopped. Throws SystemError.
  [[nodiscard]] StackSamples collect();

 private:
  void open(const SamplerOptions& options);
  void map(std::size_t wanted_bytes, const SamplerOptions& options);
  void mark(std::uint64_t head, int tag);
  [[nodiscard]] std::optional<std::uint64_t> newly_lost(std::uint64_t in_records, std::uint64_t used_bytes);

  PerfEvent sampled_;
  std::optional<PerfRefusal> refusal_;
  std::string_view event_name_;
  std::uint64_t frequency_hz_ = 0;
  bool counts_lost_ = false;  ///< read() tells how many samples were lost
  bool is_of_cpu_ = false;    ///< the event, which then has samples of other threads, too
  std::uint64_t lost_ = 0;    ///< as read() told last

  perf_event_mmap_page* page_ = nullptr;  ///< the buffer follows it
  std::size_t mapped_bytes_ = 0;
  std::size_t ring_bytes_ = 0;
  __u64 no_head_ = 0;
  /// data_head of the mapped page: bytes that the buffer ever held.
  __u64* head_ = &no_head_;
  std::uint64_t marked_ = 0;
  std::vector<SampleMark> marks_;
};

}  // namespace pipebench
