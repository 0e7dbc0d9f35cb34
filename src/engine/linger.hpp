// A reader that verifies gives the writer time to do harm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipebench/strategies/link.hpp"

namespace pipebench {

/// Called before each look: waits until the writer has come as far as it can without this reader, so that a writer that
/// rewrites pages too early has done so by then, however slow the machine is. At each of the first calls, and at one in
/// 17 later (a prime, so that no position among the calls of a step is left out), as a reader that is always late would
/// miss other faults. The writer's end, or the stall that the controller sees, ends the waiting.
class Linger {
 public:
  /// `pipes`: descriptors of the writing ends, used in turn for a buffer each.
  Linger(const Link& link, std::uint64_t buffer_bytes, std::vector<int> pipes) noexcept;
  /// `held`: bytes that the reader took out of the pipes and has not counted yet.
  void operator()(std::size_t held) noexcept;
  /// Can the writer do nothing more, and has it done all it could? True when all is sent, too.
  [[nodiscard]] bool writer_is_held_back(std::size_t held) const noexcept;

 private:
  [[nodiscard]] std::uint64_t bytes_in_pipes() const noexcept;
  [[nodiscard]] bool is_sending(std::uint64_t offset) const noexcept;

  const Link* link_;
  std::uint64_t buffer_bytes_;
  std::vector<int> pipes_;
  std::uint64_t calls_ = 0;
};

}  // namespace pipebench
