#include "app/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <vector>

#include "app/log.hpp"
#include "pipebench/base/clock.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/base/units.hpp"
#include "pipebench/stats/stats.hpp"

namespace pipebench {
namespace {

constexpr std::string_view clear_line = "\r\033[K";

ProgressLine* current = nullptr;

// Asked anew for each line: people resize terminals. A longer line that is there already may have been wrapped by then,
// and its first row stays: whether a terminal wraps it, or cuts it off, it does not say, and to clear the row above
// might take a line of the log away.
std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// After `pipebench &`, or Ctrl-Z and `bg`, the line that the cursor is in is the shell's.
bool in_background() {
  const pid_t group = ::tcgetpgrp(STDERR_FILENO);
  return group >= 0 && group != ::getpgrp();
}

double seconds_since(std::uint64_t ns) { return static_cast<double>(monotonic_ns() - ns) * 1e-9; }

// One thread that runs both ends has no speed that would mean anything.
bool has_speed(const CaseResult& result) { return !result.spec.takes_turns(); }

// Not fmt::print(), which throws where stderr cannot be written: no reason to lose results.
void put(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void on_quit(int number) {
  (void)!::write(STDERR_FILENO, clear_line.data(), clear_line.size());
  std::raise(number);  // the action is the default one again
}

// Of a slow program, GiB would show nothing.
std::string amount(double bytes) {
  constexpr double kib = 1024;
  constexpr double least = 0.1;  // of a unit
  if (bytes >= least * bytes_per_gib) return fmt::format("{:.2f} GiB", bytes / bytes_per_gib);
  if (bytes >= least * kib * kib) return fmt::format("{:.2f} MiB", bytes / kib / kib);
  return fmt::format("{:.2f} KiB", bytes / kib);
}

// The one key that ends a run at once.
void clear_on_quit() {
  struct sigaction before {};
  if (::sigaction(SIGQUIT, nullptr, &before) != 0 || before.sa_handler != SIG_DFL) return;
  struct sigaction action {};
  action.sa_handler = on_quit;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGQUIT, &action, nullptr);
}

}  // namespace

ProgressLine::ProgressLine(When when, bool quiet, std::optional<double> budget_seconds)
    : shown_(!quiet && (when == When::always || (when == When::automatic && takes_escapes(STDERR_FILENO)))),
      budget_seconds_(budget_seconds) {
  if (!shown_) return;
  current = this;
  clear_on_quit();
}

ProgressLine::~ProgressLine() {
  clear();
  if (current == this) current = nullptr;
}

void ProgressLine::clear() {
  if (dirty_ && !in_background()) put(clear_line);
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

// What the case had so far. In the first round that is nothing yet, and the sample before must do.
std::string ProgressLine::speed_text(const CaseResult& result) const {
  if (result.samples.empty())
    return last_gib_per_second_ ? fmt::format(" (sample before: {}/s)", amount(*last_gib_per_second_ * bytes_per_gib))
                                : "";
  if (!has_speed(result)) return "";
  std::vector<double> speeds;
  for (const Sample& sample : result.samples) {
    if (!sample.set_aside) speeds.push_back(sample.gib_per_second());
  }
  return fmt::format(": {}/s{}", amount(result.samples.back().gib_per_second() * bytes_per_gib),
                     speeds.size() > 1 ? fmt::format(", median {}/s", amount(median(speeds) * bytes_per_gib)) : "");
}

void ProgressLine::before_sample(const CaseResult& result, const Progress& progress) {
  if (!shown_) return;
  if (progress.done == 0) start_ns_ = monotonic_ns();
  if (begin_ns_ == 0) begin_ns_ = start_ns_;  // others may have been waited for until now
  status_ = status_text(progress);
  name_ = escaped(result.name);
  speed_ = speed_text(result);
  has_speed_ = has_speed(result);
  drawn_ns_ = drawn_bytes_ = 0;
  draw();
}

void ProgressLine::after_sample(const CaseResult& result, const Progress&) {
  if (has_speed(result)) last_gib_per_second_ = result.samples.back().gib_per_second();
}

// How fast lately, on average, and what has come in which time. The most important comes first, as a narrow terminal
// cuts the rest.
void ProgressLine::during_sample(std::uint64_t bytes, double seconds) {
  constexpr std::uint64_t pause_ns = 250'000'000;
  const std::uint64_t now = monotonic_ns();
  if (!shown_ || now - drawn_ns_ < pause_ns) return;
  if (!has_speed_ || (bytes > 0 && seconds <= 0)) return;
  const auto speed = [](std::uint64_t of, double in) { return in > 0 ? static_cast<double>(of) / in : 0.0; };
  const double since = drawn_ns_ == 0 ? seconds : seconds_since(drawn_ns_);
  speed_ = bytes == 0 ? fmt::format(": no byte yet, for {:.1f} s", seconds)
                      : fmt::format(": {}/s, average {}/s, {} in {:.1f} s", amount(speed(bytes - drawn_bytes_, since)),
                                    amount(speed(bytes, seconds)), amount(static_cast<double>(bytes)), seconds);
  drawn_ns_ = now;
  drawn_bytes_ = bytes;
  draw();
}

// Of a name that is too long, the beginning is enough: rather that than no speed. Of the speed, no figure is cut in its
// middle.
void ProgressLine::draw() {
  if (in_background()) return;
  constexpr std::size_t least_of_name = 8;
  const std::size_t width = terminal_width() - 1;  // in the last column some terminals begin a new line
  const std::string status = fmt::format("[{}] ", status_);
  std::string speed = speed_;
  while (status.size() + least_of_name + speed.size() > width && speed.find(", ") != std::string::npos)
    speed.resize(speed.rfind(", "));
  if (status.size() + speed.size() > width) speed.clear();
  const std::size_t others = status.size() + speed.size();
  const std::string_view name = beginning_within(name_, width > others ? width - others : 0);
  const std::string line = fmt::format("{}{}{}", status, name, speed);
  put(fmt::format("{}{}", clear_line, beginning_within(line, width)));
  dirty_ = true;
}

ProgressPause::ProgressPause() : line_(current != nullptr && current->dirty_ ? current : nullptr) {
  if (line_ != nullptr) line_->clear();
}

ProgressPause::~ProgressPause() {
  if (line_ != nullptr) line_->draw();
}

}  // namespace pipebench
