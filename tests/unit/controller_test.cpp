// When the watcher of a sample looks.
#include "engine/controller.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace pipebench {
namespace {

constexpr std::uint64_t ms = 1'000'000;

TEST(Pause, IsLongWhileMeasuringByBytes) { EXPECT_EQ(pause_ns({.phase = 2}), 50 * ms); }

TEST(Pause, EndsWhenThePhaseIsToEnd) {
  for (const unsigned phase : {1U, 2U}) {
    EXPECT_EQ(pause_ns({.phase = phase, .left_ns = 3 * ms}), 3 * ms);
    EXPECT_EQ(pause_ns({.phase = phase, .left_ns = 3000 * ms}), 50 * ms);
  }
}

TEST(Pause, IsShortBeforeAPhaseBeginsAndWhileAborting) {
  EXPECT_LT(pause_ns({.phase = 0}), ms);
  EXPECT_LT(pause_ns({.phase = 1}), ms) << "the warm-up is over";
  EXPECT_LT(pause_ns({.phase = 2, .left_ns = 3000 * ms, .kicks = true}), ms);
  EXPECT_LT(pause_ns({.phase = 2, .drains = true}), ms);
}

/// Lost from the start; done when somebody has seen to that.
class LostRunner final : public EndRunner {
 public:
  explicit LostRunner(const Stage& stage) : stage_(stage) {}
  void start() override {}
  [[nodiscard]] bool done() const noexcept override { return stage_.aborted(); }
  [[nodiscard]] bool is_lost() const noexcept override { return true; }
  void kick() noexcept override {}
  [[nodiscard]] std::vector<EndReport> take_reports() override { return {}; }

 private:
  const Stage& stage_;
};

TEST(Controller, ReleasesThoseWhoWaitForARunnerThatIsLost) {
  Stage stage(1);
  std::vector<std::unique_ptr<EndRunner>> runners;
  runners.push_back(std::make_unique<LostRunner>(stage));
  const std::atomic<int> never{0};
  const Sampling sampling;
  Controller controller(stage, runners, sampling, never, std::nullopt);
  controller.watch();
  EXPECT_FALSE(stage.streams()[0].exit_barrier.gather(2)) << "it would wait for ever";
  EXPECT_FALSE(controller.interrupted());
}

/// Stopped from the start; done when it was given up.
class StoppedRunner final : public EndRunner {
 public:
  explicit StoppedRunner(const Stage& stage) : stage_(stage) {}
  void start() override {}
  [[nodiscard]] bool done() const noexcept override { return stage_.aborted(); }
  [[nodiscard]] bool is_stopped() const noexcept override { return true; }
  void kick() noexcept override {}
  [[nodiscard]] std::vector<EndReport> take_reports() override { return {}; }

 private:
  const Stage& stage_;
};

// In vain, as no phase begins without it, and what has not begun has no timeout otherwise.
TEST(Controller, WaitsNoLongerThanTheTimeoutForARunnerThatIsStopped) {
  Stage stage(1);
  std::vector<std::unique_ptr<EndRunner>> runners;
  runners.push_back(std::make_unique<StoppedRunner>(stage));
  const std::atomic<int> never{0};
  Sampling sampling;
  sampling.timeout_seconds = 0.01;
  Controller controller(stage, runners, sampling, never, std::nullopt);
  controller.watch();
  EXPECT_TRUE(controller.stuck());
  EXPECT_FALSE(controller.stalled()) << "that is about bytes";
}

/// Between two looks nothing moves but an answer; done after ten.
class AnsweringRunner final : public EndRunner {
 public:
  explicit AnsweringRunner(Stage& stage) : stage_(stage) {}
  void start() override {}
  [[nodiscard]] bool done() const noexcept override {
    return stage_.aborted() || stage_.streams()[0].answers[1].consumed.bytes.fetch_add(1) >= 10;
  }
  void kick() noexcept override {}
  [[nodiscard]] std::vector<EndReport> take_reports() override { return {}; }

 private:
  Stage& stage_;
};

TEST(Controller, TakesAnAnswerForProgress) {
  Stage stage(1);
  stage.share().phases_begun = 2;
  std::vector<std::unique_ptr<EndRunner>> runners;
  runners.push_back(std::make_unique<AnsweringRunner>(stage));
  const std::atomic<int> never{0};
  Sampling sampling;
  sampling.timeout_seconds = 0.001;  // it looks less often
  Controller controller(stage, runners, sampling, never, std::nullopt);
  controller.watch();
  EXPECT_FALSE(controller.stalled());
}

}  // namespace
}  // namespace pipebench
