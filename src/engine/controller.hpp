// Ends phases when their time is over, and the whole stage when nothing moves, somebody failed or the user interrupts.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/running_end.hpp"

namespace pipebench {

/// What the watcher of a sample knows of the time when it looks away.
struct Moment {
  unsigned phase = 0;                         ///< 0 before the warm-up, 1 in it, 2 in the measurement
  std::optional<std::uint64_t> left_ns = {};  ///< until the phase is to end; empty: its time is over, or none was set
  bool aborted = false;
};

/// For how long it may look away, at most: it is woken when all ends are done. Each look takes a CPU from somebody, so
/// in the measurement there is never reason for a short one.
[[nodiscard]] std::uint64_t pause_ns(const Moment& moment) noexcept;

class Controller {
 public:
  /// All of the arguments outlive it. `ends`: writer and reader of each stream. `interrupt`: non-zero when the run is
  /// to end. `limit_seconds`: the measured phase is ended after so long, wherever it is; empty: never.
  Controller(Stage& stage, std::span<const std::unique_ptr<RunningEnd>> ends, const Sampling& sampling,
             const std::atomic<int>& interrupt, std::optional<double> limit_seconds)
      : stage_(stage),
        ends_(ends),
        sampling_(sampling),
        interrupt_(interrupt),
        limit_seconds_(limit_seconds),
        watched_(stage.streams().size()) {}

  /// Returns when all ends are done.
  void watch();
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }
  [[nodiscard]] bool out_of_time() const noexcept { return out_of_time_; }
  /// The stream that did not move for the timeout.
  [[nodiscard]] std::optional<std::size_t> stalled() const noexcept { return stalled_; }

 private:
  [[nodiscard]] bool all_done() const;
  void kick_all();
  void follow_phases(std::uint64_t now);
  void follow_stream(std::size_t index, std::uint64_t now);
  [[nodiscard]] Link& current(std::size_t index) const {
    return phase_ == 1 ? stage_.streams()[index].warmup : stage_.streams()[index].measured;
  }
  [[nodiscard]] bool timed() const { return phase_ == 1 || !sampling_.bytes; }
  [[nodiscard]] Moment moment_at(std::uint64_t now) const;

  Stage& stage_;
  std::span<const std::unique_ptr<RunningEnd>> ends_;
  const Sampling& sampling_;
  const std::atomic<int>& interrupt_;
  std::optional<double> limit_seconds_;
  unsigned phase_ = 0;
  std::uint64_t began_ns_ = 0;  // the phase
  std::uint64_t deadline_ns_ = 0;
  struct Watched {
    std::uint64_t progress = 0;
    std::uint64_t last_progress_ns = 0;
  };
  std::vector<Watched> watched_;
  bool interrupted_ = false;
  bool out_of_time_ = false;
  std::optional<std::size_t> stalled_;
};

}  // namespace pipebench
