// The reports against golden files.
#include "pipebench/report/report.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "golden.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/report/footer.hpp"
#include "pipebench/report/grid.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::json;

Sample sample_of(unsigned round, double seconds) {
  Sample sample;
  sample.round = round;
  sample.bytes = std::uint64_t{1} << 30U;
  sample.seconds = seconds;
  sample.counted_bytes = 2 * sample.bytes;
  sample.counted_seconds = 2 * seconds;
  sample.worker_seconds = 0.5;
  sample.conditions = {.handover_ns_before = 40.5,
                       .handover_ns_after = 185,
                       .writer_ns_per_add = 0.25,
                       .steal_seconds = 0,
                       .involuntary_switches = 4};
  sample.writer[Counter::calls] = 8192;
  sample.writer[Counter::short_calls] = 3;
  sample.writer[Counter::user_seconds] = 0.125;
  sample.writer[Counter::system_seconds] = 0.25;
  sample.writer[Counter::voluntary_switches] = 17;
  sample.writer[Counter::minor_faults] = 0;
  sample.reader[Counter::calls] = 8193;
  sample.reader[Counter::would_block] = 5;
  sample.reader[Counter::waits] = 5;
  return sample;
}

CaseResult named(const std::string& name, std::string_view writer, std::string_view reader) {
  CaseResult result;
  result.name = name;
  result.section = name;
  result.spec.writer = writer;
  result.spec.reader = reader;
  result.spec.buffer_bytes = 131072;
  result.spec.buffers = 2;
  result.spec.pipe_bytes = 131072;
  result.spec.placement = {0, 1, Relation::l3};
  return result;
}

CaseResult measured(const std::string& name, double median) {
  CaseResult result = named(name, "write", "read");
  result.status = Status::ok;
  result.traits = {.copies = 2, .replay = false, .touched = Touched::both, .safe = true};
  result.obtained =
      Obtained{.pipe_bytes = 131072, .pages = ObtainedPages::k4, .writer_nodes = {0}, .reader_nodes = {0}};
  result.samples = {sample_of(0, 0.5), sample_of(1, 0.25)};
  result.summary = Summary{.n = 2,
                           .median_gib_per_second = median,
                           .ci95_low = median - 0.125,
                           .ci95_high = median + 0.125,
                           .ci_coverage = 0.5,
                           .mad = 0.0625,
                           .min = median - 0.25,
                           .max = median + 0.25,
                           .outliers = 0,
                           .ns_per_page = 4096e9 / (median * 1073741824),
                           .cpu_seconds_per_gib = 0.375,
                           .doubts = {}};
  return result;
}

CaseResult unstable(const std::string& name, double median) {
  CaseResult result = measured(name, median);
  result.summary->n = 10;
  result.summary->ci_coverage = 0.978515625;
  result.traits = {.copies = 1, .replay = true, .touched = Touched::writer, .safe = false};
  result.summary->cpu_seconds_per_gib.reset();
  result.summary->doubts = {Doubt::wide_interval};
  result.notes = {"Asked for thp pages, but the writer's buffers are 4k."};
  return result;
}

/// With a ratio to "write-read"; an interval of it when both ends are given.
CaseResult compared(CaseResult result, double ratio, std::optional<double> low = {}, std::optional<double> high = {}) {
  result.summary->ratio = ratio;
  result.summary->ratio_ci95_low = low;
  result.summary->ratio_ci95_high = high;
  result.summary->relative_to = "write-read";
  return result;
}

CaseResult without_figures(const std::string& name, Status status, const std::string& reason) {
  CaseResult result = named(name, "null", "read");
  result.status = status;
  result.reason = reason;
  return result;
}

Document document() {
  Document document;
  document.tool = {.version = "1.2.3", .commit = "0123456789ab", .compiler = "gcc 12.2.0", .flags = "-O2"};
  document.host.kernel = "6.18.0";
  document.host.hostname = "bench-1";
  document.host.cpu_model = "Quick CPU (R) @ 3GHz";
  document.host.hypervisor = "kvm";
  document.host.page_size_bytes = 4096;
  document.host.findings = {{.figures = {"governor"}, .what = "It is unknown."}};
  document.plan = {.seed = 42,
                   .order = Order::shuffled,
                   .rounds = 2,
                   .time_seconds = 0.5,
                   .bytes = std::nullopt,
                   .cases = 5,
                   .estimated_seconds = 6,
                   .arguments = {"--config", "x.ini"},
                   .started = "2024-01-02T03:04:05Z",
                   .finished = "2024-01-02T03:05:06Z",
                   .complete = true};
  document.cases = {
      without_figures("null-read", Status::skipped, "null moves no bytes, so it only pairs with null."),
      measured("write-read", 4),
      compared(unstable("vmsplice-splice:buffer-size=128K,buffers=16,pipe-size=131072,cpus=0,1", 123.5), 30.9, 29.75,
               31.25),
      without_figures("broken", Status::failed,
                      "The writer's write() of up to 131072 bytes failed after 0 bytes: EINVAL (Invalid argument)."),
      compared(measured("failed-later", 0.5), 0.125)};
  document.cases[4].status = Status::failed;
  document.cases[4].reason = "Nothing moved for 10s (--timeout).";
  return document;
}

CaseResult priced(const std::string& name, double writer_ns, double reader_ns) {
  CaseResult result = measured(name, 8);
  result.spec.isolation = Isolation::none;
  result.spec.placement = {0, 0, Relation::same_cpu};
  result.traits.touched = Touched::none;
  result.summary->writer_ns_per_page = writer_ns;
  result.summary->reader_ns_per_page = reader_ns;
  result.summary->turns_ns_per_page = writer_ns + reader_ns;
  result.summary->cpu_seconds_per_gib.reset();
  return result;
}

/// Cases of both kinds.
Document prices() {
  Document document = pipebench::document();
  document.cases = {priced("fill:writer=vmsplice,pages=4k", 51.25, 45.5), measured("write-read", 4),
                    priced("fill:writer=vmsplice,pages=thp", 15.3, 45.4)};
  document.cases[2].summary->doubts = {Doubt::two_groups};
  return document;
}

Document plan_only() {
  Document document{.tool = {.version = "1.2.3", .commit = "", .compiler = "gcc", .flags = "-O2"},
                    .host = {},
                    .plan = {},
                    .cases = {}};
  document.host.kernel = "6.18.0";
  document.host.cpu_model = "Quick CPU";
  document.plan.started = "2024-01-02T03:04:05Z";
  document.plan.rounds = 10;
  document.cases = {named("write-read", "write", "read"), named("busy", "vmsplice", "splice"),
                    without_figures("null-read", Status::skipped, "null moves no bytes, so it only pairs with null.")};
  document.cases[1].spec.wait = Wait::busy_poll;
  document.cases[1].spec.placement = {};
  document.cases[1].sampling.bytes = 1U << 20U;
  document.cases[1].spec.stripe = 2;
  document.cases[1].spec.payload = Payload::fresh;
  document.cases[1].spec.consume = Consume::checksum;
  document.cases[1].spec.membind = Membind::interleave;
  document.cases[1].spec.no_touch = true;
  document.cases.push_back(document.cases[1]);
  document.cases.back().name = "busy:streams=2";
  document.cases.back().varied = {{"streams", "2"}};
  document.cases.back().spec.streams = 2;
  document.cases.back().spec.further_placements.resize(1);
  return document;
}

const std::string hostile_name =
    "a|b \"c\", `d` <e>\\ gr\xc3\xb6\xc3\x9f"
    "e \xff\xfe";

Document hostile() {
  Document document = pipebench::document();
  document.cases = {measured(hostile_name, 4),
                    without_figures(hostile_name, Status::skipped, "Because | of \"this\".")};
  document.plan.arguments = {"--config", hostile_name};
  return document;
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    longest = std::max(longest, display_width(std::string_view(text).substr(start, end - start)));
    start = end + 1;
  }
  return longest;
}

/// RFC 4180, read back.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows{{""}};
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& field = rows.back().back();
    if (quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
      field += text[i++];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ',') {
      rows.back().emplace_back();
    } else if (!quoted && text[i] == '\n') {
      rows.push_back({""});
    } else {
      field += text[i];
    }
  }
  rows.pop_back();  // after the last line end
  return rows;
}

TEST(Table, IsAsTheGoldenFile) { expect_golden("results.txt", results_as_table(document(), {})); }
TEST(Table, OfPricesIsAsTheGoldenFile) { expect_golden("prices.txt", results_as_table(prices(), {})); }
TEST(Table, OfPricesAloneHasNoIntervals) {
  Document document = prices();
  document.cases.erase(document.cases.begin() + 1);
  const std::string text = results_as_table(document, {});
  EXPECT_TRUE(holds(text, "\nMedians of 2 samples. ns: ")) << text;
}

// Ratios and the interval are about that figure.
TEST(Table, OfPricesShowsTheMedianOfSumsAsTheResultsDo) {
  Document document = prices();
  document.cases[0].summary->turns_ns_per_page = 98.5;
  const std::string text = results_as_table(document, {.width = 1000});
  EXPECT_TRUE(holds(text, "fill:writer=vmsplice,pages=4k       51.2      45.5  98.5  none\n")) << text;
  EXPECT_TRUE(holds(text, " sum ns: both added up in each sample; the median of these sums.")) << text;
  EXPECT_TRUE(holds(results_as_markdown(document, {}), "| 51.2 | 45.5 | 98.5 | none |"));
}

TEST(Table, CountsSamplesThatHaveNoFigure) {
  Document speeds = document();
  CaseResult& one = speeds.cases[0];
  one.samples.resize(3);
  for (Sample& sample : one.samples) sample.bytes = sample.counted_bytes = 1U << 20U, sample.seconds = 1;
  ASSERT_FALSE(holds(results_as_table(speeds, {.width = 1000}), "moved nothing"));
  one.samples[1].bytes = 0;
  const std::string said = fmt::format("{}: 1 of 3 samples moved nothing.", one.name);
  EXPECT_TRUE(holds(results_as_table(speeds, {.width = 1000}), said)) << results_as_table(speeds, {.width = 1000});
  Document priced = prices();
  priced.cases[0].samples.assign(2, {});
  EXPECT_TRUE(
      holds(results_as_table(priced, {.width = 1000}), "2 of 2 samples without a price, as turns took no longer"));
}

TEST(Csv, HasTheSumOfEachSample) {
  Document document = prices();
  document.cases[0].samples[0].writer_turns.median_ns_per_page = 50;
  document.cases[0].samples[0].reader_turns.median_ns_per_page = 45.5;
  const auto rows = parse_csv(results_as_csv(document, {}));
  const auto column = std::ranges::find(rows.at(0), "turns_ns_per_page") - rows.at(0).begin();
  ASSERT_LT(column, std::ssize(rows.at(0)));
  EXPECT_EQ(rows.at(1).at(static_cast<std::size_t>(column)), "95.5");
  EXPECT_EQ(rows.at(2).at(static_cast<std::size_t>(column)), "") << "half a price is none";
}

// A column without a figure says nothing.
TEST(Table, OfSpeedsHasNoRatiosToAPrice) {
  Document document = prices();
  document.plan.baseline = document.cases[0].name;
  document.cases[2] = compared(document.cases[2], 0.625);
  const std::string text = results_as_table(document, {.width = 1000});
  EXPECT_TRUE(text.starts_with("case       GiB/s             95% ns/4KiB CPU-s/GiB touched\n")) << text;
  EXPECT_TRUE(holds(text, "sum ns x base touched\n")) << text << "no ratio has an interval";
  const auto header = [](const Document& of) { return split(results_as_csv(of, {}), '\n').front(); };
  EXPECT_EQ(header(document), header(prices())) << "CSV has all columns";
}

TEST(Table, OfOneCaseHasNoRatios) {
  Document document = pipebench::document();
  document.cases = {measured("write-read", 4)};
  document.cases[0].summary->cpu_seconds_per_gib.reset();
  const std::string text = results_as_table(document, {.width = 1000});
  EXPECT_TRUE(text.starts_with("case       GiB/s             95% ns/4KiB touched\n")) << text;
  EXPECT_FALSE(holds(text, "x first")) << text;
  EXPECT_FALSE(holds(text, "CPU-s")) << text;
}

// Else it would have no ratios at all.
TEST(Table, OfPricesHasTheirRatiosToABaselineThatIsAPrice) {
  Document document = prices();
  document.plan.baseline = document.cases[0].name;
  document.cases[2] = compared(document.cases[2], 0.625, 0.61, 1.01);
  const std::string text = results_as_table(document, {.width = 1000});
  EXPECT_TRUE(holds(text, "sum ns x base       95% touched\n")) << text;
  EXPECT_TRUE(holds(text, " 96.8   1.00          - none\n")) << text;
  EXPECT_TRUE(holds(text, " 60.7~  0.62= 0.61-1.01 none\n")) << text;
  EXPECT_TRUE(holds(text,
                    " x base: the ratio to fill:writer=vmsplice,pages=4k, median of the rounds. of prices: above 1 "
                    "costs more. =: indistinguishable "))
      << text;
  EXPECT_TRUE(holds(text, "\nnote: write-read: A price and a speed have no ratio.\n")) << text;
  EXPECT_FALSE(holds(results_as_table(prices(), {}), "have no ratio")) << "none was asked for";
}

TEST(Table, OfAPlanIsAsTheGoldenFile) { expect_golden("plan.txt", results_as_table(plan_only(), {})); }

// What varies is in the name already.
TEST(Table, OfAPlanSaysWhatIsNotTheDefault) {
  constexpr View wide{.width = 200};
  Document document = plan_only();
  EXPECT_TRUE(holds(results_as_table(document, wide),
                    "with: busy: --stripe 2 --membind interleave --payload fresh --consume checksum --no-touch\n"));
  EXPECT_TRUE(holds(results_as_markdown(document, {}), "with: busy: --stripe 2"));
  for (CaseResult& result : document.cases) result.varied = {{"stripe", "2"}, {"no-touch", "on"}};
  EXPECT_TRUE(
      holds(results_as_table(document, wide), "with: busy: --membind interleave --payload fresh --consume checksum\n"));
  for (CaseResult& result : document.cases) result.section.clear();
  EXPECT_TRUE(holds(results_as_table(document, wide), "with: every case: --membind interleave"));
}

CaseResult varied(const std::string& section, std::string_view writer, const OptionValues& values) {
  CaseResult result = named(section, writer, "read");
  result.section = section;
  result.varied = values;
  result.name = "a name that nobody reads";
  return result;
}

TEST(Table, OfAPlanSaysOnceWhatIsTheSameForAll) {
  Document document = plan_only();
  document.cases = {varied("s", "write", {{"writer", "write"}, {"stripe", "1"}}),
                    varied("s", "vmsplice", {{"writer", "vmsplice"}, {"stripe", "2"}})};
  const std::string text = results_as_table(document, {});
  EXPECT_TRUE(
      text.starts_with("case       writer\n"
                       "s:stripe=1 write\n"
                       "s:stripe=2 vmsplice\n"))
      << text;
  EXPECT_TRUE(holds(results_as_table(document, {.width = 200}),
                    "\nevery case: reader read, wait block, pages 4k, buffers 2x128K, pipe 128K, cpus 0,1, relation "
                    "l3, sample 10 x 500ms\n"));
  document.cases.pop_back();
  EXPECT_FALSE(holds(results_as_table(document, {}), "every case")) << "of one case";
}

TEST(Table, OfAPlanNamesCasesOnlyWhereColumnsDoNotTellThemApart) {
  Document document = plan_only();
  document.cases = {varied("", "write", {{"writer", "write"}}), varied("", "vmsplice", {{"writer", "vmsplice"}})};
  EXPECT_TRUE(results_as_table(document, {}).starts_with("writer\nwrite\nvmsplice\n"));
  for (CaseResult& result : document.cases) result.varied.emplace_back("pipe-size", "auto");
  EXPECT_TRUE(holds(results_as_table(document, {}), "pipe-size=auto write\n")) << "the column shows what auto means";
}

TEST(Table, OfAPlanHasTheRelation) {
  Document document = plan_only();
  document.cases = {varied("s", "write", {{"cpus", "0,1"}}), varied("s", "write", {{"cpus", "0,0"}})};
  document.cases[1].spec.placement = {0, 0, Relation::same_cpu};
  EXPECT_TRUE(results_as_table(document, {})
                  .starts_with("case cpus relation\n"
                               "s    0,1  l3\n"
                               "s    0,0  same-cpu\n"));
}

TEST(Table, NamesNoMachineThatIsNotKnown) {
  Document document = plan_only();
  document.host = {};
  document.host.topology = "Package:2 Core:4 PU:2";
  const std::string text = results_as_table(document, {});
  EXPECT_TRUE(holds(text, "\nA machine of Package:2 Core:4 PU:2, 2024-"));
  EXPECT_FALSE(holds(text, "Linux"));
}

TEST(Table, OfHostileNamesIsAsTheGoldenFile) { expect_golden("hostile.txt", results_as_table(hostile(), {})); }

TEST(Table, FitsEightyColumns) {
  EXPECT_LE(longest_line(results_as_table(document(), {})), 80U);
  EXPECT_LE(longest_line(results_as_table(plan_only(), {})), 80U);
  EXPECT_LE(longest_line(results_as_table(hostile(), {})), 80U);
  Document document = pipebench::document();
  document.cases = {measured(std::string(300, 'x'), 4)};
  EXPECT_LE(longest_line(results_as_table(document, {})), 80U) << results_as_table(document, {});
}

// A sweep has its name in yet another place.
TEST(Formats, ForPeopleLetNothingThroughThatMustNotReachATerminal) {
  const std::string name = "\x1b[2J\xff\n";
  Document document = pipebench::document();
  document.cases = {measured(name, 4), without_figures(name, Status::skipped, name), measured(name + ":cpus=0,1", 4),
                    measured(name + ":cpus=1,0", 5)};
  document.cases[3].spec.placement = {1, 0, Relation::l3};
  for (const std::size_t i : {2U, 3U}) {
    document.cases[i].section = name;
    document.cases[i].varied = {{"cpus", i == 2 ? "0,1" : "1,0"}};
  }
  document.cases[0].notes = {name};
  for (const Format& format : formats) {
    if (!format.for_people) continue;
    const std::string text = format.render(document, {});
    EXPECT_EQ(text.find_first_of("\x1b\xff"), std::string::npos) << text;
    EXPECT_TRUE(holds(text, "\\x1b[2J\\xff") || holds(text, "\\x1b\\[2J\\xff")) << text;  // no link in Markdown
    for (const std::string& line : split(text, '\n')) EXPECT_FALSE(line.starts_with(':')) << text;
  }
}

TEST(Table, AlignsBehindNamesOfAnyAlphabet) {
  const std::string words =
      "gr\xc3\xb6\xc3\x9f"
      "e \xe6\x97\xa5\xe6\x9c\xac";
  Document document = pipebench::document();
  // Ten columns, both of them; the first is the baseline.
  document.cases = {measured(words, 4), compared(measured(std::string(10, 'x'), 4), 1)};
  const std::vector<std::string> lines = split(results_as_table(document, {}), '\n');
  EXPECT_TRUE(lines[1].starts_with(words)) << lines[1];
  const std::size_t figures =
      std::string_view(" 4.00  3.88-4.12 (50%)     954     0.375").size();  // the ratio is marked
  EXPECT_EQ(lines[1].substr(words.size(), figures), lines[2].substr(10, figures));
}

/// As wide as figures get.
Document ladder() {
  struct Rung {
    const char* name;
    double median, low, high, ratio, ratio_low, ratio_high;
    bool replay = false;
  };
  constexpr Rung rungs[]{{"write-read", 0.70, 0.68, 0.74, 1, 1, 1},
                         {"write-read-huge", 0.72, 0.67, 0.78, 1.03, 0.97, 1.06},
                         {"vmsplice-splice-huge", 4.46, 3.18, 7.43, 6.33, 5.21, 9.98},
                         {"busy-loop-huge", 59.6, 52.6, 67.6, 84.5, 79.2, 88.7},
                         {"recycle-huge", 292, 239, 331, 414, 367, 451},
                         {"recycle-skb", 2078, 1964, 3010, 2948, 2741, 3544, true}};
  Document document = pipebench::document();
  document.cases.clear();
  for (const Rung& rung : rungs) {
    CaseResult& result = document.cases.emplace_back(measured(rung.name, rung.median));
    if (document.cases.size() > 1) result = compared(result, rung.ratio, rung.ratio_low, rung.ratio_high);
    result.summary->ci95_low = rung.low;
    result.summary->ci95_high = rung.high;
    result.summary->ci_coverage = 0.978515625;
    result.summary->n = 10;
    result.traits.replay = rung.replay;
  }
  return document;
}

TEST(Table, OfTheLadderIsAsTheGoldenFile) { expect_golden("ladder.txt", results_as_table(ladder(), {})); }

TEST(Table, HasALineForEachRungOfTheLadder) {
  const std::vector<std::string> lines = split(results_as_table(ladder(), {}), '\n');
  EXPECT_TRUE(lines[6].starts_with("recycle-skb (replay) 2078 ")) << "not wrapped";
  EXPECT_EQ(lines[7], "");
}

TEST(Table, MarksRatiosThatCannotBeToldFrom1) {
  Document document = pipebench::document();
  const auto with_interval = [&](std::optional<double> low, std::optional<double> high) {
    document.cases = {measured("write-read", 4), compared(measured("b", 4), 1.01, low, high)};
    return results_as_table(document, {.width = 1000});
  };
  EXPECT_TRUE(holds(with_interval(0.98, 1.02), " 1.01= 0.98-1.02 "));
  EXPECT_TRUE(holds(with_interval(0.98, 1.02), " =: indistinguishable from 1: the interval contains 1."));
  EXPECT_TRUE(holds(with_interval(1, 1.02), " 1.01= 1.00-1.02 "));
  EXPECT_TRUE(holds(with_interval(1.005, 1.02), " 1.01 "));
  EXPECT_FALSE(holds(with_interval(1.005, 1.02), "="));
  EXPECT_FALSE(holds(with_interval({}, {}), "=")) << "nobody knows";
  EXPECT_TRUE(holds(with_interval({}, {}), " 1.01? "));
  EXPECT_TRUE(holds(with_interval({}, {}), " ?: no interval yet, as fewer than 6 rounds have both. "));
  EXPECT_FALSE(holds(with_interval(0.98, 1.02), "?"));
  (void)with_interval(0.98, 1.02);
  EXPECT_TRUE(holds(results_as_markdown(document, {}), "| 1.01= | 0.98-1.02 |"));
}

TEST(Table, SaysWhatRatiosAreRelativeTo) {
  Document document = pipebench::document();
  document.cases = {measured("write-read", 4), compared(measured("b", 4), 1), measured("c", 4)};
  EXPECT_TRUE(holds(results_as_table(document, {.width = 1000}), " x first: the ratio to write-read, "));
  document.plan.baseline = "b";
  document.cases[1] = measured("b", 4);
  document.cases[2] = compared(measured("c", 4), 1);
  const std::string text = results_as_table(document, {.width = 1000});
  EXPECT_TRUE(holds(text, " x base: the ratio to b, "));
  EXPECT_FALSE(holds(text, "x first"));
  EXPECT_TRUE(holds(split(text, '\n')[2], " 1.00 ")) << "the baseline's own";
  EXPECT_TRUE(holds(split(text, '\n')[1], " - "));
}

TEST(Table, SaysThatABaselineWasNotMeasured) {
  Document document = pipebench::document();
  document.plan.baseline = "null-read";
  EXPECT_TRUE(holds(results_as_table(document, {.width = 1000}),
                    "\nnote: null-read: As the baseline was not measured, there are no ratios.\n"));
  EXPECT_FALSE(holds(results_as_table(document, {.width = 1000}), " x base: "));
  document.plan.baseline = "write-read";
  EXPECT_FALSE(holds(results_as_table(document, {.width = 1000}), "As the baseline"));
}

TEST(Table, SaysThatTheRunWasInterrupted) {
  Document document = pipebench::document();
  document.plan.cases = 1;
  document.cases = {measured("a", 4), measured("b", 4)};
  const auto text = [&] { return results_as_table(document, {.width = 1000}); };
  EXPECT_FALSE(holds(text(), "Interrupted"));
  document.plan.complete = false;
  EXPECT_TRUE(holds(text(), ". Interrupted.\n")) << "each had its rounds";
  document.cases.push_back(named("c", "write", "read"));
  EXPECT_TRUE(holds(text(), "\n2 ok, 1 planned (1 not measured); seed 42. Interrupted.\n")) << text();
  for (CaseResult& result : document.cases) result.status = Status::planned;
  EXPECT_TRUE(holds(text(), "\n3 planned (2 cut short, 1 not measured); seed 42. Interrupted.\n")) << text();
  document.cases.erase(document.cases.begin(), document.cases.begin() + 2);
  EXPECT_TRUE(holds(text(), "\n1 planned (1 not measured); seed 42. Interrupted.\n")) << "there are no figures";
}

TEST(Table, OfAnInterruptedRunHasTheStreamsThatWereMeasured) {
  Document document = pipebench::document();
  document.plan.complete = false;
  document.cases = {measured("a", 4)};
  document.cases[0].status = Status::planned;
  document.cases[0].spec.streams = 2;
  document.cases[0].summary->stream_gib_per_second = {2, 2};
  const std::string text = results_as_table(document, {.width = 1000});
  EXPECT_TRUE(holds(text, "\nstreams: a: 2 streams of 2.00 to 2.00 GiB/s each;")) << text;
  EXPECT_FALSE(holds(text, "streams: a: 2 streams, on ")) << "it is not only planned";
}

TEST(Footer, PutsCasesTogetherOfWhichTheSameIsToBeSaid) {
  Document document = pipebench::document();
  document.cases = {unstable("a", 4), unstable("b", 4), measured("c", 4)};
  document.cases[2].notes = {"Alone."};
  const std::vector<Remark> remarks = footer_of(document).remarks;
  ASSERT_EQ(remarks.size(), 3U);
  EXPECT_EQ(remarks[0].kind, RemarkKind::note);
  EXPECT_EQ(remarks[0].names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(remarks[1].names, std::vector<std::string>{"c"});
  EXPECT_EQ(remarks[2].kind, RemarkKind::doubt);
}

CaseResult explained(const std::string& name, const Explanation& explanation, std::vector<Doubt> doubts) {
  CaseResult result = measured(name, 4);
  result.summary->explanation = explanation;
  result.summary->doubts = std::move(doubts);
  return result;
}

constexpr Explanation two_distances{.condition = Condition::handover,
                                    .low = {.count = 6, .condition = 40.2, .figure = 65},
                                    .high = {.count = 4, .condition = 184.6, .figure = 40.5}};

std::vector<std::string> remarks_of(const std::vector<CaseResult>& cases) {
  Document document = pipebench::document();
  document.cases = cases;
  std::vector<std::string> texts;
  for (const Remark& remark : footer_of(document).remarks)
    texts.push_back(fmt::format("{}: {}: {}", name_of(remark.kind), fmt::join(remark.names, ", "), remark.text));
  return texts;
}

TEST(Footer, NamesTheConditionThatGoesWithTheSamples) {
  Explanation other = two_distances;
  std::swap(other.low, other.high);
  other.undecided = 1;
  EXPECT_EQ(
      remarks_of({explained("a", two_distances, {Doubt::conditions}), explained("b", other, {Doubt::conditions})}),
      (std::vector<std::string>{
          "~: a: 6 samples with the CPUs 40 ns apart: 65.0 GiB/s; 4 with 185 ns: 40.5.",
          "~: b: 6 samples with the CPUs 40 ns apart: 65.0 GiB/s; 4 with 185 ns: 40.5; 1 undecided.",
          "~: a, b: The distance between the two CPUs changed during the run, as it does when a hypervisor moves them; "
          "take such samples anew (--steady)."}));
}

TEST(Footer, ExplainsASampleThatFallsOutWithoutDoubt) {
  const Explanation single{.condition = Condition::writer_frequency,
                           .low = {.count = 1, .condition = 2.1e9, .figure = 3},
                           .high = {.count = 9, .condition = 3.25e9, .figure = 4}};
  EXPECT_EQ(remarks_of({explained("a", single, {})}),
            std::vector<std::string>{
                "note: a: 9 samples with the writer's CPU at 3.25 GHz: 4.00 GiB/s; 1 with 2.10 GHz: 3.00."});
}

TEST(Footer, ExplainsPricesInTheirUnit) {
  const Explanation prices{.condition = Condition::writer_speed,
                           .low = {.count = 6, .condition = 0.23, .figure = 15.3, .is_price = true},
                           .high = {.count = 4, .condition = 0.4, .figure = 24.12, .is_price = true}};
  EXPECT_EQ(remarks_of({explained("a", prices, {})}),
            std::vector<std::string>{"note: a: 6 samples with the writer's CPU at 0.23 ns an add: 15.3 ns per 4 KiB; 4 "
                                     "with 0.40 ns: 24.1."});
}

TEST(Footer, SaysWhichConditionsAreThoseOfTheFirstOfSeveralStreams) {
  const auto remark_on = [](Condition condition, std::uint32_t streams) {
    Explanation explanation = two_distances;
    explanation.condition = condition;
    CaseResult result = explained("a", explanation, {});
    result.spec.streams = streams;
    result.spec.further_placements.resize(streams - 1);
    return remarks_of({result}).at(0);
  };
  EXPECT_EQ(remark_on(Condition::handover, 2),
            "note: a: 6 samples with stream 0's CPUs 40 ns apart: 65.0 GiB/s; 4 with 185 ns: 40.5.");
  for (const Named<Condition>& condition : names<Condition>) {
    const bool of_all = condition.value == Condition::steal || condition.value == Condition::switches ||
                        condition.value == Condition::run_queue;
    EXPECT_EQ(holds(remark_on(condition.value, 2), "stream 0"), !of_all) << condition.name;
    EXPECT_FALSE(holds(remark_on(condition.value, 1), "stream 0")) << condition.name;
  }
}

TEST(Footer, SaysHowOftenEachSampleWasInterrupted) {
  const Explanation switches{.condition = Condition::switches,
                             .low = {.count = 6, .condition = 1.6, .figure = 65},
                             .high = {.count = 4, .condition = 242.2, .figure = 40.5}};
  EXPECT_EQ(remarks_of({explained("a", switches, {})}),
            std::vector<std::string>{
                "note: a: 6 samples with 2 involuntary switches a second: 65.0 GiB/s; 4 with 242: 40.5."});
}

TEST(Footer, HasWordsForEveryCondition) {
  for (const Named<Condition>& condition : names<Condition>) {
    Explanation explanation = two_distances;
    explanation.condition = condition.value;
    const std::vector<std::string> remarks = remarks_of({explained("a", explanation, {Doubt::conditions})});
    ASSERT_EQ(remarks.size(), 2U) << condition.name;
    EXPECT_TRUE(holds(remarks[0], "~: a: 6 samples with "));
    EXPECT_TRUE(holds(remarks[0], "; 4 with "));
    EXPECT_TRUE(remarks[1].ends_with('.')) << remarks[1];
  }
}

TEST(Footer, AdvisesToCompareRatiosWhereTheyAreMorePrecise) {
  std::vector<CaseResult> cases{explained("a", two_distances, {Doubt::conditions}),
                                compared(measured("b", 4), 2, 1.9, 2.1)};
  cases[1].summary->doubts = {Doubt::sleeping};
  EXPECT_FALSE(holds(remarks_of(cases).at(1), "ratios")) << "the baseline has none";
  Summary& summary = *cases[1].summary;
  summary.ci_coverage = 0.97;
  summary.ci95_low = 0.8 * summary.median_gib_per_second;
  summary.ci95_high = 1.2 * summary.median_gib_per_second;
  EXPECT_TRUE(holds(remarks_of(cases).at(2), "use --wait busy. Or compare ratios, which are more precise here."));
  summary.ratio_ci95_low = 1;
  summary.ratio_ci95_high = 3;
  EXPECT_TRUE(remarks_of(cases).at(2).ends_with("use --wait busy."));
}

TEST(Footer, SaysHowOftenEndsSleep) {
  std::vector<CaseResult> cases{measured("a", 4), measured("b", 4)};
  for (CaseResult& result : cases) result.summary->doubts = {Doubt::sleeping};
  cases[0].summary->sleeps_per_second = 41234.4;
  cases[1].summary->sleeps_per_second = 9000;
  EXPECT_EQ(remarks_of(cases),
            std::vector<std::string>{"~: a (41234/s), b (9000/s): " + std::string(summary_of(Doubt::sleeping))});
}

TEST(Table, NamesEightCasesThatAreInDoubt) {
  Document document = pipebench::document();
  document.cases.clear();
  for (const char name : std::string_view("abcdefghi")) document.cases.push_back(unstable(std::string(1, name), 4));
  EXPECT_TRUE(holds(results_as_table(document, {.width = 1000}), "~: a, b, c, d, e, f, g, h, i: "));
  document.cases.push_back(unstable("j", 4));
  EXPECT_TRUE(holds(results_as_table(document, {.width = 1000}), "~: a, b, c, d, e, f, g, h and 2 more: "));
}

TEST(Footer, HasItsRemarksByKind) {
  Document document = pipebench::document();
  document.cases = {unstable("a", 4), without_figures("b", Status::failed, "Broken."),
                    without_figures("c", Status::skipped, "Not here.")};
  std::vector<RemarkKind> kinds;
  for (const Remark& remark : footer_of(document).remarks) kinds.push_back(remark.kind);
  EXPECT_EQ(kinds, (std::vector{RemarkKind::failed, RemarkKind::skipped, RemarkKind::note, RemarkKind::doubt}));
}

TEST(Footer, ExplainsWhatTheTableHas) {
  Document document = pipebench::document();
  document.cases = {measured("a", 4), compared(measured("b", 4), 2, 1.9, 2.1)};
  for (CaseResult& result : document.cases) result.summary->ci_coverage = 0.99;
  const std::vector<Term> usual{Term::ns_per_page, Term::cpu_seconds, Term::x_first, Term::touched};
  EXPECT_EQ(footer_of(document).legend->terms, usual);
  EXPECT_EQ(footer_of(document).legend->baseline, "a");
  document.cases.pop_back();
  document.cases[0].traits.replay = true;
  EXPECT_EQ(footer_of(document).legend->terms,
            (std::vector<Term>{Term::ns_per_page, Term::cpu_seconds, Term::touched, Term::replay}));
  document.cases[0].summary->fairness = 1;
  EXPECT_EQ(footer_of(document).legend->terms.back(), Term::fairness);
  document.cases.clear();
  EXPECT_FALSE(footer_of(document).legend);
}

TEST(Footer, CountsCasesByStatus) {
  const Totals totals = footer_of(document()).totals;
  EXPECT_EQ(totals.with_status, (std::array<std::size_t, 4>{2, 1, 2, 0}));
  EXPECT_FALSE(totals.interrupted);
  EXPECT_FALSE(totals.estimated_seconds) << "only a plan is an estimate";
}

TEST(Footer, OfAPlanSaysHowLongItTakesOrMayTake) {
  Document document = plan_only();
  document.plan.longest_seconds = 250;
  EXPECT_TRUE(holds(results_as_table(document, {}), "; at most 4 min.\n")) << results_as_table(document, {});
  document.plan.estimated_seconds = 25;
  EXPECT_TRUE(holds(results_as_table(document, {}), "; about 25 s.\n"));
  document.cases = {document.cases[2]};
  EXPECT_EQ(document.cases[0].status, Status::skipped);
  EXPECT_FALSE(holds(results_as_table(document, {}), "about")) << "nothing is measured";
}

TEST(Footer, OfAPlanSaysOnceWhatAllCasesHave) {
  Document document = plan_only();
  document.cases = {named("a", "write", "read"), named("b", "write", "read")};
  for (CaseResult& result : document.cases) result.spec.stripe = 2;
  EXPECT_TRUE(holds(results_as_table(document, {}), "\nwith: every case: --stripe 2\n"));
}

TEST(Footer, OfAPlanSaysWhatDecidesHowManyRoundsThereAre) {
  const auto text = [](const RunGoals& goals) {
    Document document = plan_only();
    document.plan.goals = goals;
    return results_as_table(document, {.width = 1000});
  };
  EXPECT_FALSE(holds(text({}), "rounds: "));
  EXPECT_TRUE(holds(text({.budget_seconds = 60}), "\nrounds: fewer where the budget of 1m is used up.\n"));
  EXPECT_TRUE(
      holds(text({.precision = 0.01}), "\nrounds: those of the plan or more, until each case is within ±1 %.\n"));
  EXPECT_TRUE(holds(text({.budget_seconds = 60, .steady = true}),
                    "\nrounds: samples taken under other conditions than most are taken again; fewer where the budget "
                    "of 1m is used up.\n"));
}

TEST(Table, SaysHowManySamplesEachMedianIsOf) {
  Document document = pipebench::document();
  document.plan.rounds = 10;
  const auto with_counts = [&](std::size_t first, std::size_t second) {
    document.cases = {measured("a", 1), measured("b", 2)};
    document.cases[0].summary->n = first;
    document.cases[1].summary->n = second;
    return results_as_table(document, {.width = 1000});
  };
  EXPECT_TRUE(holds(with_counts(1, 1), "Medians of 1 sample, "));
  EXPECT_TRUE(holds(with_counts(7, 7), "Medians of 7 samples, "));
  EXPECT_TRUE(holds(with_counts(6, 2), "Medians of 2 to 6 samples, "));
  document.cases[0].traits.moves_bytes = document.cases[1].traits.moves_bytes = false;
  EXPECT_TRUE(holds(results_as_table(document, {.width = 1000}), "Medians of 2 to 6 samples, "))
      << "also where nothing is relative to anything";
}

TEST(Table, MarksIntervalsThatDoNotCover95Percent) {
  Document document = pipebench::document();
  const auto with_coverage = [&](double coverage) {
    document.cases = {measured("a", 4)};
    document.cases[0].summary->ci_coverage = coverage;
    return results_as_table(document, {.width = 1000});
  };
  EXPECT_TRUE(holds(with_coverage(0.5), " 3.88-4.12 (50%) "));
  EXPECT_TRUE(holds(with_coverage(0.949), " 3.88-4.12 (94%) ")) << "never rounded up to what it is not";
  EXPECT_TRUE(holds(with_coverage(0.949), "(N%):"));
  EXPECT_FALSE(holds(with_coverage(0.95), "%)"));
}

TEST(Table, HasNoMoreDigitsInARatioThanInTheFigures) {
  Document document = pipebench::document();
  document.cases = {measured("a", 0.7046), compared(measured("b", 75.3811), 106.984, 99.949, 110.1),
                    compared(measured("c", 2077.421), 2948.37)};
  const std::string text = results_as_table(document, {});
  EXPECT_TRUE(holds(text, "   1.00         - both")) << text;
  EXPECT_TRUE(holds(text, "    107  99.9-110 both"));
  EXPECT_TRUE(holds(text, "   2948?        - both"));
}

TEST(Table, OfNoCasesIsStillText) {
  Document none = document();
  none.cases.clear();
  EXPECT_TRUE(holds(results_as_table(none, {}), "Linux 6.18.0"));
  EXPECT_TRUE(holds(results_as_markdown(none, {}), "Linux 6.18.0"));
  EXPECT_EQ(parse_csv(results_as_csv(none, {})).size(), 1U);
}

TEST(Markdown, OfPricesIsAsTheGoldenFile) { expect_golden("prices.md", results_as_markdown(prices(), {})); }
TEST(Markdown, IsAsTheGoldenFile) { expect_golden("results.md", results_as_markdown(document(), {})); }
TEST(Markdown, OfHostileNamesIsAsTheGoldenFile) { expect_golden("hostile.md", results_as_markdown(hostile(), {})); }

TEST(Markdown, TakesNoMarkupFromNames) {
  EXPECT_EQ(markdown_text("<img src=x> [a](b) *c* _d_ `e` &lt; \\<"),
            "\\<img src=x> \\[a\\](b) \\*c\\* \\_d\\_ \\`e\\` \\&lt; \\\\\\<");
  for (const char* plain : {"write-read", "a=b,c=d", "get_page_from_freelist", "do__it", "a & b \\ c", "50% (a) 3~ s"})
    EXPECT_EQ(markdown_text(plain), plain);
  EXPECT_EQ(markdown_text("As root: `a_b *`"), "As root: `a_b *`") << "a command of ours";
  EXPECT_EQ(markdown_text("a: `b"), "a: \\`b");
  EXPECT_EQ(markdown_text("~~a~ ~b~~ c"), "\\~\\~a~ \\~b\\~~ c");
}

TEST(Markdown, BeginsNoBlockWithAName) {
  const std::vector<std::pair<std::string, std::string>> blocks{
      {"# a", "\\# a"},     {"## a", "\\## a"}, {"#", "\\#"},     {"- a", "\\- a"},     {"  - a", "  \\- a"},
      {"--- a", "\\--- a"}, {"+ a", "\\+ a"},   {"> a", "\\> a"}, {"12. a", "12\\. a"}, {"1) a", "1\\) a"}};
  for (const auto& [name, escaped] : blocks) {
    EXPECT_EQ(markdown_text(name), escaped);
    const Grid grid{.columns = {{.header = "a"}}, .rows = {{name}}};
    EXPECT_TRUE(grid_as_markdown(grid).ends_with("| " + escaped.substr(escaped.find_first_not_of(' ')) + " |\n"))
        << name;
  }
  for (const char* plain : {"-", "-5 %", "a # b - c > d", "#1", "1.5", "12.3~", "1 a"})
    EXPECT_EQ(markdown_text(plain), plain);
}

TEST(Markdown, HasAsManyFieldsInEveryRow) {
  const std::string text = results_as_markdown(hostile(), {});
  std::size_t rows = 0;
  for (const std::string& line : split(text, '\n')) {
    if (!line.starts_with('|')) continue;
    std::size_t bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    EXPECT_EQ(bars, 7U) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 3U);
}

TEST(Csv, IsAsTheGoldenFile) { expect_golden("results.csv", results_as_csv(document(), {})); }

TEST(Csv, HasOneRowASampleBelowAHeader) {
  const auto rows = parse_csv(results_as_csv(document(), {}));
  ASSERT_EQ(rows.size(), 1U + 6);
  EXPECT_EQ(rows[0][0], "name");
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  EXPECT_EQ(rows[1][0], "write-read");
  EXPECT_EQ(rows[3][0], document().cases[2].name);
}

TEST(Csv, HasItsHeaderWithoutSamples) {
  Document document = pipebench::document();
  for (CaseResult& result : document.cases) result.samples.clear();
  const auto rows = parse_csv(results_as_csv(document, {}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0], parse_csv(results_as_csv(pipebench::document(), {}))[0]);
}

TEST(Csv, OfAPlanListsItsCases) {
  const auto rows = parse_csv(results_as_csv(plan_only(), {}));
  const auto column = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(rows[0], name) - rows[0].begin());
  };
  ASSERT_EQ(rows.size(), 1U + 4);
  EXPECT_EQ(rows[0], parse_csv(results_as_csv(document(), {}))[0]);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  EXPECT_EQ(rows[2].at(column("wait")), "busy-poll");
  EXPECT_EQ(rows[3].at(column("status")), "skipped");
  for (const char* of_samples : {"round", "bytes", "reader_dtlb_misses"}) EXPECT_EQ(rows[1].at(column(of_samples)), "");
}

TEST(Csv, LeavesWhatIsMissingEmpty) {
  const auto rows = parse_csv(results_as_csv(document(), {}));
  const auto column = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(rows[0], name) - rows[0].begin());
  };
  EXPECT_EQ(rows[1].at(column("writer_minor_faults")), "0");
  EXPECT_EQ(rows[1].at(column("reader_minor_faults")), "");
  EXPECT_EQ(rows[1].at(column("writer_cycles")), "");
  EXPECT_EQ(rows[1].at(column("seconds")), "0.5");
}

TEST(Csv, CarriesHostileNamesAsTheyAre) {
  const auto rows = parse_csv(results_as_csv(hostile(), {}));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1][0], hostile_name);
  EXPECT_EQ(rows[1].size(), rows[0].size());
}

TEST(GoogleBenchmark, IsAsTheGoldenFile) {
  expect_golden("results.google-benchmark.json", results_as_google_benchmark(document(), {}));
}

TEST(GoogleBenchmark, SaysWhetherTheBuildWasOptimised) {
  const auto type = [](const std::string& flags) {
    Document document = pipebench::document();
    document.tool.flags = flags;
    const auto context = nlohmann::json::parse(results_as_google_benchmark(document, {})).at("context");
    return context.value("library_build_type", "not said");
  };
  EXPECT_EQ(type("-O2"), "release");
  EXPECT_EQ(type("-O0"), "debug");
  EXPECT_EQ(type("-O2 -fsanitize=thread"), "debug");
  EXPECT_EQ(type("-Oplain"), "not said") << "the flags came from elsewhere";
}

TEST(GoogleBenchmark, CountsTheKernelsWorkersOrLeavesCpuTimeOut) {
  Document measured;
  CaseResult& result = measured.cases.emplace_back();
  Sample& sample = result.samples.emplace_back();
  sample.counted_bytes = sample.bytes = 4096;
  sample.counted_seconds = sample.seconds = 1;
  for (EndCounters* end : {&sample.writer, &sample.reader})
    (*end)[Counter::user_seconds] = (*end)[Counter::system_seconds] = 0.25;
  const auto runs = [&] {
    return nlohmann::json::parse(results_as_google_benchmark(measured, {})).at("benchmarks").at(0);
  };
  EXPECT_FALSE(runs().contains("cpu_time"));
  sample.worker_seconds = 0.5;
  EXPECT_DOUBLE_EQ(runs().at("cpu_time").get<double>(), 1.5e9);
}

TEST(OpenMetrics, IsAsTheGoldenFile) { expect_golden("results.prom", results_as_openmetrics(document(), {})); }
TEST(OpenMetrics, OfPricesIsAsTheGoldenFile) { expect_golden("prices.prom", results_as_openmetrics(prices(), {})); }

TEST(OpenMetrics, KeepsHostileNamesInTheirLabels) {
  Document hostile;
  hostile.cases.resize(1);
  hostile.cases[0].name = "a\"b\\c\nd";
  hostile.cases[0].status = Status::failed;
  EXPECT_TRUE(holds(results_as_openmetrics(hostile, {}), "pipebench_failed{case=\"a\\\"b\\\\c\\nd\","))
      << results_as_openmetrics(hostile, {});
}

TEST(ResultsJson, IsAsTheGoldenFile) { expect_golden("results.json", results_as_json(document(), {})); }

TEST(ResultsJson, ReadsBackWhateverTheNames) {
  const Json json = Json::parse(results_as_json(hostile(), {}));
  const auto name = json.at("cases").at(0).at("name").get<std::string>();
  EXPECT_TRUE(
      name.starts_with("a|b \"c\", `d` <e>\\ gr\xc3\xb6\xc3\x9f"
                       "e "))
      << name;
  EXPECT_TRUE(holds(name, "\xef\xbf\xbd"));  // what is no UTF-8 became U+FFFD
}

TEST(Formats, RenderEveryDocument) {
  for (const Format& format : formats) {
    for (const Document& each : {document(), plan_only(), hostile(), Document{}}) {
      const std::string text = format.render(each, {});
      EXPECT_TRUE(text.ends_with('\n')) << format.name;
    }
  }
}

TEST(Grid, BreaksTheColumnThatWraps) {
  const Grid grid{.columns = {{.header = "name", .wrap = true}, {.header = "figure", .right = true}},
                  .rows = {{"one two three four five six seven", "1"}, {std::string(50, 'y'), "22"}}};
  const std::string text = grid_as_text(grid, 40);
  EXPECT_LE(longest_line(text), 40U) << text;
  EXPECT_EQ(std::ranges::count(text, 'y'), 50);
}

TEST(Grid, BreaksAtBlanksRatherThanInWords) {
  const Grid grid{.columns = {{.header = "a", .wrap = true}},
                  .rows = {{"from there to /dev/null"}, {"one,two,three,four,x"}}};
  EXPECT_EQ(grid_as_text(grid, 19), "a\nfrom there to\n/dev/null\none,two,three,four,\nx\n");
}

TEST(Listing, HasItsLegendInMarkdown) {
  const Listing listing{
      .data = {}, .headline = "Head.", .grids = {{.columns = {{.header = "a"}}, .rows = {{"1"}}}}, .legend = "a: one."};
  EXPECT_EQ(listing_as_markdown(listing, {}), "Head.\n\n| a |\n| --- |\n| 1 |\n\na: one.\n");
}

TEST(Grid, QuotesCsvFieldsThatNeedIt) {
  const Grid grid{.columns = {{"a"}, {"b"}}, .rows = {{"x,y", "say \"hi\""}, {"two\nlines", ""}}};
  EXPECT_EQ(grid_as_csv(grid), "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\n");
}

TEST(WrapText, BreaksAtBlanksAndIndents) {
  EXPECT_EQ(wrap_text("aa bb cc dd", 8, 2, "> "), "> aa bb\n  cc dd\n");
  EXPECT_EQ(wrap_text("", 8, 2, ""), "\n");
}

TEST(WrapText, BreaksWordsThatAreLongerThanALine) {
  EXPECT_EQ(wrap_text("a=1,b=2,c=3 x", 10, 2, ""), "a=1,b=2,\n  c=3 x\n");
  EXPECT_EQ(wrap_text("123456789", 6, 2, ""), "1234\n  5678\n  9\n");
}

TEST(WrapText, GivesACommandALineOfItsOwn) {
  EXPECT_EQ(wrap_text("As root: `echo 1 > /proc/x` That is all.", 12, 2, "> "),
            "> As root:\n    echo 1 > /proc/x\n  That is\n  all.\n");
  EXPECT_EQ(wrap_text("Do: `a b`", 12, 2, ""), "Do:\n    a b\n");
}

TEST(WrapText, DoesNotBreakWhatStandsInBackquotes) {
  EXPECT_EQ(wrap_text("aa bb `cc dd` ee", 10, 2, ""), "aa bb\n  `cc dd`\n  ee\n");
  EXPECT_EQ(wrap_text("aa `bb cc dd ee ff`.", 10, 2, ""), "aa\n  `bb cc dd ee ff`.\n");
  EXPECT_EQ(wrap_text("aa `bb cc", 7, 2, ""), "aa `bb\n  cc\n");  // only one
}

TEST(WrapText, CountsColumns) {
  EXPECT_EQ(wrap_text("\xc3\xb6\xc3\xb6 bb", 5, 0, ""), "\xc3\xb6\xc3\xb6 bb\n");
  EXPECT_EQ(wrap_text("\xe6\x97\xa5\xe6\x97\xa5", 1, 0, ""), "\xe6\x97\xa5\n\xe6\x97\xa5\n");
}

TEST(Passages, EndWithTheirCommands) {
  const std::vector<Passage> passages = passages_of("A: `b c` D: `e` F");
  ASSERT_EQ(passages.size(), 3U);
  EXPECT_EQ(passages[0].prose + '|' + passages[0].command, "A:|b c");
  EXPECT_EQ(passages[1].prose + '|' + passages[1].command, "D:|e");
  EXPECT_EQ(passages[2].prose + '|' + passages[2].command, "F|");
  EXPECT_TRUE(passages_of("").empty());
}

TEST(WrapText, LetsNoControlCharactersThrough) { EXPECT_EQ(wrap_text("a\x1b[2J", 20, 0, ""), "a\\x1b[2J\n"); }

std::vector<Remark> remarks_of(const Document& document, RemarkKind kind) {
  std::vector<Remark> remarks = footer_of(document).remarks;
  std::erase_if(remarks, [&](const Remark& remark) { return remark.kind != kind; });
  return remarks;
}

Document with_goals(const RunGoals& goals) {
  Document document;
  document.plan.goals = goals;
  document.plan.finished = "2024-01-01T00:01:00Z";
  document.plan.complete = true;
  document.cases = {measured("a", 4), measured("b", 4)};
  for (CaseResult& result : document.cases) result.sampling.rounds = 2;
  return document;
}

TEST(Goals, ThatWereReachedAreNotMentioned) {
  for (const RunGoals& goals : {RunGoals{}, RunGoals{.budget_seconds = 60, .steady = true}}) {
    const Document document = with_goals(goals);
    for (const RemarkKind kind : {RemarkKind::budget, RemarkKind::precision, RemarkKind::set_aside})
      EXPECT_TRUE(remarks_of(document, kind).empty());
  }
}

TEST(Goals, NameTheLeastPreciseCasesFirst) {
  Document document = with_goals({.precision = 0.02});
  document.cases[0].samples.clear();
  document.cases[1].samples.clear();
  for (unsigned round = 0; round < 6; ++round) document.cases[0].samples.push_back(sample_of(round, 1 + 0.1 * round));
  const auto remarks = remarks_of(document, RemarkKind::precision);
  ASSERT_EQ(remarks.size(), 1U);
  EXPECT_TRUE(remarks[0].text.starts_with("not within ±2 %: b (too few samples), a (±20.")) << remarks[0].text;
  document.cases[1] = compared(document.cases[1], 2);
  EXPECT_TRUE(holds(remarks_of(document, RemarkKind::precision).at(0).text,
                    "not within ±2 % (of the ratio, where there is one): b"));
}

TEST(Goals, SayWhyPrecisionWasNotReached) {
  const auto text = [](const RunGoals& goals, bool complete) {
    Document document = with_goals(goals);
    document.plan.complete = complete;
    return remarks_of(document, RemarkKind::precision).at(0).text;
  };
  EXPECT_TRUE(text({.precision = 0.02}, false).ends_with("). The run was interrupted."));
  EXPECT_TRUE(text({.precision = 0.02, .budget_seconds = 60}, false).ends_with("). The run was interrupted."));
  EXPECT_TRUE(holds(text({.precision = 0.02, .budget_seconds = 60}, true),
                    "). Another round did not fit into the budget of 1m: "));
  EXPECT_TRUE(holds(text({.precision = 0.02}, true), "). Give the run more time (--budget), "));
}

TEST(Goals, SayOnceOfAllCasesWhatTheBudgetLeftOut) {
  Document document = with_goals({.budget_seconds = 60});
  for (CaseResult& result : document.cases) {
    result.status = Status::planned;
    result.reason = "2 of 10 rounds, for a reason.";
  }
  const auto remarks = remarks_of(document, RemarkKind::budget);
  ASSERT_EQ(remarks.size(), 1U);
  EXPECT_EQ(remarks[0].names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(remarks[0].text, "2 of 10 rounds, for a reason.");
}

TEST(Goals, SayHowManySamplesWereSetAside) {
  Document document = with_goals({.steady = true});
  document.cases[0].samples.push_back(sample_of(2, 0.125));
  document.cases[0].samples[1].set_aside = true;
  const auto remarks = remarks_of(document, RemarkKind::set_aside);
  ASSERT_EQ(remarks.size(), 1U);
  EXPECT_EQ(remarks[0].names, std::vector<std::string>{"a"});
  EXPECT_EQ(remarks[0].text, "1 of 3 samples, taken under other conditions than most.");
  EXPECT_TRUE(remarks_of(document, RemarkKind::budget).empty());
}

}  // namespace
}  // namespace pipebench
