#include "system/perf/ring.hpp"

#include <algorithm>
#include <cstring>

namespace pipebench {
namespace {

/// Reads numbers out of the ring, round its end. Positions are multiples of 8, as is the size of each record.
class Ring {
 public:
  explicit Ring(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class T>
  [[nodiscard]] T at(std::uint64_t position) const {
    static_assert(sizeof(T) == sizeof(std::uint64_t));
    T value;
    std::memcpy(&value, bytes_.data() + position % bytes_.size(), sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

constexpr std::uint64_t word = sizeof(std::uint64_t);

bool is_user(const perf_event_header& header) {
  return (header.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
}

/// Layout: header, address, process and thread, length of the chain, chain.
constexpr std::uint64_t fixed_words = 4;

struct Ids {
  std::uint32_t process;
  std::uint32_t thread;
};

bool is_whole_sample(const perf_event_header& header) { return header.size >= fixed_words * word; }

/// Empty when its chain is longer than the record.
std::optional<StackSample> decode_sample(const Ring& ring, std::uint64_t position, const perf_event_header& header) {
  const auto address = ring.at<std::uint64_t>(position + word);
  const auto length = ring.at<std::uint64_t>(position + 3 * word);
  if (length > header.size / word - fixed_words) return std::nullopt;
  StackSample sample{.is_user = is_user(header)};
  if (sample.is_user) return sample;
  for (std::uint64_t i = 0; i < length; ++i) {
    const auto frame = ring.at<std::uint64_t>(position + (fixed_words + i) * word);
    // Not an address, but whose addresses follow (enum perf_callchain_context).
    if (frame < static_cast<std::uint64_t>(PERF_CONTEXT_MAX)) sample.addresses.push_back(frame);
  }
  // A chain that the kernel could not follow.
  if (sample.addresses.empty()) sample.addresses.push_back(address);
  return sample;
}

/// Of the first mark that lies behind the sample.
int tag_of(std::uint64_t end_of_sample, std::span<const SampleMark> marks) {
  const auto mark = std::ranges::lower_bound(marks, end_of_sample, {}, &SampleMark::head);
  return mark == marks.end() ? no_tag : mark->tag;
}

/// False when the record makes no sense.
bool add_record(const Ring& ring, std::uint64_t position, const perf_event_header& header, std::uint32_t thread,
                std::span<const SampleMark> marks, StackSamples& result) {
  switch (header.type) {
    case PERF_RECORD_SAMPLE: {
      if (!is_whole_sample(header)) return false;
      if (ring.at<Ids>(position + 2 * word).thread != thread) return true;
      auto sample = decode_sample(ring, position, header);
      if (!sample) return false;
      sample->tag = tag_of(position + header.size, marks);
      result.samples.push_back(std::move(*sample));
      return true;
    }
    case PERF_RECORD_LOST:  // header, event, number
      if (header.size < 3 * word) return false;
      *result.lost += ring.at<std::uint64_t>(position + 2 * word);
      return true;
    case PERF_RECORD_LOST_SAMPLES:  // header, number
      if (header.size < 2 * word) return false;
      *result.lost += ring.at<std::uint64_t>(position + word);
      return true;
    case PERF_RECORD_THROTTLE:
      ++result.throttled;
      return true;
    default:  // nothing that we asked for
      return true;
  }
}

}  // namespace

StackSamples decode_ring(std::span<const std::byte> bytes, std::uint64_t tail, std::uint64_t head, std::uint32_t thread,
                         std::span<const SampleMark> marks) {
  StackSamples result;
  const Ring ring(bytes);
  if (head - tail > bytes.size()) result.is_damaged = true;
  while (!result.is_damaged && tail < head) {
    const auto header = ring.at<perf_event_header>(tail);
    result.is_damaged = header.size < sizeof header || header.size % word != 0 || header.size > head - tail ||
                        !add_record(ring, tail, header, thread, marks, result);
    tail += header.size;
  }
  return result;
}

}  // namespace pipebench
