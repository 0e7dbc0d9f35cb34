// A reader that verifies gives the writer time to do harm.
#pragma once

#include <cstdint>

#include "pipebench/model/case.hpp"
#include "pipebench/strategies/link.hpp"

namespace pipebench {

/// Called before each look: waits until the writer has come as far as it can without this reader, so that a writer that
/// rewrites pages too early has done so by then. At each of the first calls, and at one in 17 later (a prime, so that
/// no position among the calls of a step is left out), as a reader that is always late would miss other faults.
class Linger {
 public:
  Linger(const Link& link, const CaseSpec& spec) noexcept;
  void operator()() noexcept;

 private:
  const Link* link_;
  std::uint64_t quiet_ns_;
  std::uint64_t calls_ = 0;
};

}  // namespace pipebench
