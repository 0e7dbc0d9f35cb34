#include "app/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/base/units.hpp"

namespace pipebench {
namespace {

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

ProgressLine::ProgressLine(When when, bool quiet)
    : shown_(!quiet && (when == When::always || (when == When::automatic && ::isatty(STDERR_FILENO) == 1))),
      start_ns_(monotonic_ns()) {}

void ProgressLine::clear() {
  if (dirty_) std::fputs("\r\033[K", stderr);
  dirty_ = false;
}

void ProgressLine::before_sample(const Progress& progress) {
  if (!shown_) return;
  if (progress.done == 0) start_ns_ = monotonic_ns();
  std::string left;
  if (progress.done > 0) {
    const double elapsed = static_cast<double>(monotonic_ns() - start_ns_) * 1e-9;
    const double remaining =
        elapsed / static_cast<double>(progress.done) * static_cast<double>(progress.total - progress.done);
    left = fmt::format(", {} left", format_duration(std::ceil(remaining)));
  }
  const std::string line = fmt::format("[{}{}/{}{}] {}", progress.verifying ? "verified " : "", progress.done,
                                       progress.total, left, escaped(progress.name));
  // Not fmt::print(), which throws where stderr cannot be written: no reason to lose results.
  std::fputs(fmt::format("\r\033[K{}", beginning_within(line, terminal_width() - 1)).c_str(), stderr);
  std::fflush(stderr);
  dirty_ = true;
}

}  // namespace pipebench
