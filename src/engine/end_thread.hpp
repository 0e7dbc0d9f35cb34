// A thread that runs one end.
#pragma once

#include <pthread.h>

#include <atomic>
#include <thread>

#include "engine/end_runner.hpp"
#include "engine/instruments.hpp"
#include "engine/kick.hpp"

namespace pipebench {

class EndThread final : public EndRunner {
 public:
  /// Throws std::system_error when the thread cannot be started.
  EndThread(const Topology& topology, Stage& stage, EndTask task)
      : stage_(stage), work_(topology, stage, std::move(task)), thread_([this] { run(); }) {}

  [[nodiscard]] bool done() const noexcept override { return done_.load(std::memory_order_acquire); }
  void kick() noexcept override {
    if (!done()) ::pthread_kill(thread_.native_handle(), kick_signal);
  }
  [[nodiscard]] std::span<const EndReport> reports() const noexcept override { return {&work_.report(), 1}; }

 private:
  void run() noexcept;
  void run_phases();
  [[nodiscard]] bool run_phase(unsigned number, Instruments* instruments = nullptr);
  void measure();

  Stage& stage_;
  EndWork work_;
  std::atomic<bool> done_{false};
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pipebench
