// Pages that a writer puts into pipes once, and sends from there.
#pragma once

#include <string>

#include "pipebench/strategies/splicing.hpp"
#include "pipebench/system/skb.hpp"

namespace pipebench {

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
  [[nodiscard]] std::string obtained_pages(const Smaps& smaps) const {
    return !skb_ ? buffers_.obtained_pages(smaps) : whole_slots_ ? "skb" : "mixed";
  }

 private:
  BufferSet buffers_;
  std::size_t bytes_;
  bool skb_;
  bool whole_slots_ = true;  // each slot carries a whole skb page
};

}  // namespace pipebench
