// Holds back a reader that verifies, so that a writer that reuses pages too early is caught.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipebench/strategies/link.hpp"

namespace pipebench {

/// Called before each look: waits until the writer cannot go on without this reader. A writer that rewrites pages too
/// early has done so by then, however slow the machine is. It waits at each of the first calls, and later at one in 17:
/// a reader that is always late would miss other faults, and with a prime every call of a step gets its turn. The
/// waiting ends when the writer has sent everything, or when the controller aborts the stage because nothing moves.
class ReaderDelay {
 public:
  /// `pipes`: descriptors of the writing ends, used in turn for a buffer each.
  ReaderDelay(const Link& link, std::uint64_t buffer_bytes, std::vector<int> pipes) noexcept;
  /// `held`: bytes that the reader took out of the pipes and has not counted yet.
  void operator()(std::size_t held) noexcept;
  /// Has the writer sent all that it can, and touched all the memory that it can? True when everything is sent, too.
  [[nodiscard]] bool writer_is_blocked(std::size_t held) const noexcept;

 private:
  [[nodiscard]] std::uint64_t bytes_in_pipes() const noexcept;
  [[nodiscard]] bool is_sending(std::uint64_t offset) const noexcept;

  const Link* link_;
  std::uint64_t buffer_bytes_;
  std::vector<int> pipes_;
  std::uint64_t calls_ = 0;
};

}  // namespace pipebench
