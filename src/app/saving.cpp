#include "app/saving.hpp"

#include <spdlog/spdlog.h>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/error.hpp"

namespace pipebench {

void Saving::after_round(unsigned /*round*/) {
  constexpr std::uint64_t least_measuring = 10;  // for each time that saving takes
  const std::uint64_t begin = monotonic_ns();
  if (begin < due_ns_) return;
  try {
    outputs_.save(session_.so_far(document_));
    failed_ = false;
  } catch (const SystemError& error) {
    if (!failed_) spdlog::warn("The rounds so far were not saved: {}.", error.what());
    failed_ = true;
  }
  const std::uint64_t end = monotonic_ns();
  due_ns_ = end + least_measuring * (end - begin);
}

}  // namespace pipebench
