// What holds often enough: verdicts and intervals, over many trials.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string_view>
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

// The samples of a recording as two runs would have drawn them.
std::pair<Document, Document> divided(const std::vector<Observation>& recording, unsigned round) {
  Document halves[2] = {run_without_samples(), run_without_samples()};
  const std::vector<std::size_t> order = shuffled_order(recording.size(), 7, round);
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::vector<Sample>& samples = halves[i % 2].cases[0].samples;
    samples.push_back(sample_of(recording[order[i]], static_cast<unsigned>(samples.size())));
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

/// How many of these found something faster or slower, though nothing was changed.
struct FalseVerdicts {
  int comparisons = 0, of_comparisons = 0;  ///< with any such case, and all
  int cases = 0, of_cases = 0;
};

bool is_change(const ComparedCase& compared) {
  return compared.verdict == Verdict::faster || compared.verdict == Verdict::slower;
}

// Of every run with every other.
FalseVerdicts false_verdicts(const std::vector<Document>& runs) {
  FalseVerdicts found;
  for (const Document& base : runs) {
    for (const Document& other : runs) {
      if (&base == &other) continue;
      const std::vector<ComparedCase> cases = compare(base, other).cases;
      const auto wrong = static_cast<int>(std::ranges::count_if(cases, is_change));
      found.cases += wrong;
      found.of_cases += static_cast<int>(cases.size());
      found.comparisons += wrong > 0 ? 1 : 0;
      ++found.of_comparisons;
    }
  }
  return found;
}

TEST(Compare, FindsNoRunOfAMachineFasterThanAnother) {
  for (const char* name : {"default.csv", "default-later.csv", "prices.csv"}) {
    const FalseVerdicts found = false_verdicts(recorded_runs(name));
    EXPECT_LE(20 * found.comparisons, found.of_comparisons) << name;
    EXPECT_LE(20 * found.cases, found.of_cases) << name;
    EXPECT_GE(found.of_comparisons, 30) << name;
  }
}

Document with_slower(Document run, std::string_view name, double factor) {
  for (CaseResult& result : run.cases) {
    if (result.name != name) continue;
    for (Sample& sample : result.samples) {
      sample.seconds *= factor;
      for (Turns* turns : {&sample.writer_turns, &sample.reader_turns})
        if (turns->median_ns_per_page) *turns->median_ns_per_page *= factor;
    }
  }
  return run;
}

// In how many comparisons of a run with the next one this case is found slower, when it was made so there.
int times_found(const std::vector<Document>& runs, std::string_view name, double factor) {
  int found = 0;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const Document slow = with_slower(runs[i], name, factor);
    const Comparison comparison = compare(runs[i - 1], slow);
    const auto is_meant = [&](const ComparedCase* one) { return one->base.result->name == name; };
    found += std::ranges::any_of(regressions(comparison, 0), is_meant) ? 1 : 0;
  }
  return found;
}

TEST(Compare, FindsAChangeThatIsLargerThanRunsDifferBy) {
  EXPECT_EQ(times_found(recorded_runs("default.csv"), "busy-loop-huge", 1.25), 8);
  EXPECT_EQ(times_found(recorded_runs("prices.csv"), "fill:vmsplice", 1.15), 7);
}

}  // namespace
}  // namespace pipebench
