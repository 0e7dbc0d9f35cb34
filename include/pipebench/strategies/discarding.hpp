// Readers that end in /dev/null. When they verify, they look at the bytes at the moment before they release them.
#pragma once

#include <optional>

#include "pipebench/strategies/splicing.hpp"

namespace pipebench {

class Discarding {
 public:
  explicit Discarding(const EndSetup& setup) : sink_(open_null()), flags_(splice_flags(setup.spec)) {
    if (setup.purpose == Purpose::verify) peek_.emplace(setup);
  }
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept { return peek_->data(); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return nothing_; }

 protected:
  [[nodiscard]] int sink() const noexcept { return sink_.get(); }

  /// `release(size)` releases up to `size` bytes of the pipe. Verification first looks at as many as it can, and
  /// then has just those released, however many calls that takes.
  template <class Release>
  ssize_t look_and(PipeEnd pipe, std::size_t limit, const Release& release) noexcept {
    if (!peek_) return release(limit);
    const ssize_t there = peek_->look(pipe.fd, limit, flags_);
    return move_all(there, [&](std::size_t /*done*/, std::size_t rest) { return release(rest); });
  }

 private:
  BufferSet nothing_{{}};
  UniqueFd sink_;
  unsigned flags_;
  std::optional<Peek> peek_;
};

}  // namespace pipebench
