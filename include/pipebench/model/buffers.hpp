// Buffers: what is asked for, and how it lies. The plan counts by the same arithmetic that allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "pipebench/model/case.hpp"

namespace pipebench {

/// Where buffers are.
enum class Backing : std::uint8_t { anonymous, memfd };

struct BufferRequest {
  std::size_t bytes = 0;  ///< of one buffer
  std::size_t count = 0;
  Pages pages = Pages::k4;
  Backing backing = Backing::anonymous;
  bool contiguous = false;  ///< all buffers in one mapping
  bool touch = true;        ///< write to every page now
  bool lock = false;        ///< mlock(2)
  /// Asked every few MiB while pages are touched and locked, which takes seconds for gigabytes; true: give up.
  std::function<bool()> cancelled = {};
};

/// How buffers lie in mappings, in bytes. A mapping is of whole pages of its kind, and begins on one.
struct BufferLayout {
  std::size_t stride = 0;  ///< from one buffer to the next in a mapping
  std::size_t per_mapping = 0;
  std::size_t mappings = 0;
  std::size_t mapping_bytes = 0;
  [[nodiscard]] std::uint64_t bytes() const noexcept { return std::uint64_t{mappings} * mapping_bytes; }
};

/// All buffers lie in one mapping where that was asked for, where it must be so (files, reserved huge pages), and where
/// each buffer would touch a transparent huge page of 32 MiB or more of its own (arm64 with pages of 16 KiB and 64
/// KiB).
[[nodiscard]] BufferLayout layout_of(const BufferRequest& request, const PageSizes& sizes);

}  // namespace pipebench
