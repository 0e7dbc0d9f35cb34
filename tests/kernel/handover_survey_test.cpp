// Measuring how far apart CPUs are, pass by pass.
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "cpus.hpp"
#include "pipebench/engine/handover.hpp"

namespace pipebench {
namespace {

using Cpus = std::vector<int>;

const std::atomic<int> not_interrupted{0};

TEST(HandoverSurvey, MeasuresAllPairsInEachPass) {
  std::vector<HandoverReadings> pairs{{.first = 0, .second = 1}, {.first = 0, .second = 2}};
  std::string order;
  double next = 0;
  const auto measure = [&](int, int second) -> std::optional<double> {
    order += std::to_string(second);
    ++next;
    return next == 2 ? std::nullopt : std::optional(next);
  };
  EXPECT_TRUE(measure_handovers(pairs, 3, 0, measure, not_interrupted));
  EXPECT_EQ(order, "121212");
  EXPECT_EQ(pairs[0].ns, (std::vector<double>{1, 3, 5}));
  EXPECT_EQ(pairs[1].ns, (std::vector<double>{4, 6})) << "what could not be had is no reading";
}

TEST(HandoverSurvey, EndsAtAnInterruptWithWhatThereIs) {
  std::vector<HandoverReadings> pairs{{.first = 0, .second = 1}, {.first = 0, .second = 2}};
  std::atomic<int> interrupt{0};
  const auto measure = [&](int, int) {
    interrupt = SIGINT;
    return std::optional(1.0);
  };
  EXPECT_FALSE(measure_handovers(pairs, 1000, 3600, measure, interrupt));
  EXPECT_EQ(pairs[0].ns.size(), 1U);
  EXPECT_TRUE(pairs[1].ns.empty());
}

TEST(HandoverSurvey, WorksOnThisMachine) {
  const Cpus cpus = allowed_cpus();
  if (cpus.size() < 2) GTEST_SKIP() << "only one CPU is allowed here";
  std::vector<HandoverReadings> pairs{{.first = cpus[0], .second = cpus[1]}};
  const Topology topology = Topology::of_this_machine();
  const auto measure = [&](int first, int second) { return measure_handover(topology, first, second); };
  // Beside other work, a thread may get no CPU for as long as one try takes.
  for (int i = 0; i < 1000 && pairs[0].ns.empty(); ++i)
    EXPECT_TRUE(measure_handovers(pairs, 1, 0, measure, not_interrupted));
  ASSERT_FALSE(pairs[0].ns.empty());
  EXPECT_GT(pairs[0].ns[0], 0);
}

TEST(HandoverSurvey, HasNoFigureOfACpuThatIsNotThere) {
  const Topology topology = Topology::of_this_machine();
  EXPECT_FALSE(measure_handover(topology, allowed_cpus().front(), 8191));
}

}  // namespace
}  // namespace pipebench
