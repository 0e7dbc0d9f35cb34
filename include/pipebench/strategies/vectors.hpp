// The element lists of writev(2) and readv(2).
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <span>
#include <vector>

#include "pipebench/strategies/loops.hpp"

namespace pipebench {

/// Cuts a piece into blocks of 4 KiB, at most IOV_MAX (1024) of them; a longer piece takes several calls.
class BlockVector {
 public:
  explicit BlockVector(std::size_t bytes) : elements_(std::min<std::size_t>((bytes + block - 1) / block, 1024)) {}

  [[nodiscard]] std::span<const iovec> fill(Piece piece) noexcept {
    std::size_t count = 0;
    const std::size_t given = piece.size;
    for (; count < elements_.size() && piece.size > 0; ++count) {
      const std::size_t size = std::min(piece.size, block);
      elements_[count] = {.iov_base = piece.data, .iov_len = size};
      piece = {piece.data + size, piece.size - size};
    }
    asked_ = given - piece.size;
    return {elements_.data(), count};
  }
  /// Bytes of the list that was made last.
  [[nodiscard]] std::size_t asked() const noexcept { return asked_; }

 private:
  static constexpr std::size_t block = 4096;
  std::vector<iovec> elements_;
  std::size_t asked_ = 0;
};

}  // namespace pipebench
