// What a plan that varies two options ends in, and figures as bars.
#include "pipebench/analysis/crossing.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "golden.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/report/heat_map.hpp"
#include "pipebench/report/report.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

CaseResult case_of(const std::string& section, const OptionValues& varied) {
  CaseResult result;
  result.section = section;
  result.varied = varied;
  result.spec.writer = "write";
  result.spec.reader = "read";
  for (const auto& [option, value] : varied) {
    result.name += (result.name.empty() ? section + ":" : ",") + option + "=" + value;
    if (option == "writer") result.spec.writer = value;
    if (option == "reader") result.spec.reader = value;
  }
  result.status = Status::planned;
  return result;
}

void measure(CaseResult& result, double speed, double half_interval) {
  result.status = Status::ok;
  result.traits = {.copies = 1, .replay = false, .touched = Touched::both, .safe = true};
  result.summary = Summary{.n = 10,
                           .median_gib_per_second = speed,
                           .ci95_low = speed - half_interval,
                           .ci95_high = speed + half_interval,
                           .ci_coverage = 0.978,
                           .ns_per_page = 4096e9 / (speed * 1073741824),
                           .cpu_seconds_per_gib = 0.375};
}

void price(CaseResult& result, double writer_ns, double reader_ns) {
  measure(result, 8, 1);
  result.spec.isolation = Isolation::none;
  result.summary->writer_ns_per_page = writer_ns;
  result.summary->reader_ns_per_page = reader_ns;
  result.summary->turns_ns_per_page = writer_ns + reader_ns;
  result.summary->turns_ns_per_page_ci95_low = writer_ns + reader_ns - 10;
  result.summary->turns_ns_per_page_ci95_high = writer_ns + reader_ns + 10;
  result.summary->cpu_seconds_per_gib.reset();
}

Document run_of(std::vector<CaseResult> cases) {
  Document document;
  document.tool.version = "1.2.3";
  document.host.kernel = "6.18.0";
  document.plan.seed = 42;
  document.plan.started = "2024-01-02T03:04:05Z";
  document.plan.finished = "2024-01-02T03:05:06Z";
  document.plan.complete = true;
  document.cases = std::move(cases);
  return document;
}

/// Writers and readers, with all that can be of a cell.
Document matrix() {
  std::vector<CaseResult> cases;
  double speed = 2;
  for (const char* writer : {"write", "vmsplice", "tee", "null"}) {
    for (const char* reader : {"read", "splice", "splice-socket", "null"}) {
      CaseResult result = case_of("m", {{"writer", writer}, {"reader", reader}});
      const bool moves = std::string(writer) != "null" && std::string(reader) != "null";
      if (!moves && std::string(writer) != reader) {
        result.status = Status::skipped;
        result.reason = "null moves no bytes, so it only pairs with null.";
      } else {
        measure(result, moves ? speed : 5000, 0.02 * speed);
        result.traits.moves_bytes = moves;
        result.traits.replay = std::string(writer) == "tee";
        speed *= 1.5;
      }
      cases.push_back(result);
    }
  }
  cases[1].summary->doubts = {Doubt::two_groups};
  cases[6].traits.safe = false;
  cases[8].summary.reset();
  cases[8].status = Status::failed;
  cases[8].reason = "Nothing moved for 10s (--timeout).";
  cases[5].summary->ci95_low = 5;
  return run_of(cases);
}

Document prices() {
  std::vector<CaseResult> cases;
  for (const char* writer : {"write", "vmsplice"}) {
    for (const char* pages : {"4k", "thp"}) {
      cases.push_back(case_of("p", {{"writer", writer}, {"pages", pages}}));
      price(cases.back(), std::string(writer) == "write" ? 300 : 50, std::string(pages) == "thp" ? 20 : 45);
    }
  }
  return run_of(cases);
}

Document sizes(int values) {
  std::vector<CaseResult> cases;
  for (const char* pages : {"4k", "thp"}) {
    for (int i = 0; i < values; ++i) {
      cases.push_back(case_of("s", {{"pages", pages}, {"buffer-size", fmt::format("{}K", 4 << i)}}));
      measure(cases.back(), 1 + i, 0.1);
    }
  }
  return run_of(cases);
}

std::string without_colors(std::string text) {
  for (auto at = text.find('\033'); at != std::string::npos; at = text.find('\033'))
    text.erase(at, text.find('m', at) - at + 1);
  return text;
}

std::size_t widest_line(const std::string& text) {
  std::size_t most = 0;
  for (const std::string& line : split(text, '\n')) most = std::max(most, display_width(line));
  return most;
}

constexpr View grid{.arrangement = Arrangement::grid};

TEST(Crossing, IsAsTheGoldenFileAt80Columns) {
  expect_golden("crossing-80.txt", results_as_table(matrix(), {.width = 80, .bars = Bars::blocks}));
}

TEST(Crossing, IsAsTheGoldenFileAt100Columns) {
  expect_golden("crossing-100.txt", results_as_table(matrix(), {.width = 100, .bars = Bars::ascii}));
}

TEST(Crossing, IsAsTheGoldenFileAt120Columns) {
  expect_golden("crossing-120.txt", results_as_table(matrix(), {.width = 120, .bars = Bars::blocks}));
}

TEST(Crossing, OfPricesIsAsTheGoldenFile) {
  expect_golden("crossing-prices.txt", results_as_table(prices(), {.width = 100, .bars = Bars::ascii}));
}

TEST(Crossing, HasNoRowsWhereAGridIsAskedFor) {
  const std::string text = results_as_table(matrix(), grid);
  EXPECT_TRUE(text.starts_with("m:\n")) << text;
  EXPECT_FALSE(holds(text, "ns/4KiB")) << "neither a column nor a line of the legend";
  EXPECT_FALSE(holds(text, "interval"));
  EXPECT_TRUE(holds(text, "failed: m:writer=tee,reader=read: Nothing moved"));
  EXPECT_TRUE(holds(text, "replay: the same bytes"));
}

TEST(Crossing, HasNoGridWhereATableIsAskedFor) {
  const std::string text = results_as_table(matrix(), {.arrangement = Arrangement::table});
  EXPECT_TRUE(text.starts_with("case ")) << text;
  EXPECT_FALSE(holds(text, "reader across"));
}

TEST(Crossing, IsTheSameInMarkdown) {
  EXPECT_TRUE(holds(results_as_markdown(matrix(), {}), "```\nm:\n"));
  EXPECT_TRUE(results_as_markdown(matrix(), grid).starts_with("```\nm:\n"));
  EXPECT_FALSE(holds(results_as_markdown(matrix(), {.arrangement = Arrangement::table}), "```"));
}

TEST(Crossing, HasColoursForFiguresThatCanBeCompared) {
  const std::string colored = results_as_table(prices(), {.color = true, .arrangement = Arrangement::grid});
  EXPECT_TRUE(holds(colored, "\033[48;5;112;38;5;0m  70.0")) << "less is better";
  EXPECT_EQ(without_colors(colored), results_as_table(prices(), grid));
  EXPECT_TRUE(holds(results_as_table(matrix(), {.color = true}), "  5000\n")) << "what moves nothing has none";
}

// Else rows would be compared with what they never met.
TEST(Crossing, NeedsEachValueOnceWithEachOther) {
  Document document = matrix();
  document.cases.pop_back();
  EXPECT_TRUE(find_crossings(document).found.empty());
  EXPECT_FALSE(holds(results_as_table(document, {}), "Not every")) << "nobody asked";
  const std::string text = results_as_table(document, grid);
  EXPECT_TRUE(text.starts_with("case ")) << text;
  EXPECT_TRUE(holds(text, "\nnote: m: Not every writer was planned once with every reader.\n"));
  document.cases.push_back(document.cases.back());
  EXPECT_TRUE(find_crossings(document).found.empty()) << "one twice, one never";
}

TEST(Crossing, IsOfTwoOptionsWithTwoValues) {
  const auto reason = [](std::vector<CaseResult> cases) {
    for (CaseResult& result : cases) measure(result, 4, 1);
    const Crossings crossings = find_crossings(run_of(std::move(cases)));
    return crossings.others.empty() ? "none" : crossings.others.front().reason;
  };
  EXPECT_EQ(reason({case_of("s", {}), case_of("s", {})}), "A grid needs two options that vary.");
  EXPECT_EQ(
      reason({case_of("s", {{"wait", "busy"}, {"pages", "4k"}}), case_of("s", {{"wait", "poll"}, {"pages", "4k"}})}),
      "A grid needs two values of each option.");
  EXPECT_EQ(reason({case_of("s", {{"wait", "busy"}, {"pages", "4k"}, {"gift", "on"}})}),
            "3 options vary, and a grid shows two.");
  EXPECT_EQ(reason({case_of("s", {{"wait", "busy"}, {"pages", "4k"}}), case_of("s", {{"pages", "4k"}})}),
            "Not all of its cases vary the same options.");
  EXPECT_EQ(reason({case_of("s", {{"wait", "busy"}, {"isolation", "none"}})}),
            "Prices and speeds have no scale in common.");
}

TEST(Crossing, LeavesOtherSectionsTheirRows) {
  Document document = sizes(3);
  for (const char* section : {"a", "b"}) {
    document.cases.push_back(case_of(section, {{"wait", "busy"}}));
    measure(document.cases.back(), 4, 1);
  }
  const std::string text = results_as_table(document, grid);
  EXPECT_TRUE(holds(text, "\na:wait=busy ")) << text;
  EXPECT_FALSE(holds(text, "s:pages")) << text;
  EXPECT_TRUE(holds(text, "\nnote: a, b: A grid needs two options that vary.\n"));
}

TEST(Crossing, OfCpusIsTheirSweep) {
  Document document = run_of({});
  for (const char* wait : {"busy", "poll"}) {
    for (const int reader : {1, 2}) {
      CaseResult result = case_of("s", {{"wait", wait}, {"cpus", fmt::format("0,{}", reader)}});
      measure(result, 4, 1);
      result.spec.placement = {.writer_cpu = 0, .reader_cpu = reader, .relation = Relation::l3};
      document.cases.push_back(result);
    }
  }
  document.cases[0].summary->doubts = {Doubt::two_groups};
  const std::string text = results_as_table(document, grid);
  EXPECT_TRUE(text.starts_with("s:wait=busy:\n   w\\r     0     1     2\n     0     - 4.00~  4.00\n")) << text;
  EXPECT_TRUE(holds(text, "readers across. ~: in doubt.\n"));
  EXPECT_FALSE(holds(results_as_table(document, {.arrangement = Arrangement::table}), "w\\r"));
  EXPECT_TRUE(holds(results_as_table(document, {.arrangement = Arrangement::table}), "relation pairs"));
}

TEST(Crossing, OfAPlanHasNothingToShow) {
  Document document = matrix();
  document.plan.finished.clear();
  for (CaseResult& result : document.cases) {
    result.summary.reset();
    result.spec.pipe_bytes = 65536;
    result.status = Status::planned;
  }
  EXPECT_EQ(results_as_table(document, grid), results_as_table(document, {}));
}

TEST(Crossing, IsTurnedWhereItFitsOnlySo) {
  const std::string text = results_as_table(sizes(14), grid);
  EXPECT_TRUE(text.starts_with("s:\nbuffer-size    4k   thp\n         4K  1.00  1.00\n")) << text;
  EXPECT_TRUE(holds(text, "\nGiB/s; buffer-size down, pages across.\n"));
  EXPECT_TRUE(results_as_table(sizes(3), grid).starts_with("s:\n pages    4K    8K   16K\n"));
}

TEST(Crossing, GoesOnBelowWhereColumnsDoNotFit) {
  std::vector<CaseResult> cases;
  for (int row = 0; row < 15; ++row) {
    for (int column = 0; column < 15; ++column) {
      cases.push_back(case_of("s", {{"streams", std::to_string(row + 1)}, {"stripe", std::to_string(column + 1)}}));
      measure(cases.back(), 4, 1);
    }
  }
  const std::string text = results_as_table(run_of(std::move(cases)), grid);
  EXPECT_LE(widest_line(text), 80U) << text;
  EXPECT_TRUE(holds(text, "\n\nstreams    13    14    15\n")) << text;
  EXPECT_TRUE(holds(text, " In 2 parts, as not all columns have room.\n"));
}

TEST(Crossing, LetsNoValueReachATerminalAsItIs) {
  std::vector<CaseResult> cases;
  for (const char* row : {"\x1b[2J", "b"}) {
    for (const char* column : {"\xff", "d"}) {
      cases.push_back(case_of("s", {{"x", row}, {"y", column}}));
      measure(cases.back(), 4, 1);
    }
  }
  EXPECT_EQ(results_as_table(run_of(std::move(cases)), {}).find_first_of("\x1b\xff"), std::string::npos);
}

TEST(Bars, AreOfWideTerminalsAlone) {
  for (const View& view : {View{.width = 99, .bars = Bars::blocks}, View{.width = 200}})
    EXPECT_FALSE(holds(results_as_table(matrix(), view), " bar")) << view.width;
  EXPECT_FALSE(holds(results_as_markdown(matrix(), {.width = 200, .bars = Bars::blocks}), "bar"));
  const View wide{.width = 200, .bars = Bars::blocks, .arrangement = Arrangement::grid};
  EXPECT_FALSE(holds(results_as_table(matrix(), wide), "bar:")) << "no rows, no bars";
}

TEST(Bars, FitTheWidth) {
  for (const unsigned width : {100U, 110U, 120U, 160U}) {
    for (const Document& document : {matrix(), prices(), sizes(9)})
      EXPECT_LE(widest_line(results_as_table(document, {.width = width, .bars = Bars::blocks})), width);
  }
}

std::string bar_of(double speed, double half_interval, Bars bars) {
  Document document = run_of({case_of("long", {}), case_of("it", {})});
  measure(document.cases[0], 40, 0);
  measure(document.cases[1], speed, half_interval);
  const std::string line = split(results_as_table(document, {.width = 200, .bars = bars}), '\n').at(2);
  return line.substr(line.find_first_not_of(' ', line.find("both") + 4));
}

TEST(Bars, AreRelativeToTheLargest) {
  EXPECT_EQ(bar_of(10, 0, Bars::ascii), std::string(10, '='));
  EXPECT_EQ(bar_of(10.5, 0, Bars::ascii), std::string(11, '='));
  EXPECT_EQ(bar_of(2.5, 0, Bars::blocks), "██▌");
  EXPECT_EQ(bar_of(39.999, 0, Bars::ascii), std::string(40, '='));
}

TEST(Bars, HaveTheIntervalWhereItIsWide) {
  EXPECT_EQ(bar_of(5.5, 2, Bars::ascii), "===|-+-|");
  EXPECT_EQ(bar_of(5.5, 1, Bars::blocks), "████├┼┤");
  EXPECT_EQ(bar_of(5.5, 0.4, Bars::ascii), "======") << "within a character";
  EXPECT_EQ(bar_of(20, 60, Bars::ascii).size(), 40U) << "the end of an interval may be the largest";
}

}  // namespace
}  // namespace pipebench
