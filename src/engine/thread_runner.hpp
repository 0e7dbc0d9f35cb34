// A thread that runs ends.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "engine/end_routine.hpp"
#include "engine/end_runner.hpp"

namespace pipebench {

class ThreadRunner final : public EndRunner {
 public:
  /// `stage`: that of the routine; outlives it.
  ThreadRunner(Stage& stage, std::unique_ptr<EndRoutine> routine) : stage_(stage), routine_(std::move(routine)) {}

  void start() override;
  [[nodiscard]] bool done() const noexcept override { return done_.load(std::memory_order_acquire); }
  void kick() noexcept override;
  [[nodiscard]] std::vector<EndReport> take_reports() override { return routine_->take_reports(); }

 private:
  Stage& stage_;
  std::unique_ptr<EndRoutine> routine_;
  std::atomic<bool> done_{false};
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pipebench
