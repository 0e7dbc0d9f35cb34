// Ends phases when their time is over, and aborts the stage when nothing moves, an end failed or the user interrupts.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/end_runner.hpp"
#include "pipebench/engine/sample.hpp"

namespace pipebench {

/// Where the sample is, when the controller has looked at it.
struct WatchState {
  unsigned phase = 0;                         ///< 0 before the warm-up, 1 in it, 2 in the measurement
  std::optional<std::uint64_t> left_ns = {};  ///< until the phase has to end; empty: its time is over, or it has none
  bool kicks = false;                         ///< somebody is to be interrupted
  bool drains = false;                        ///< readers are to be released, as soon as they have all bytes
};

/// How long the controller sleeps before it looks again; it is woken earlier when all runners are done. Each look
/// takes a CPU from one of them, so the sleeps are long while the sample is measured.
[[nodiscard]] std::uint64_t pause_ns(const WatchState& state) noexcept;

class Controller {
 public:
  /// The arguments must outlive it. `interrupt`: non-zero when the run is to end. `limit_seconds`: aborts the measured
  /// phase after so long; empty: never.
  Controller(Stage& stage, std::span<const std::unique_ptr<EndRunner>> runners, const Sampling& sampling,
             const std::atomic<int>& interrupt, std::optional<double> limit_seconds, const Watch* live = nullptr)
      : stage_(stage),
        runners_(runners),
        sampling_(sampling),
        interrupt_(interrupt),
        limit_seconds_(limit_seconds),
        live_(live),
        watched_(stage.streams().size()) {}

  /// Returns when all runners are done.
  void watch();
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }
  [[nodiscard]] bool out_of_time() const noexcept { return out_of_time_; }
  /// Was an end stopped (SIGSTOP) for longer than the timeout?
  [[nodiscard]] bool stuck() const noexcept { return is_stuck_; }
  /// The stream in which nothing moved for the timeout.
  [[nodiscard]] std::optional<std::size_t> stalled() const noexcept { return stalled_; }

 private:
  [[nodiscard]] bool all_done() const;
  void kick_all();
  void give_up();
  void watch_for_stopped(std::uint64_t now);
  void follow_phases(std::uint64_t now);
  void follow_stream(std::size_t index, std::uint64_t now);
  void release_readers(std::size_t index);
  void tell(std::uint64_t now);
  [[nodiscard]] std::uint64_t phase_length_ns() const;
  void follow_outside(std::size_t index, std::uint64_t produced, std::uint64_t consumed, std::uint64_t now);
  [[nodiscard]] bool timed() const { return phase_ == 1 || !(sampling_.bytes || sampling_.to_end_of_input); }
  [[nodiscard]] WatchState state_at(std::uint64_t now) const;

  Stage& stage_;
  std::span<const std::unique_ptr<EndRunner>> runners_;
  const Sampling& sampling_;
  const std::atomic<int>& interrupt_;
  std::optional<double> limit_seconds_;
  const Watch* live_;
  unsigned phase_ = 0;
  std::uint64_t began_ns_ = 0;  // the phase
  std::uint64_t deadline_ns_ = 0;
  struct Watched {
    std::uint64_t progress = 0;
    std::uint64_t last_progress_ns = 0;
  };
  std::vector<Watched> watched_;
  std::uint64_t told_ns_ = 0;        // when live_ was told last
  std::uint64_t first_byte_ns_ = 0;  // with another program; about when
  std::uint64_t looked_ns_ = 0;
  std::uint64_t stopped_ns_ = 0;  // since when some end has been stopped; 0: none is
  bool is_stuck_ = false;         // for too long
  bool drains_ = false;
  bool input_is_over_ = false;  // of another program, by time
  bool releases_ = false;       // readers wait for bytes that do not come
  bool interrupted_ = false;
  bool out_of_time_ = false;
  std::optional<std::size_t> stalled_;
};

}  // namespace pipebench
