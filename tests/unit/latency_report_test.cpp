// Percentiles of --latency and --message in every format.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipebench/analysis/compare.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/report/comparison.hpp"
#include "pipebench/report/report.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

Percentiles percentiles(double us) {
  return {.count = 1000,
          .clock_ns = 25,
          .p50_ns = us * 1e3,
          .p90_ns = us * 2e3,
          .p99_ns = us * 3e3,
          .p999_ns = us * 4e3,
          .max_ns = us * 5e3};
}

CaseResult measured(const std::string& name) {
  constexpr std::uint64_t bytes = std::uint64_t{1} << 30U;
  CaseResult result;
  result.name = name;
  result.spec.writer = "write";
  result.spec.reader = "read";
  result.status = Status::ok;
  for (unsigned round = 0; round < 3; ++round)
    result.samples.push_back({.round = round,
                              .bytes = bytes,
                              .seconds = 1,
                              .writer = {},
                              .reader = {},
                              .counted_bytes = bytes,
                              .counted_seconds = 1});
  return result;
}

CaseResult timed(const std::string& name) {
  CaseResult result = measured(name);
  result.spec.latency = true;
  for (std::size_t i = 0; i < 3; ++i)
    result.samples[i].latency = percentiles(i == 1 ? 90 : 10.0 + static_cast<double>(i));
  return result;
}

CaseResult answered(const std::string& name) {
  CaseResult result = measured(name);
  result.spec.message_bytes = 64;
  result.traits.transport = Transport::socketpair;
  for (Sample& sample : result.samples) sample.round_trip = percentiles(0.5);
  return result;
}

Document document_of(std::vector<CaseResult> cases) {
  Document document{.tool = {}, .host = {}, .plan = {}, .cases = std::move(cases)};
  document.plan.finished = "2024-01-02T03:05:06Z";
  document.plan.complete = true;
  summarize(document);
  return document;
}

Document both() { return document_of({timed("stream"), answered("answers"), measured("neither")}); }

TEST(Percentiles, OfACaseAreMediansOfItsSamplesAndTheLongestOfAll) {
  const Document document = both();
  const Percentiles& found = document.cases[0].summary->latency;
  EXPECT_EQ(found.p50_ns, 12e3);
  EXPECT_EQ(found.p999_ns, 48e3);
  EXPECT_EQ(found.max_ns, 450e3) << "of the second sample";
  EXPECT_EQ(found.count, 3000U);
  EXPECT_EQ(found.clock_ns, 25);
  EXPECT_FALSE(document.cases[0].summary->round_trip.count);
  EXPECT_EQ(document.cases[1].summary->round_trip.p50_ns, 500);
  EXPECT_FALSE(document.cases[2].summary->latency.p50_ns);
}

TEST(Percentiles, HaveATableOfEightyColumns) {
  const std::string text = results_as_table(both(), {.width = 80});
  EXPECT_TRUE(holds(text,
                    "case              microseconds of     50%  90%  99% 99.9%  max\n"
                    "stream            4 KiB in the pipe  12.0 24.0 36.0  48.0  450\n"
                    "answers (no pipe) 64, there and back 0.50 1.00 1.50  2.00 2.50\n"))
      << text;
  EXPECT_TRUE(holds(text, "pipe: from the beginning"));
  EXPECT_TRUE(holds(text, "there and back: round trips"));
  EXPECT_TRUE(holds(text, "no pipe: another kind"));
  for (const std::string& line : split(text, '\n')) EXPECT_LE(display_width(line), 80U) << line;
}

TEST(Percentiles, HaveNoTableWhereNobodyAskedForThem) {
  const std::string text = results_as_table(document_of({measured("neither")}), {.width = 80});
  EXPECT_EQ(text.find("microseconds"), std::string::npos);
  EXPECT_EQ(text.find("in the pipe:"), std::string::npos);
}

TEST(Percentiles, AreInMarkdownCsvJsonAndMetrics) {
  const Document document = both();
  EXPECT_TRUE(
      holds(results_as_markdown(document, {}), "| stream | 4 KiB in the pipe | 12.0 | 24.0 | 36.0 | 48.0 | 450 |"));
  const std::string csv = results_as_csv(document, {});
  EXPECT_TRUE(holds(csv, ",latency_count,latency_clock_ns,latency_p50_ns,"));
  EXPECT_TRUE(holds(csv, ",round_trip_max_ns,"));
  EXPECT_TRUE(holds(csv, ",1000,25.0,10000.0,20000.0,30000.0,40000.0,50000.0,"));
  const auto json = nlohmann::json::parse(results_as_json(document, {}));
  EXPECT_EQ(json["cases"][0]["summary"]["latency"]["p99_ns"], 36e3);
  EXPECT_EQ(json["cases"][0]["samples"][1]["latency"]["max_ns"], 450e3);
  EXPECT_TRUE(json["cases"][0]["summary"]["round_trip"].is_null());
  EXPECT_EQ(json["cases"][1]["spec"]["message_bytes"], 64);
  EXPECT_EQ(json["cases"][1]["traits"]["transport"], "socketpair");
  const std::string metrics = results_as_openmetrics(document, {});
  EXPECT_TRUE(holds(metrics, "# UNIT pipebench_latency_seconds seconds\n"));
  EXPECT_TRUE(holds(metrics, "pages=\"4k\",quantile=\"0.5\"} 1.2e-05\n"));
  EXPECT_TRUE(holds(metrics, "pipebench_round_trip_seconds{case=\"answers\""));
}

TEST(Percentiles, AreNotWhatIsCompared) {
  const Document base = both(), later = both();
  const NamedComparison named{.base = {.name = "a", .document = &base},
                              .other = {.name = "b", .document = &later},
                              .comparison = compare(base, later)};
  const std::string text = listing_as_table(comparison_listing({&named, 1}), {.width = 200});
  EXPECT_TRUE(holds(text, "Speeds are compared, percentiles of times are not: stream, answers."));
}

}  // namespace
}  // namespace pipebench
