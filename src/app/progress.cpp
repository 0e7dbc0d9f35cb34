#include "app/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/base/units.hpp"

namespace pipebench {
namespace {

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

double seconds_since(std::uint64_t ns) { return static_cast<double>(monotonic_ns() - ns) * 1e-9; }

}  // namespace

ProgressLine::ProgressLine(When when, bool quiet, std::optional<double> budget_seconds)
    : shown_(!quiet && (when == When::always || (when == When::automatic && ::isatty(STDERR_FILENO) == 1))),
      budget_seconds_(budget_seconds) {}

void ProgressLine::clear() {
  if (dirty_) std::fputs("\r\033[K", stderr);
  dirty_ = false;
}

// How far it is, and how long it still takes, as far as that is known beforehand.
std::string ProgressLine::status_text(const Progress& progress) const {
  if (!progress.total) {
    const double left = budget_seconds_.value_or(0) - seconds_since(begin_ns_);
    return fmt::format("{}{}", counted(progress.done, "sample"),
                       left > 0 ? fmt::format(", at most {} left", format_duration(std::ceil(left))) : "");
  }
  const std::string status =
      fmt::format("{}{}/{}", progress.verifying ? "verified " : "", progress.done, *progress.total);
  if (progress.done == 0) return status;
  const double remaining = seconds_since(start_ns_) / static_cast<double>(progress.done) *
                           static_cast<double>(*progress.total - progress.done);
  return fmt::format("{}, {} left", status, format_duration(std::ceil(remaining)));
}

void ProgressLine::before_sample(const Progress& progress) {
  if (!shown_) return;
  if (progress.done == 0) start_ns_ = monotonic_ns();
  if (begin_ns_ == 0) begin_ns_ = start_ns_;  // others may have been waited for until now
  const std::string line = fmt::format("[{}] {}", status_text(progress), escaped(progress.name));
  // Not fmt::print(), which throws where stderr cannot be written: no reason to lose results.
  std::fputs(fmt::format("\r\033[K{}", beginning_within(line, terminal_width() - 1)).c_str(), stderr);
  std::fflush(stderr);
  dirty_ = true;
}

}  // namespace pipebench
