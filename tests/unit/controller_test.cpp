// When the watcher of a sample looks.
#include "engine/controller.hpp"

#include <gtest/gtest.h>

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
  EXPECT_LT(pause_ns({.phase = 2, .left_ns = 3000 * ms, .aborted = true}), ms);
}

}  // namespace
}  // namespace pipebench
