// An end that a thread of this process runs.
#pragma once

#include <pthread.h>

#include <atomic>
#include <thread>

#include "engine/kick.hpp"
#include "engine/running_end.hpp"

namespace pipebench {

class EndThread final : public RunningEnd {
 public:
  /// Throws std::system_error when the thread cannot be started.
  EndThread(const Topology& topology, Stage& stage, EndTask task)
      : work_(topology, stage, std::move(task)), thread_([this, &stage] {
          work_.run();
          done_.store(true, std::memory_order_release);
          stage.note_done();
        }) {}

  [[nodiscard]] bool done() const noexcept override { return done_.load(std::memory_order_acquire); }
  void kick() noexcept override {
    if (!done()) ::pthread_kill(thread_.native_handle(), kick_signal);
  }
  [[nodiscard]] const EndReport& report() const noexcept override { return work_.report(); }

 private:
  EndWork work_;
  std::atomic<bool> done_{false};
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pipebench
