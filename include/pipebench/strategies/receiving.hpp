// Readers whose bytes are copied into a buffer of the case's page kind, where they can be looked at.
#pragma once

#include "pipebench/strategies/loops.hpp"

namespace pipebench {

class Receiving {
 public:
  explicit Receiving(const EndSetup& setup) : buffer_(reader_buffer(setup)) {}
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept { return buffer_.start(0); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffer_; }

 protected:
  [[nodiscard]] std::byte* buffer() const noexcept { return buffer_.start(0); }

 private:
  BufferSet buffer_;
};

/// For descriptors of readers that do nothing else: adds what all of them have in common.
[[nodiscard]] inline StrategyInfo receiving(StrategyInfo info) {
  info.copies = 1;
  info.touches = true;
  info.receives = true;
  info.takes_skb = true;
  info.uses.no_touch = info.uses.lock = true;
  return info;
}

}  // namespace pipebench
