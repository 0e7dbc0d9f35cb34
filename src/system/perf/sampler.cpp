#include "pipebench/system/perf/sampler.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <limits>
#include <utility>

#include "pipebench/base/plural.hpp"
#include "system/kernel_text.hpp"
#include "system/perf/ring.hpp"
#include "system/user_namespace.hpp"

namespace pipebench {
namespace {

constexpr double typical_sample_bytes = 256;            // some 25 frames
constexpr std::size_t largest_sample_bytes = 8 * 1024;  // frames are at most kernel.perf_event_max_stack, 127
constexpr std::size_t smallest_ring_bytes = 16 * 1024;
constexpr std::size_t largest_ring_bytes = 16 * 1024 * 1024;

std::uint64_t highest_rate(const std::filesystem::path& root) {
  const auto rate = read_line(root / "proc/sys/kernel/perf_event_max_sample_rate");
  return rate ? parse_number<std::uint64_t>(*rate).value_or(0) : 0;
}

perf_event_attr attr_of(const CountedEvent& event, std::uint64_t frequency_hz) {
  perf_event_attr attr{};
  attr.type = event.type;
  attr.config = event.config;
  attr.freq = 1;
  attr.sample_freq = frequency_hz;
  attr.sample_type = ring_sample_type;
  attr.exclude_callchain_user = 1;
  attr.exclude_hv = 1;
  // Of a CPU's event, samples of its idle time would only fill the buffer. Cycles end when it idles, and arm64 refuses
  // to leave its idle task out (armv8pmu_set_event_filter() in drivers/perf/arm_pmuv3.c).
  attr.exclude_idle = event.type == PERF_TYPE_SOFTWARE;
  attr.disabled = 1;
  // No thread waits for samples: a wake-up at each half of the buffer would be an interrupt for nothing.
  attr.watermark = 1;
  attr.wakeup_watermark = std::numeric_limits<std::uint32_t>::max();
  attr.read_format = PERF_FORMAT_LOST;
  return attr;
}

/// That of a thread is stopped and started at each of its switches, which means to program a timer twice; that of a CPU
/// goes on.
PerfEvent open_event(const perf_event_attr& attr, std::optional<int> cpu, bool& is_of_cpu) {
  PerfEvent event = cpu ? PerfEvent::of_cpu(attr, *cpu) : PerfEvent();
  is_of_cpu = static_cast<bool>(event);
  if (!event) event = PerfEvent::of_this_thread(attr);
  return event;
}

constexpr std::uint64_t kib = 1024;

std::optional<std::uint64_t> mlock_kib(const std::filesystem::path& root) {
  return parse_number<std::uint64_t>(read_line(root / "proc/sys/kernel/perf_event_mlock_kb").value_or(""));
}

std::uint64_t online_cpus() { return static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))); }

/// Of memory that this process may lock.
std::uint64_t memlock_bytes() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

/// What all buffers of this user may take together; empty: any amount, or nothing tells. perf_mmap() in
/// kernel/events/core.c: what goes beyond the setting for each CPU counts as locked memory.
std::optional<std::uint64_t> budget_bytes(const std::filesystem::path& root) {
  constexpr unsigned ipc_lock = 14;
  const auto paranoid = parse_number<int>(read_line(root / "proc/sys/kernel/perf_event_paranoid").value_or(""));
  if (paranoid.value_or(0) < 0 || memlock_bytes() == RLIM_INFINITY) return std::nullopt;
  if (is_capable_of_any(capability_bit(ipc_lock), root)) return std::nullopt;
  const auto for_each_cpu = mlock_kib(root);
  return for_each_cpu ? std::optional(*for_each_cpu * kib * online_cpus() + memlock_bytes()) : std::nullopt;
}

PerfRefusal no_memory_to_lock(const std::filesystem::path& root) {
  constexpr std::uint64_t usually_enough_kib = 4096;
  const std::uint64_t limit = memlock_bytes(), for_each_cpu = mlock_kib(root).value_or(0);
  return {.obstacle = PerfObstacle::other,
          .code = EPERM,
          .finding = {.what = "A buffer for samples may not be locked in memory.",
                      .why = fmt::format(
                          "All buffers of this user share kernel.perf_event_mlock_kb, {} KiB for each of {}: those of "
                          "both ends, and of other programs. What goes beyond that counts as locked memory, of which "
                          "{} are allowed (ulimit -l).",
                          for_each_cpu, counted(online_cpus(), "CPU"),
                          limit == RLIM_INFINITY ? "any number of KiB" : fmt::format("{} KiB", limit / kib)),
                      .mend = fmt::format("sysctl -w kernel.perf_event_mlock_kb={}",
                                          std::max(usually_enough_kib, 2 * for_each_cpu)),
                      .advice = "It may be enough to stop other programs of this user that sample."}};
}

}  // namespace

StackSampler::StackSampler(const SamplerOptions& options) : frequency_hz_(options.frequency_hz) {
  if (const std::uint64_t highest = highest_rate(options.root); highest > 0)
    frequency_hz_ = std::min(frequency_hz_, highest);
  open(options);
  if (refusal_) return;
  const double samples = static_cast<double>(frequency_hz_) * options.seconds;
  const double wanted = std::clamp(samples * typical_sample_bytes, static_cast<double>(smallest_ring_bytes),
                                   static_cast<double>(largest_ring_bytes));
  map(std::bit_ceil(static_cast<std::size_t>(wanted)), options);
}

StackSampler::~StackSampler() {
  if (page_ != nullptr) ::munmap(page_, mapped_bytes_);
}

void StackSampler::open(const SamplerOptions& options) {
  for (const CountedEvent& event : options.events) {
    perf_event_attr attr = attr_of(event, frequency_hz_);
    counts_lost_ = true;
    sampled_ = open_event(attr, options.cpu, is_of_cpu_);
    if (sampled_.error() == EINVAL) {  // before Linux 6.0 there is no PERF_FORMAT_LOST
      counts_lost_ = false;
      attr.read_format = 0;
      sampled_ = open_event(attr, options.cpu, is_of_cpu_);
    }
    event_name_ = event.name;
    if (sampled_) {
      refusal_.reset();
      return;
    }
    refusal_ = explain_refusal(fmt::format("samples of {}", event.name), sampled_.error(), options.root);
    if (refusal_->obstacle == PerfObstacle::no_such_event) continue;
    // Rights are looked at before the event is, so that nobody knows which it would have been.
    refusal_ = explain_refusal("samples of call chains", sampled_.error(), options.root);
    break;
  }
  event_name_ = {};
}

void StackSampler::map(std::size_t wanted_bytes, const SamplerOptions& options) {
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t least = std::max(page_bytes, smallest_ring_bytes);
  if (const auto budget = budget_bytes(options.root)) {
    // The first to come would take all that there is.
    const std::uint64_t share = *budget / options.threads;
    const std::uint64_t fits = std::bit_floor(share - std::min<std::uint64_t>(share, page_bytes));
    wanted_bytes = std::max(least, static_cast<std::size_t>(std::min<std::uint64_t>(wanted_bytes, fits)));
  }
  int code = 0;
  for (std::size_t bytes = wanted_bytes; bytes >= least; bytes /= 2) {
    void* mapped = ::mmap(nullptr, page_bytes + bytes, PROT_READ | PROT_WRITE, MAP_SHARED, sampled_.fd(), 0);
    if (mapped != MAP_FAILED) {
      page_ = static_cast<perf_event_mmap_page*>(mapped);
      mapped_bytes_ = page_bytes + bytes;
      ring_bytes_ = bytes;
      head_ = &page_->data_head;
      marks_.reserve(std::min<std::size_t>(bytes / 64, 4096));  // while nothing is timed
      return;
    }
    code = errno;
  }
  sampled_ = PerfEvent();
  event_name_ = {};
  refusal_ =
      code == EPERM ? no_memory_to_lock(options.root) : explain_refusal("a buffer for samples", code, options.root);
}

void StackSampler::start() {
  if (sampled_) sampled_.enable();
}

void StackSampler::stop() {
  if (sampled_) sampled_.disable();
}

void StackSampler::mark(std::uint64_t head, int tag) {
  marked_ = head;
  if (!marks_.empty() && marks_.back().tag == tag) {
    marks_.back().head = head;
  } else {
    marks_.push_back({.head = head, .tag = tag});
  }
}

std::optional<std::uint64_t> StackSampler::newly_lost(std::uint64_t in_records, std::uint64_t used_bytes) {
  if (!counts_lost_) {
    // The record that tells is written when there is room again.
    if (ring_bytes_ - used_bytes < largest_sample_bytes) return std::nullopt;
    return in_records;
  }
  std::array<std::uint64_t, 2> value_and_lost{};
  if (sampled_.read(value_and_lost) < value_and_lost.size()) return std::nullopt;
  return value_and_lost[1] - std::exchange(lost_, value_and_lost[1]);
}

StackSamples StackSampler::collect() {
  if (page_ == nullptr) return {};
  const auto* ring = reinterpret_cast<const std::byte*>(page_) + (mapped_bytes_ - ring_bytes_);
  const std::uint64_t head = __atomic_load_n(&page_->data_head, __ATOMIC_ACQUIRE);
  const std::uint64_t tail = page_->data_tail;
  StackSamples result = decode_ring({ring, ring_bytes_}, tail, head, static_cast<std::uint32_t>(::gettid()), marks_);
  result.lost = newly_lost(*result.lost, head - tail);
  if (is_of_cpu_ && result.lost != 0) result.lost.reset();  // they may have been of other threads
  __atomic_store_n(&page_->data_tail, head, __ATOMIC_RELEASE);
  marks_.clear();
  marked_ = head;
  return result;
}

}  // namespace pipebench
