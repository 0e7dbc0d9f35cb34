#include "engine/controller.hpp"

#include <algorithm>
#include <ctime>

#include "pipebench/base/clock.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t watch_interval_ns = 50 * ms;

std::uint64_t to_ns(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

void sleep_ns(std::uint64_t ns) {
  timespec time{.tv_sec = static_cast<time_t>(ns / 1'000'000'000), .tv_nsec = static_cast<long>(ns % 1'000'000'000)};
  ::nanosleep(&time, nullptr);  // a signal ends it early; the caller looks at the time again
}

}  // namespace

void Controller::watch() {
  while (!all_done()) {
    const std::uint64_t now = monotonic_ns();
    follow_phases(now);
    if (interrupt_.load(std::memory_order_relaxed) != 0) interrupted_ = true;
    if (interrupted_ || stalled_) stage_.abort();
    if (stage_.aborted()) kick_all();
    sleep_ns(pause_from(now));
  }
}

bool Controller::all_done() const {
  return std::ranges::all_of(ends_, [](const auto& end) { return end->done(); });
}

void Controller::kick_all() {
  for (const auto& end : ends_) end->kick();
}

void Controller::follow_phases(std::uint64_t now) {
  const unsigned begun = stage_.share().phases_begun.load(std::memory_order_acquire);
  if (begun != phase_) {
    phase_ = begun;
    deadline_ns_ = now + to_ns(phase_ == 1 ? sampling_.warmup_seconds : sampling_.time_seconds);
    for (Watched& watched : watched_) watched.last_progress_ns = now;
  }
  if (phase_ == 0) return;
  for (std::size_t i = 0; i < watched_.size(); ++i) follow_stream(i, now);
}

void Controller::follow_stream(std::size_t index, std::uint64_t now) {
  Link& link = current(index);
  Watched& watched = watched_[index];
  const std::uint64_t produced = link.produced.bytes.load(std::memory_order_relaxed);
  const std::uint64_t consumed = link.consumed.bytes.load(std::memory_order_relaxed);
  const std::uint64_t progress = produced + consumed;
  // A stream that is through waits for those that are not.
  const bool through = std::min(produced, consumed) >= link.control.final_bytes.load(std::memory_order_relaxed);
  if (progress != watched.progress || through) watched.last_progress_ns = now;
  watched.progress = progress;
  if (now - watched.last_progress_ns > to_ns(sampling_.timeout_seconds)) stalled_ = index;
  Command expected = Command::go;
  if (timed() && now >= deadline_ns_) link.control.command.compare_exchange_strong(expected, Command::finish);
}

// Short before a phase begins or ends and while aborting; otherwise long, so as not to disturb what is measured.
std::uint64_t Controller::pause_from(std::uint64_t now) const {
  if (phase_ == 0 || stage_.aborted()) return ms / 2;
  if (!timed()) return 5 * ms;
  if (now >= deadline_ns_) return ms / 10;
  return std::min(watch_interval_ns, deadline_ns_ - now);
}

}  // namespace pipebench
