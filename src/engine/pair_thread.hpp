// A thread that runs both ends of a stream, turn by turn.
#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <thread>

#include "engine/end_runner.hpp"
#include "engine/instruments.hpp"
#include "engine/kick.hpp"

namespace pipebench {

/// A turn of the writer, a turn of the reader, and so on, each of them timed. Nobody waits, so what is measured is the
/// price of the calls alone. What getrusage(2) counts is of both ends together, so their counters lack it: it is in
/// the writer's report.
class PairThread final : public EndRunner {
 public:
  /// The tasks are of one stream, whose pipes do not block, and are run on the writer's CPU. `stage` must expect one
  /// runner a stream. Throws std::system_error when the thread cannot be started.
  PairThread(const Topology& topology, Stage& stage, EndTask writer, EndTask reader)
      : stage_(stage),
        writer_(topology, stage, std::move(writer)),
        reader_(topology, stage, std::move(reader)),
        thread_([this] { run(); }) {}

  [[nodiscard]] bool done() const noexcept override { return done_.load(std::memory_order_acquire); }
  void kick() noexcept override {
    if (!done()) ::pthread_kill(thread_.native_handle(), kick_signal);
  }
  [[nodiscard]] std::span<const EndReport> reports() const noexcept override { return reports_; }

 private:
  void run() noexcept;
  void run_phases();
  [[nodiscard]] bool run_phase(unsigned number, Instruments& instruments);
  void take_turns(Instruments& instruments);

  Stage& stage_;
  EndWork writer_;
  EndWork reader_;
  std::array<EndReport, 2> reports_;
  std::atomic<bool> done_{false};
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pipebench
