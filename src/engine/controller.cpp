#include "engine/controller.hpp"

#include <algorithm>

#include "pipebench/base/clock.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t watch_interval_ns = 50 * ms;
// Who is told may draw, which takes a CPU from an end for a moment.
constexpr std::uint64_t told_from_ns = 2000 * ms;
constexpr std::uint64_t told_interval_ns = 1000 * ms;

std::uint64_t to_ns(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

}  // namespace

std::uint64_t pause_ns(const WatchState& state) noexcept {
  if (state.kicks) return ms / 2;       // a kick that came too early is repeated
  if (state.phase == 0) return ms / 2;  // the first phase is about to begin
  if (state.drains) return ms / 10;
  if (state.left_ns) return std::min(watch_interval_ns, *state.left_ns);
  return state.phase == 1 ? ms / 10 : watch_interval_ns;  // after the warm-up, the measurement is about to begin
}

void Controller::watch() {
  while (!all_done()) {
    const std::uint64_t now = monotonic_ns();
    follow_phases(now);
    watch_for_stopped(now);
    if (interrupt_.load(std::memory_order_relaxed) != 0) interrupted_ = true;
    if (phase_ == 2 && limit_seconds_ && now - began_ns_ > to_ns(*limit_seconds_)) out_of_time_ = true;
    if (interrupted_ || stalled_ || out_of_time_ || is_stuck_) stage_.abort();
    if (std::ranges::any_of(runners_, [](const auto& runner) { return runner->is_lost(); })) give_up();
    if (stage_.aborted() || releases_) kick_all();
    stage_.await_all_done(pause_ns(state_at(now)));
  }
}

bool Controller::all_done() const {
  return std::ranges::all_of(runners_, [](const auto& runner) { return runner->done(); });
}

// The others may wait for it at a barrier, where nothing moves in any case. Ctrl-Z stops this process, too: when it
// goes on, time begins anew.
void Controller::watch_for_stopped(std::uint64_t now) {
  constexpr std::uint64_t longest_look_ns = 1000 * ms;
  if (now - looked_ns_ > longest_look_ns) stopped_ns_ = 0;
  looked_ns_ = now;
  if (std::ranges::none_of(runners_, [](const auto& runner) { return runner->is_stopped(); })) {
    stopped_ns_ = 0;
    return;
  }
  if (stopped_ns_ == 0) stopped_ns_ = now;
  if (now - stopped_ns_ > to_ns(sampling_.timeout_seconds)) is_stuck_ = true;
}

// The reader of null never waits, and looks for nothing but the last byte.
void Controller::give_up() {
  stage_.abandon();
  for (StreamShare& stream : stage_.streams()) {
    for (Link* link : {&stream.warmup, &stream.measured}) link->control.final_bytes.store(0, std::memory_order_release);
  }
}

void Controller::kick_all() {
  for (const auto& runner : runners_) runner->kick();
}

void Controller::follow_phases(std::uint64_t now) {
  const unsigned begun = stage_.share().phases_begun.load(std::memory_order_acquire);
  if (begun != phase_) {
    phase_ = begun;
    began_ns_ = now;
    deadline_ns_ = now + phase_length_ns();
    for (Watched& watched : watched_) watched.last_progress_ns = now;
  }
  drains_ = false;
  releases_ = input_is_over_;
  if (phase_ == 0) return;
  for (std::size_t i = 0; i < watched_.size(); ++i) follow_stream(i, now);
  tell(now);
}

// At every look of a sample that is taken once, and seldom of long ones: others would be disturbed.
void Controller::tell(std::uint64_t now) {
  if (live_ == nullptr || !*live_ || phase_ != 2) return;
  if (!sampling_.once && (now - began_ns_ < told_from_ns || now - told_ns_ < told_interval_ns)) return;
  told_ns_ = now;
  const Role counts = stage_.shape().readers > 0 ? Role::reader : Role::writer;
  std::uint64_t moved = 0;
  for (std::size_t i = 0; i < watched_.size(); ++i) moved += stage_.moved(i, phase_, counts);
  const std::uint64_t since_ns = first_byte_ns_ != 0 ? first_byte_ns_ : began_ns_;
  (*live_)(moved, static_cast<double>(now - since_ns) * 1e-9);
}

std::uint64_t Controller::phase_length_ns() const {
  return to_ns(phase_ == 1 ? sampling_.warmup_seconds : sampling_.time_seconds);
}

void Controller::follow_stream(std::size_t index, std::uint64_t now) {
  Link& link = stage_.streams()[index].link(phase_);
  Watched& watched = watched_[index];
  const std::uint64_t produced = stage_.moved(index, phase_, Role::writer);
  const std::uint64_t consumed = stage_.moved(index, phase_, Role::reader);
  const Link& answers = stage_.streams()[index].answers.at(phase_ - 1);
  const std::uint64_t progress = produced + consumed + answers.produced.bytes.load(std::memory_order_relaxed) +
                                 answers.consumed.bytes.load(std::memory_order_relaxed);
  // A stream that is done waits for the others.
  const bool is_done = std::min(produced, consumed) >= link.control.final_bytes.load(std::memory_order_relaxed);
  if (progress != watched.progress || is_done) watched.last_progress_ns = now;
  watched.progress = progress;
  if (now - watched.last_progress_ns > to_ns(sampling_.timeout_seconds)) stalled_ = index;
  if (stage_.shape().has_outside()) follow_outside(index, produced, consumed, now);
  Stop expected = Stop::no;
  if (timed() && now >= deadline_ns_) link.control.stop.compare_exchange_strong(expected, Stop::after_buffer);
  if (stage_.is_draining(index, phase_)) release_readers(index);
}

// Another program has an end. The time of the sample begins with the first byte.
void Controller::follow_outside(std::size_t index, std::uint64_t produced, std::uint64_t consumed, std::uint64_t now) {
  const std::uint64_t moved = std::max(produced, consumed);
  if (moved == 0) {
    deadline_ns_ = now + phase_length_ns();
    return;
  }
  if (first_byte_ns_ == 0 && phase_ == 2) first_byte_ns_ = now;
  if (stage_.shape().writers > 0 || !timed() || now < deadline_ns_ || input_is_over_) return;
  // No writer of ours makes a last byte known: what has come is all.
  Link& link = stage_.streams()[index].link(phase_);
  input_is_over_ = releases_ = true;
  link.control.final_bytes.store(0, std::memory_order_release);
  link.control.stop.store(Stop::now, std::memory_order_release);
}

// One of several readers does not see that another took the last byte, and may sleep.
void Controller::release_readers(std::size_t index) {
  drains_ = true;
  Link& link = stage_.streams()[index].link(phase_);
  if (stage_.moved(index, phase_, Role::reader) < link.control.final_bytes.load(std::memory_order_acquire)) return;
  releases_ = true;
  link.control.stop.store(Stop::now, std::memory_order_release);
}

WatchState Controller::state_at(std::uint64_t now) const {
  const bool ends_by_time = phase_ > 0 && timed() && now < deadline_ns_;
  return {.phase = phase_,
          .left_ns = ends_by_time ? std::optional(deadline_ns_ - now) : std::nullopt,
          .kicks = stage_.aborted() || releases_,
          .drains = drains_};
}

}  // namespace pipebench
