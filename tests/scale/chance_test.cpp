// What holds often enough: verdicts and intervals, over many trials.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "pipebench/analysis/compare.hpp"
#include "pipebench/base/shuffle.hpp"
#include "pipebench/stats/bootstrap.hpp"
#include "recordings.hpp"

namespace pipebench {
namespace {

// Of numbers whose medians are known.
TEST(BootstrapRatio, HoldsTheTrueRatioAboutAsOftenAsItSays) {
  std::mt19937_64 random(5);
  const auto draw = [&](double middle) {
    std::vector<double> values;
    for (int i = 0; i < 15; ++i) values.push_back(middle * (0.5 + static_cast<double>(random() % 1001) / 1000));
    return values;
  };
  int held = 0;
  for (int i = 0; i < 200; ++i) {
    const Interval interval = bootstrap_ratio_interval(draw(3), draw(2), static_cast<std::uint64_t>(i));
    held += interval.low <= 1.5 && 1.5 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(held, 180);
  EXPECT_LE(held, 199) << "an interval that always holds it is too wide";
}

Document run_without_samples() {
  CaseResult result;
  result.name = "write-read";
  result.status = Status::ok;
  Document document;
  document.cases = {result};
  return document;
}

Sample sample_of(const Observation& observation, std::size_t round) {
  Sample sample;
  sample.round = static_cast<unsigned>(round);
  sample.bytes = sample.counted_bytes = std::uint64_t{1} << 30U;
  sample.seconds = sample.counted_seconds = 1 / observation.speed;
  sample.conditions = observation.conditions;
  return sample;
}

// The samples of a recording as two runs would have drawn them.
std::pair<Document, Document> divided(const std::vector<Observation>& recording, unsigned round) {
  Document halves[2] = {run_without_samples(), run_without_samples()};
  const std::vector<std::size_t> order = shuffled_order(recording.size(), 7, round);
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::vector<Sample>& samples = halves[i % 2].cases[0].samples;
    samples.push_back(sample_of(recording[order[i]], samples.size()));
  }
  return {halves[0], halves[1]};
}

TEST(Compare, FindsAMachineNoFasterThanItself) {
  for (const char* name : {"one-mode.csv", "two-modes.csv", "write-read.csv", "disturbed.csv"}) {
    const std::vector<Observation> recording = recorded(name);
    int different = 0;
    for (unsigned round = 0; round < 100; ++round) {
      const auto [base, other] = divided(recording, round);
      const Verdict verdict = compare(base, other).cases.at(0).verdict;
      different += verdict == Verdict::faster || verdict == Verdict::slower ? 1 : 0;
    }
    EXPECT_LE(different, 5) << name;
  }
}

}  // namespace
}  // namespace pipebench
