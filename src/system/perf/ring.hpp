// What the kernel wrote into the ring buffer of a sampled event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "pipebench/system/perf/sampler.hpp"

namespace pipebench {

/// What the samples hold.
inline constexpr std::uint64_t ring_sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_CALLCHAIN;

/// The records between two positions that count every byte the buffer ever held, `tail` and `head`, of samples of
/// ring_sample_type. ring.size() is a power of two. Samples of other threads than `thread`, gettid(2), are left out.
/// `lost` is what records tell. Marks ascend.
[[nodiscard]] StackSamples decode_ring(std::span<const std::byte> ring, std::uint64_t tail, std::uint64_t head,
                                       std::uint32_t thread, std::span<const SampleMark> marks = {});

}  // namespace pipebench
