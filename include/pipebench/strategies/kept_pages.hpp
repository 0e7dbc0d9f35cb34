// Pages that a writer puts into pipes once, and sends from there.
#pragma once

#include <bit>
#include <string>

#include "pipebench/base/rounding.hpp"
#include "pipebench/strategies/splicing.hpp"
#include "pipebench/system/skb.hpp"

namespace pipebench {

/// For descriptors: the capacity of a pipe that can keep `count` buffers. Where memory is fragmented, skb pages come
/// out smaller and take more slots: there are some to spare.
[[nodiscard]] inline std::uint64_t pipe_bytes_to_keep(std::uint64_t count, const CaseSpec& spec,
                                                      const PageSizes& sizes) {
  const std::uint64_t slot = slot_bytes(spec.pages, sizes);
  const std::uint64_t spare = spec.pages == Pages::skb ? divide_up(slot, sizes.base) : 0;
  return std::bit_ceil(divide_up(count * spec.buffer_bytes, slot) + spare) * sizes.base;
}

class KeptPages {
 public:
  explicit KeptPages(const EndSetup& setup)
      : buffers_(writer_buffers(setup)), bytes_(setup.spec.buffer_bytes), skb_(setup.spec.pages == Pages::skb) {}

  /// Puts one buffer, or as many bytes of skb pages, into a pipe that has room for it. Throws SystemError.
  void put_into(const Pipe& home, std::size_t index) {
    if (skb_) {
      whole_slots_ = fill_with_skb_pages(home, bytes_) && whole_slots_;
    } else {
      send_all_pages(home, {buffers_.start(index), bytes_});
    }
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }
  [[nodiscard]] std::optional<ObtainedPages> obtained_pages(const Smaps& smaps) const {
    if (!skb_) return buffers_.obtained_pages(smaps);
    return whole_slots_ ? ObtainedPages::skb : ObtainedPages::mixed;
  }

 private:
  BufferSet buffers_;
  std::size_t bytes_;
  bool skb_;
  bool whole_slots_ = true;  // each slot carries a whole skb page
};

}  // namespace pipebench
