// What a sweep over pairs of CPUs shows: the heat map, a line a relation, and who is unlike the others.
#include "report/sweep.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "pipebench/analysis/sweep.hpp"
#include "pipebench/report/heat_map.hpp"
#include "pipebench/report/report.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

CaseResult pair_of(const std::string& section, int writer, int reader, Relation relation, double speed) {
  CaseResult result;
  result.section = section;
  result.varied = {{"cpus", fmt::format("{},{}", writer, reader)}};
  result.name = fmt::format("{}:cpus={},{}", section, writer, reader);
  result.status = Status::ok;
  result.spec.writer = "write";
  result.spec.reader = "read";
  result.spec.placement = {.writer_cpu = writer, .reader_cpu = reader, .relation = relation};
  result.summary.emplace();
  result.summary->median_gib_per_second = speed;
  return result;
}

/// Every pair of `count` CPUs: 10 GiB/s with itself, 8 with its neighbour, 4 with the others.
Document sweep_of(int count) {
  Document document;
  for (int writer = 0; writer < count; ++writer) {
    for (int reader = 0; reader < count; ++reader) {
      const bool near = writer / 2 == reader / 2;
      const Relation relation = writer == reader ? Relation::same_cpu : near ? Relation::l2 : Relation::l3;
      const double noise = 0.01 * ((writer * 7 + reader * 3) % 5);
      document.cases.push_back(pair_of("s", writer, reader, relation, (writer == reader ? 10 : near ? 8 : 4) + noise));
    }
  }
  return document;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Sweep, HasALineForEachRelationNearestFirst) {
  const std::string text = sweeps_as_text(sweep_of(4), {});
  const auto same = text.find("same-cpu     4");
  const auto l2 = text.find("l2           4");
  const auto l3 = text.find("l3           8");
  EXPECT_LT(same, l2) << text;
  EXPECT_LT(l2, l3) << text;
  EXPECT_NE(l3, std::string::npos) << text;
  EXPECT_TRUE(holds(text, "0.80")) << "l2 relative to same-cpu, the best";
}

TEST(Sweep, ShowsTheFiguresWhereTheyFit) {
  const std::string text = sweeps_as_text(sweep_of(4), {});
  EXPECT_TRUE(holds(text, "   w\\r     0     1     2     3\n")) << text;
  EXPECT_TRUE(holds(text, "     0  10.0  8.03  4.01  4.04\n")) << text;
}

TEST(Sweep, NeedsTwoPairs) {
  Document document;
  EXPECT_EQ(sweeps_as_text(document, {}), "");
  document.cases = {pair_of("s", 0, 1, Relation::l3, 4)};
  EXPECT_EQ(sweeps_as_text(document, {}), "");
  document.cases.push_back(pair_of("s", 1, 0, Relation::l3, 5));
  EXPECT_NE(sweeps_as_text(document, {}), "");
}

TEST(Sweep, OfDifferentCasesAreTold) {
  Document document;
  for (const char* section : {"a", "b"}) {
    for (int reader = 1; reader < 3; ++reader)
      document.cases.push_back(pair_of(section, 0, reader, Relation::l3, reader));
  }
  for (std::size_t i = 0; i < 2; ++i) document.cases[i].varied.emplace_back("wait", "busy");
  const std::string text = sweeps_as_text(document, {});
  EXPECT_TRUE(text.starts_with("a:wait=busy:\n")) << text;
  EXPECT_TRUE(holds(text, "\nb:\n"));
}

TEST(Sweep, IsKnownByWhatVariesNotByNames) {
  Document document;
  document.cases = {pair_of("cpus=0,1", 0, 1, Relation::l3, 4), pair_of("cpus=0,1", 1, 0, Relation::l3, 5)};
  for (CaseResult& result : document.cases) result.name = "any";
  EXPECT_EQ(find_sweeps(document).at(0).title, "cpus=0,1");
  for (CaseResult& result : document.cases) result.varied = {{"wait", "busy"}};
  EXPECT_TRUE(find_sweeps(document).empty()) << "both have the pair of a section, or of the command line";
}

TEST(Sweep, IsCalledAfterItsStrategiesOutsideSections) {
  Document document;
  document.cases = {pair_of("", 0, 1, Relation::l3, 4), pair_of("", 1, 0, Relation::l3, 5)};
  for (CaseResult& result : document.cases) result.varied.insert(result.varied.begin(), {"writer", "write"});
  EXPECT_EQ(find_sweeps(document).at(0).title, "write-read");
}

TEST(Sweep, ComparesRelationsAndPairs) {
  Document document;
  document.cases = {pair_of("s", 0, 0, Relation::same_cpu, 10), pair_of("s", 0, 1, Relation::l3, 4),
                    pair_of("s", 1, 0, Relation::l3, 6)};
  const std::vector<RelationSpeeds> relations = find_sweeps(document).at(0).relations;
  ASSERT_EQ(relations.size(), 2U);
  EXPECT_FALSE(relations[0].spread) << "of a single pair";
  EXPECT_DOUBLE_EQ(relations[1].median_gib_per_second, 5);
  EXPECT_DOUBLE_EQ(relations[1].spread.value(), 0.2);
  EXPECT_DOUBLE_EQ(relations[1].relative_to_best, 0.5);
  EXPECT_EQ(relations[1].best.writer, 1);
  EXPECT_EQ(relations[1].worst.writer, 0);
}

TEST(Sweep, IsTheSameInMarkdown) {
  Document document = sweep_of(8);
  document.cases[1].summary->median_gib_per_second = 1;
  const std::string text = sweeps_as_markdown(document, {});
  EXPECT_TRUE(text.starts_with("s:\n\n```\n")) << text;
  EXPECT_TRUE(holds(text, "| l2 | 8 |"));
  EXPECT_TRUE(holds(text, "outliers in l2: 0,1 at 1.00"));
  EXPECT_TRUE(holds(text, "pairs: ordered, writer and reader."));
}

TEST(Sweep, NamesTheBadCore) {
  Document document = sweep_of(8);
  for (CaseResult& result : document.cases) {
    const Placement& placement = result.spec.placement;
    if (placement.relation == Relation::l3 && (placement.writer_cpu == 5 || placement.reader_cpu == 5))
      result.summary->median_gib_per_second = 1;
  }
  const std::string text = sweeps_as_text(document, {});
  EXPECT_TRUE(holds(text, "outliers in l3: 0,5 at 1.00")) << text;
  EXPECT_TRUE(holds(text, "CPU 5 is in most of them"));
  EXPECT_EQ(text.find("outliers in same-cpu"), std::string::npos);
  EXPECT_EQ(sweeps_as_text(sweep_of(8), {}).find("outliers"), std::string::npos);
}

void set_handover(CaseResult& result, double before, double after) {
  Sample sample;
  sample.conditions.handover_ns_before = before;
  sample.conditions.handover_ns_after = after;
  result.samples.push_back(sample);
}

/// The sweep, with a hand-over of 20 ns between neighbours, and 40 ns between others.
Document sweep_with_handovers(int count) {
  Document document = sweep_of(count);
  for (CaseResult& result : document.cases) {
    const Relation relation = *result.spec.placement.relation;
    if (relation != Relation::same_cpu)
      set_handover(result, relation == Relation::l2 ? 20 : 40, relation == Relation::l2 ? 22 : 42);
  }
  return document;
}

TEST(Sweep, ShowsHowFarApartTheCpusAre) {
  const Sweep sweep = find_sweeps(sweep_with_handovers(4)).at(0);
  EXPECT_FALSE(sweep.relations[0].handover_ns) << "a CPU and itself";
  EXPECT_EQ(sweep.relations[1].handover_ns, 21);
  EXPECT_EQ(sweep.relations[2].pairs[0].handover_ns, 41);
  const std::string text = sweeps_as_text(sweep_with_handovers(4), {});
  EXPECT_TRUE(holds(text, "   cpu     0     1     2     3\n     0     -  21.0  41.0  41.0\n")) << text;
  EXPECT_TRUE(holds(text, "x best ns apart\n")) << text;
  EXPECT_TRUE(holds(text, " 0.40     41.0\n")) << text;
  EXPECT_TRUE(holds(text, "ns apart: how long")) << text;
  EXPECT_FALSE(holds(text, "distance:")) << text;
  const std::string markdown = sweeps_as_markdown(sweep_with_handovers(4), {});
  EXPECT_TRUE(holds(markdown, "```\n\n```\n   cpu ")) << markdown;
  EXPECT_TRUE(holds(markdown, "| x best | ns apart |")) << markdown;
}

TEST(Sweep, SaysNothingOfDistancesThatWereNotMeasured) {
  for (const std::string& text : {sweeps_as_text(sweep_of(4), {}), sweeps_as_markdown(sweep_of(4), {})}) {
    EXPECT_FALSE(holds(text, "apart")) << text;
    EXPECT_FALSE(holds(text, "   cpu ")) << text;
  }
}

// The two orders of a pair are one distance; two samples of each make four readings and more.
TEST(Sweep, SaysWhereADistanceContradictsTheRelation) {
  Document document = sweep_with_handovers(4);
  for (CaseResult& result : document.cases) {
    const Placement& placement = result.spec.placement;
    if (placement.writer_cpu == 3 && placement.reader_cpu == 0) set_handover(result, 190, 185);
  }
  const auto pairs = handovers_beside_samples(document);
  ASSERT_EQ(pairs.size(), 6U);
  EXPECT_EQ(pairs[2].ns, (std::vector<double>{40, 42, 40, 42, 190, 185}));
  for (const std::string& text : {sweeps_as_text(document, {}), sweeps_as_markdown(document, {})})
    EXPECT_TRUE(holds(text, "distance: CPUs 0 and 3, l3 (two cores with a common third-level cache), were")) << text;
}

TEST(Sweep, FitsEightyColumnsWhateverTheNumberOfCpus) {
  for (const int cpus : {2, 12, 13, 73, 74, 200}) {
    for (const std::string& line : lines_of(sweeps_as_text(sweep_with_handovers(cpus), {})))
      EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(HeatMap, ShowsTenthsOfTheFastestWhereFiguresDoNotFit) {
  PairCells cells;
  for (int cpu = 0; cpu < 20; ++cpu) cells[{0, cpu}].figure = cpu == 7 ? 10 : cpu == 8 ? 0.5 : 5.5;
  const std::vector<std::string> lines = lines_of(pair_map(throughput_map, cells).render(80, false));
  EXPECT_EQ(lines[0], "                 1111111111");
  EXPECT_EQ(lines[1], "       01234567890123456789");
  EXPECT_EQ(lines[2], "     0 55555559055555555555");
  EXPECT_EQ(lines[3], "     1 ....................");
}

TEST(HeatMap, PutsNeighboursTogetherWhereDigitsDoNotFit) {
  PairCells cells;
  for (int writer = 0; writer < 8; ++writer) {
    for (int reader = 0; reader < 8; ++reader) cells[{writer, reader}].figure = writer < 4 ? 10 : 2;
  }
  const std::string text = pair_map(throughput_map, cells).render(11, false);
  EXPECT_TRUE(holds(text, "     0 9999\n     2 9999\n     4 2222\n")) << text;
  EXPECT_TRUE(holds(text, "2 by 2"));
}

TEST(HeatMap, IsTheSameWithColoursTakenAway) {
  PairCells cells;
  for (int cpu = 0; cpu < 5; ++cpu) cells[{cpu, 4 - cpu}].figure = cpu + 1;
  const HeatMap map = pair_map(throughput_map, cells);
  std::string colored = map.render(80, true);
  EXPECT_NE(colored.find("\033[48;5;226"), std::string::npos);
  for (auto at = colored.find('\033'); at != std::string::npos; at = colored.find('\033'))
    colored.erase(at, colored.find('m', at) - at + 1);
  EXPECT_EQ(colored, map.render(80, false));
}

TEST(HeatMap, HasBrightColoursForWhatIsBetter) {
  const std::string brightest = "\033[48;5;226;38;5;0m";
  PairCells cells;
  cells[{0, 1}].figure = 5;
  cells[{1, 0}].figure = 100;
  const HeatMap speeds = pair_map(throughput_map, cells);
  const HeatMap distances = pair_map(handover_map, cells);
  EXPECT_TRUE(holds(speeds.render(80, true), brightest + "   100"));
  EXPECT_TRUE(holds(distances.render(80, true), brightest + "  5.00"));
}

TEST(HeatMap, SaysWhatItsDigitsAreOf) {
  PairCells cells;
  for (int cpu = 1; cpu < 30; ++cpu) cells[{0, cpu}].figure = 10 * cpu;
  const std::string text = pair_map(handover_map, cells).render(80, false);
  EXPECT_TRUE(holds(text, "ns that a cache line takes from CPU to CPU, one way. 9: at least 90 % of the")) << text;
  EXPECT_TRUE(holds(text, "farthest, 290; 0: below 10 %")) << text;
}

}  // namespace
}  // namespace pipebench
