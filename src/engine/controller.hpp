// Ends phases when their time is over, and the whole stage when nothing moves, somebody failed or the user interrupts.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/end_thread.hpp"

namespace pipebench {

class Controller {
 public:
  /// All of the arguments outlive it. `interrupt`: non-zero when the run is to end.
  Controller(Stage& stage, std::span<const std::unique_ptr<EndThread>> ends, const Sampling& sampling,
             const std::atomic<int>& interrupt)
      : stage_(stage), ends_(ends), sampling_(sampling), interrupt_(interrupt) {}

  /// Returns when all ends are done.
  void watch();
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }
  [[nodiscard]] bool stalled() const noexcept { return stalled_; }

 private:
  [[nodiscard]] bool all_done() const;
  void kick_all();
  void follow_phases(std::uint64_t now);
  [[nodiscard]] Link& current() const { return phase_ == 1 ? stage_.warmup : stage_.measured; }
  [[nodiscard]] bool timed() const { return phase_ == 1 || !sampling_.bytes; }
  [[nodiscard]] std::uint64_t pause_from(std::uint64_t now) const;

  Stage& stage_;
  std::span<const std::unique_ptr<EndThread>> ends_;
  const Sampling& sampling_;
  const std::atomic<int>& interrupt_;
  unsigned phase_ = 0;
  std::uint64_t deadline_ns_ = 0;
  std::uint64_t last_progress_ns_ = 0;
  std::uint64_t progress_ = 0;
  bool interrupted_ = false;
  bool stalled_ = false;
};

}  // namespace pipebench
