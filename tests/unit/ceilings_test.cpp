// What limits a case: which cases are measured for it, what follows from their figures, and how reports show it.
#include "pipebench/analysis/ceilings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "fake_machine.hpp"
#include "pipebench/analysis/precision.hpp"
#include "pipebench/engine/ceilings.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/plan/plan.hpp"
#include "pipebench/plan/rules.hpp"
#include "pipebench/report/report.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

constexpr double gib = 1024.0 * 1024.0 * 1024.0;

double speed_at(double ns_per_page) { return 4096e9 / ns_per_page / gib; }

// ---------------------------------------------------------------------------------------------- what applies

CaseResult case_of(const std::string& name, double speed, unsigned serial_copies) {
  CaseResult result;
  result.name = name;
  result.status = Status::ok;
  result.samples.resize(1);
  result.samples[0].conditions = {.handover_ns_before = 40, .handover_ns_after = 60};
  result.summary = Summary{.n = 1, .median_gib_per_second = speed, .cpu_seconds_per_gib = {}};
  result.ceilings = Ceilings{.read_gib_per_second = 30,
                             .copy_gib_per_second = 12,
                             .system_call_ns = 100,
                             .serial_copies = serial_copies,
                             .alone_case = "ceilings:alone",
                             .null_case = "ceilings:null"};
  return result;
}

/// One call a 64 KiB turn.
CaseResult alone(double writer_ns, double reader_ns) {
  CaseResult result;
  result.name = "ceilings:alone";
  result.section = "ceilings";
  result.only_for_ceilings = true;
  result.status = Status::ok;
  result.spec.isolation = Isolation::none;
  result.summary = Summary{.n = 1,
                           .median_gib_per_second = 1,
                           .cpu_seconds_per_gib = {},
                           .writer_ns_per_page = writer_ns,
                           .reader_ns_per_page = reader_ns,
                           .writer = {.bytes_per_call = 65536},
                           .reader = {.bytes_per_call = 65536}};
  return result;
}

Document document_of(CaseResult result, double writer_ns = 20, double reader_ns = 50) {
  CaseResult null = alone(1, 1);
  null.name = "ceilings:null";
  null.spec.isolation = Isolation::threads;
  null.summary->median_gib_per_second = 2000;
  Document document{.tool = {}, .host = {}, .plan = {}, .cases = {}};
  document.plan.ceilings = document.plan.complete = true;
  document.plan.finished = "2024-01-02T03:05:06Z";
  document.cases = {std::move(result), alone(writer_ns, reader_ns), null};
  apply_ceilings(document);
  return document;
}

Ceilings ceilings_of(CaseResult result, double writer_ns = 20, double reader_ns = 50) {
  return *document_of(std::move(result), writer_ns, reader_ns).cases[0].ceilings;
}

TEST(Ceilings, OfACopyingCaseIsTheCopyBandwidth) {
  const Ceilings ceilings = ceilings_of(case_of("write-read", 4.5, 2));
  EXPECT_EQ(ceilings.applies, Ceiling::copies);
  EXPECT_DOUBLE_EQ(ceilings.gib_per_second.value(), 6);
  EXPECT_DOUBLE_EQ(ceilings.share.value(), 0.75);
}

// A call of 64 KiB has 16 pages, so that entering the kernel is 100 / 16 ns a page at each end.
TEST(Ceilings, OfACaseByReferenceIsBothCallsUnderOneLock) {
  const Ceilings ceilings = ceilings_of(case_of("vmsplice-splice", 30, 0));
  EXPECT_EQ(ceilings.applies, Ceiling::slots);
  EXPECT_DOUBLE_EQ(ceilings.gib_per_second.value(), speed_at(20 + 50 - 12.5));
  EXPECT_DOUBLE_EQ(ceilings.share.value(), 30 / speed_at(57.5));
}

TEST(Ceilings, IsNeverAboveTheSlowerCall) {
  EXPECT_DOUBLE_EQ(ceilings_of(case_of("a", 30, 0), 5, 50).gib_per_second.value(), speed_at(50));
}

TEST(Ceilings, OfSeveralPipesIsTheSlowerCall) {
  CaseResult result = case_of("stripes", 30, 0);
  result.spec.stripe = 2;
  EXPECT_DOUBLE_EQ(ceilings_of(result).gib_per_second.value(), speed_at(50));
}

TEST(Ceilings, OfSeveralStreamsIsThatOfAllTogether) {
  CaseResult result = case_of("streams", 30, 1);
  result.spec.streams = 3;
  result.ceilings->copies_at_once = 3;
  EXPECT_DOUBLE_EQ(ceilings_of(result).gib_per_second.value(), 36);
  result.ceilings->serial_copies = 0;
  result.ceilings->writer_cpus = result.ceilings->reader_cpus = 3;
  result.ceilings->cpus = 6;
  EXPECT_DOUBLE_EQ(ceilings_of(result).gib_per_second.value(), speed_at(57.5 / 3));
}

TEST(Ceilings, OfEndsOnOneCpuIsBothCallsWithAllThatBelongsToThem) {
  CaseResult result = case_of("one CPU", 30, 0);
  result.ceilings->cpus = 1;
  EXPECT_DOUBLE_EQ(ceilings_of(result).gib_per_second.value(), speed_at(20 + 50));
  result.spec.stripe = 2;
  EXPECT_DOUBLE_EQ(ceilings_of(result).gib_per_second.value(), speed_at(20 + 50));
}

TEST(Ceilings, OfStreamsThatShareCpusIsWhatTheseHaveTimeFor) {
  CaseResult result = case_of("shared", 30, 0);
  result.spec.streams = 4;
  result.ceilings->writer_cpus = result.ceilings->reader_cpus = result.ceilings->cpus = 2;
  EXPECT_DOUBLE_EQ(ceilings_of(result).gib_per_second.value(), speed_at((20 + 50) / 2.0));
  result.ceilings->writer_cpus = result.ceilings->reader_cpus = 1;
  EXPECT_DOUBLE_EQ(ceilings_of(result).gib_per_second.value(), speed_at(50)) << "one CPU has all readers";
}

TEST(Ceilings, HoldWhatElseWasMeasured) {
  const Ceilings ceilings = ceilings_of(case_of("write-read", 4.5, 2));
  EXPECT_EQ(ceilings.handover_ns, 50);
  EXPECT_EQ(ceilings.null_gib_per_second, 2000);
  EXPECT_EQ(ceilings.alone_writer_ns_per_page, 20);
  EXPECT_EQ(ceilings.alone_reader_ns_per_page, 50);
}

// Its prices are what is measured, so that slots limit it to themselves.
TEST(Ceilings, OfACaseInTurnsAreOnlyCopies) {
  CaseResult result = case_of("prices", 1, 0);
  result.spec.isolation = Isolation::none;
  result.summary->writer_ns_per_page = 95;
  result.summary->reader_ns_per_page = 100;
  result.summary->turns_ns_per_page = 200;  // of the samples' sums, as ratios are
  EXPECT_FALSE(ceilings_of(result).applies);
  result.ceilings->serial_copies = 2;
  EXPECT_DOUBLE_EQ(ceilings_of(result).share.value(), speed_at(200) / 6) << "by its prices, not by its speed";
}

TEST(Ceilings, AreMissingWhereNothingIsKnown) {
  CaseResult result = case_of("a", 4.5, 2);
  result.ceilings->copy_gib_per_second.reset();
  EXPECT_FALSE(ceilings_of(result).share);
  result.ceilings->serial_copies = 0;
  result.ceilings->alone_case = "ceilings:another";
  const Ceilings ceilings = ceilings_of(result);
  EXPECT_FALSE(ceilings.share);
  EXPECT_FALSE(ceilings.applies);
  EXPECT_FALSE(ceilings.alone_writer_ns_per_page);
}

// ---------------------------------------------------------------------------------------------- copies

struct Copying {
  int writer, reader;
  Reuse reuse = Reuse::at_once;
  Release release = Release::copied;
};

CaseSpec spec_on(const std::vector<std::pair<int, int>>& cpus, std::uint32_t stripe = 1) {
  CaseSpec spec;
  spec.stripe = stripe;
  spec.streams = static_cast<std::uint32_t>(cpus.size());
  for (const auto& [writer, reader] : cpus)
    spec.further_placements.push_back({.writer_cpu = writer, .reader_cpu = reader, .relation = {}});
  spec.placement = spec.further_placements.front();
  spec.further_placements.erase(spec.further_placements.begin());
  return spec;
}

/// "CHAINS x COPIES": how many bytes at once, and copies of each one after the other.
std::string limit(const Copying& ends, const CaseSpec& spec, unsigned allowed = 8, bool workers = false) {
  const StrategyInfo writer{
      .name = "w", .summary = "", .copies = ends.writer, .reuse = ends.reuse, .kernel_workers = workers};
  const StrategyInfo reader{.name = "r", .summary = "", .copies = ends.reader, .release = ends.release};
  const CopyLimit found = copy_limit(writer, reader, spec, cpus_in_use(writer, reader, spec, allowed));
  return std::to_string(found.at_once) + " x " + std::to_string(found.serial);
}

const CaseSpec two_cpus = spec_on({{0, 1}});

TEST(CopyLimit, IsWhatIsUnderOneLock) {
  EXPECT_EQ(limit({1, 1}, two_cpus), "1 x 2");
  EXPECT_EQ(limit({0, 1}, two_cpus), "1 x 1");
  EXPECT_EQ(limit({0, 0}, two_cpus), "1 x 0");
  EXPECT_EQ(limit({1, 1}, spec_on({{0, 1}}, 2)), "1 x 1") << "with two pipes both ends copy at once";
}

TEST(CopyLimit, LeavesOutWhatIsCopiedOutsideThePipe) {
  EXPECT_EQ(limit({1, 1, Reuse::own_ring}, two_cpus), "1 x 1") << "into a ring";
  EXPECT_EQ(limit({1, 1, Reuse::at_once, Release::passed_on}, two_cpus), "1 x 1") << "out of a socket";
  CaseSpec turns = two_cpus;
  turns.isolation = Isolation::none;
  EXPECT_EQ(limit({1, 1, Reuse::own_ring}, turns), "1 x 2") << "one thread does one thing at a time";
}

TEST(CopyLimit, OnOneCpuIsTheSumOfAllCopies) {
  EXPECT_EQ(limit({1, 1}, spec_on({{0, 0}}, 2)), "1 x 2");
  EXPECT_EQ(limit({1, 1, Reuse::own_ring}, spec_on({{3, 3}})), "1 x 2");
  CaseSpec anywhere = two_cpus;
  anywhere.placement = {};
  anywhere.stripe = 2;
  EXPECT_EQ(limit({1, 1}, anywhere, 1), "1 x 2") << "not pinned, but only one may be used";
  EXPECT_EQ(limit({1, 1}, anywhere, 2), "1 x 1");
  EXPECT_EQ(limit({1, 1}, spec_on({{0, 0}}, 2), 2, true), "1 x 1") << "workers of the kernel may be elsewhere";
}

TEST(CopyLimit, OfStreamsIsWhatTheirCpusCopy) {
  EXPECT_EQ(limit({0, 1}, spec_on({{0, 1}, {2, 3}})), "2 x 1");
  EXPECT_EQ(limit({0, 1}, spec_on({{0, 1}, {1, 0}, {0, 1}, {1, 0}})), "2 x 1");
  EXPECT_EQ(limit({0, 1}, spec_on({{0, 1}, {0, 1}, {0, 1}})), "1 x 1") << "all readers are on one CPU";
  EXPECT_EQ(limit({1, 1}, spec_on({{0, 1}, {1, 0}, {0, 1}})), "2 x 2");
}

// ---------------------------------------------------------------------------------------------- what is measured

class PlannedCeilings : public testing::Test {
 protected:
  struct Planned {
    std::vector<CaseResult> cases, more;
  };
  Planned plan(const std::vector<std::pair<std::string, std::string>>& texts, const std::string& name = "") {
    Group group{.name = name, .axes = {}, .sampling = {}};
    group.sampling.verify = true;
    for (const auto& [axis, text] : texts) group.axes[axis].push_back({.text = text, .origin = "--" + axis});
    const Plan plan({group}, {.catalog = catalog_, .machine = machine_});
    Planned planned;
    for (std::size_t i = 0; i < plan.size(); ++i) planned.cases.push_back(plan.at(i));
    planned.more = plan.add_ceilings(planned.cases);
    return planned;
  }
  Machine machine_ = fake_machine();
  Catalog catalog_ = fake_catalog();
};

TEST_F(PlannedCeilings, AreThePairAloneAndTheLoopsWithoutAPipe) {
  const auto [cases, more] = plan({{"writer", "vmsplice"}, {"reader", "splice"}});
  ASSERT_EQ(more.size(), 2U);
  EXPECT_EQ(cases[0].ceilings->alone_case, more[0].name);
  EXPECT_EQ(cases[0].ceilings->null_case, more[1].name);
  EXPECT_EQ(more[0].name, "ceilings:alone=vmsplice-splice");
  const CaseSpec& spec = more[0].spec;
  EXPECT_EQ(spec.isolation, Isolation::none);
  EXPECT_EQ(spec.pipe_bytes, cases[0].spec.pipe_bytes) << "calls as large as the case's";
  EXPECT_EQ(spec.placement.writer_cpu, cases[0].spec.placement.writer_cpu);
  EXPECT_EQ(spec.placement.reader_cpu, cases[0].spec.placement.writer_cpu);
  EXPECT_EQ(more[1].spec.writer, "null");
  EXPECT_EQ(more[1].spec.buffer_bytes, cases[0].spec.buffer_bytes);
  for (const CaseResult& result : more) {
    EXPECT_EQ(result.status, Status::planned) << result.reason;
    EXPECT_TRUE(result.only_for_ceilings);
    EXPECT_FALSE(result.sampling.verify);
    EXPECT_LT(result.sampling.time_seconds, cases[0].sampling.time_seconds);
  }
}

TEST_F(PlannedCeilings, AreMeasuredOnceForCasesThatShareThem) {
  const auto [cases, more] = plan({{"writer", "vmsplice"}, {"reader", "splice"}, {"wait", "block,busy,poll"}});
  EXPECT_EQ(cases.size(), 3U);
  EXPECT_EQ(more.size(), 2U);
  EXPECT_EQ(cases[2].ceilings->alone_case, more[0].name);
  EXPECT_EQ(plan({{"writer", "write"}, {"reader", "read"}, {"pages", "4k,thp"}}).more.size(), 3U)
      << "null has no pages";
}

TEST_F(PlannedCeilings, AreNoneOfCasesThatMoveNothingOrCannotRun) {
  EXPECT_TRUE(plan({{"writer", "null"}, {"reader", "null"}}).more.empty());
  EXPECT_TRUE(plan({{"writer", "recycle"}, {"reader", "read"}}).more.empty());
}

TEST_F(PlannedCeilings, AreTheCaseItselfWhereItTakesTurns) {
  const auto [cases, more] = plan({{"writer", "write"}, {"reader", "read"}, {"isolation", "none"}});
  EXPECT_EQ(cases[0].ceilings->alone_case, cases[0].name);
  ASSERT_EQ(more.size(), 1U);
  EXPECT_EQ(more[0].spec.writer, "null");
}

TEST_F(PlannedCeilings, SayInADryRunWhatEachRowIs) {
  auto [cases, more] = plan({{"writer", "vmsplice"}, {"reader", "splice"}, {"contiguous", "on"}});
  Document document{.tool = {}, .host = {}, .plan = {}, .cases = std::move(cases)};
  document.plan.ceilings = true;
  document.cases.insert(document.cases.end(), more.begin(), more.end());
  const std::string text = results_as_table(document, {});
  EXPECT_TRUE(holds(text, "\nceilings:alone "));
  EXPECT_TRUE(holds(text, "\nceilings:null "));
  EXPECT_TRUE(holds(text, "with: every case: --contiguous\n")) << "of the case itself";
  EXPECT_FALSE(holds(text, "ceilings: --isolation none")) << "some of them have two threads";
}

TEST_F(PlannedCeilings, AreCasesThatAreThereAnyway) {
  const auto [cases, more] =
      plan({{"writer", "write"}, {"reader", "read"}, {"pipe-size", "64K"}, {"isolation", "threads,none"}});
  EXPECT_EQ(cases[0].ceilings->alone_case, cases[1].name);
  EXPECT_TRUE(std::ranges::none_of(more, [](const CaseResult& result) { return result.spec.writer == "write"; }));
}

TEST_F(PlannedCeilings, RefuseASectionThatHasTheirName) {
  const Group first{.name = "x", .axes = {}, .sampling = {}};
  const Group second{.name = "ceilings:alone=x", .axes = {}, .sampling = {}};
  const Plan plan({first, second}, {.catalog = catalog_, .machine = machine_});
  std::vector<CaseResult> cases{plan.at(0), plan.at(1)};
  EXPECT_TRUE(holds(refusal([&] { (void)plan.add_ceilings(cases); }), "'ceilings:alone=x'"));
}

TEST(WorkingSetOf, IsTheBuffersOfTheCase) {
  CaseSpec spec;
  spec.buffer_bytes = 262144;
  spec.buffers = 2;
  spec.stripe = 3;
  EXPECT_EQ(working_set_of(spec), (WorkingSet{.block_bytes = 262144, .blocks = 6, .pages = Pages::k4}));
  spec.pages = Pages::m2;
  EXPECT_EQ(working_set_of(spec).pages, Pages::thp) << "which need not be reserved";
}

TEST(WorkingSetOf, IsNoLargerThanTellsAnything) {
  CaseSpec spec;
  spec.buffer_bytes = std::uint64_t{1} << 30U;
  spec.buffers = 4096;
  EXPECT_EQ(working_set_of(spec), (WorkingSet{.block_bytes = 64U << 20U, .blocks = 1, .pages = Pages::k4}));
  spec.buffer_bytes = 1U << 20U;
  EXPECT_EQ(working_set_of(spec).blocks, 64U);
}

// ---------------------------------------------------------------------------------------------- precision

TEST(CeilingCases, NeedNoPrecision) {
  Document document = document_of(case_of("write-read", 4.5, 2));
  document.plan.goals.precision = 0.02;
  document.cases[1].sampling.rounds = 0;
  EXPECT_TRUE(cases_so_far(document.cases, "")[1].over);
  const std::vector<Shortfall> missed = missed_precision(document);
  ASSERT_EQ(missed.size(), 1U);
  EXPECT_EQ(missed[0].index, 0U);
}

// ---------------------------------------------------------------------------------------------- reports

TEST(CeilingReports, HaveATableOfTheirOwn) {
  const Document document = document_of(case_of("write-read", 4.5, 2));
  const std::string text = results_as_table(document, {});
  EXPECT_TRUE(holds(text,
                    "case       of ceiling ceiling limit\n"
                    "write-read        75%    6.00 copies: 2 at 12.0 GiB/s\n"))
      << text;
  EXPECT_TRUE(holds(results_as_table(document, {.width = 1000}),
                    "Measured for the ceilings: one core reads 30.0 GiB/s; copies 12.0 GiB/s; a bare system call takes "
                    "100 ns; a hand-over between the CPUs 50.0 ns; the loops without a pipe reach 2000 GiB/s.\n"))
      << text;
  EXPECT_TRUE(holds(results_as_markdown(document, {}), "copies: 2 at 12.0 GiB/s"));
}

TEST(CeilingReports, ShowNoRowsThatNobodyAskedFor) {
  const std::string text = results_as_table(document_of(case_of("vmsplice-splice", 30, 0)), {});
  EXPECT_TRUE(holds(text, "slots: 20.0 + 50.0 ns\n")) << text;
  EXPECT_FALSE(holds(text, "ceilings:alone")) << text;
  EXPECT_FALSE(holds(text, "ceilings:null")) << text;
}

TEST(CeilingReports, TellStreamsThatShareCpusFromThoseThatDoNot) {
  CaseResult result = case_of("a", 30, 0);
  result.spec.streams = 2;
  result.ceilings->cpus = 4;
  EXPECT_TRUE(holds(results_as_table(document_of(result), {}), "2 x slots: 20.0 + 50.0 ns\n"));
  result.ceilings->cpus = 1;
  EXPECT_TRUE(holds(results_as_table(document_of(result), {}), "2 on 1 CPU, slots: 20.0 + 50.0 ns\n"));
}

TEST(CeilingReports, SayWhatItMeansToBeAboveACeiling) {
  const auto shown = [](double speed, unsigned copies) {
    return results_as_table(document_of(case_of("a", speed, copies)), {.width = 1000});
  };
  EXPECT_TRUE(holds(shown(9, 2), "note: a: It is above its ceiling: the kernel copied faster"));
  EXPECT_TRUE(holds(shown(90, 0), "note: a: It is above its ceiling: part of what the calls do"));
  EXPECT_FALSE(holds(shown(5, 2), "above its ceiling"));
}

TEST(CeilingReports, SayWhyACaseCouldNotBeMeasuredAlone) {
  Document document = document_of(case_of("a", 30, 0));
  document.cases[1].status = Status::skipped;
  document.cases[1].summary.reset();
  document.cases[1].reason = "It does not fit.";
  document.cases[0].ceilings->applies.reset();
  document.cases[0].ceilings->gib_per_second.reset();
  document.cases[0].ceilings->share.reset();
  const std::string text = results_as_table(document, {});
  EXPECT_TRUE(holds(text, "skipped: ceilings:alone: It does not fit.")) << text;
  EXPECT_TRUE(holds(text, " - -\n")) << text;
}

TEST(CeilingReports, OfAPlanSayThatTheyWillBeMeasured) {
  Document document = document_of(case_of("a", 30, 0));
  document.plan.finished.clear();
  for (CaseResult& result : document.cases) {
    result.status = Status::planned;
    result.spec.pipe_bytes = 65536;
    result.summary.reset();
  }
  EXPECT_TRUE(holds(results_as_table(document, {.width = 1000}), "note: --ceilings also measures"));
}

TEST(CeilingReports, AreInFormatsForOtherToolsToo) {
  const Document document = document_of(case_of("write-read", 4.5, 2));
  const std::string csv = results_as_csv(document, {});
  EXPECT_TRUE(holds(csv, ",ceilings_applies,ceilings_gib_per_second,ceilings_share,")) << csv;
  EXPECT_TRUE(holds(csv, ",copies,6.0,0.75,")) << csv;
  EXPECT_TRUE(holds(results_as_openmetrics(document, {}), "limit=\"copies\"} 0.75\n"));
  const auto json = nlohmann::json::parse(results_as_google_benchmark(document, {}));
  EXPECT_EQ(json.at("benchmarks").at(0).at("ceiling_bytes_per_second"), 6 * gib);
  EXPECT_TRUE(json.at("benchmarks").at(0).contains("ceiling_share"));
  Document without = document;
  without.plan.ceilings = false;
  EXPECT_FALSE(holds(results_as_csv(without, {}), "ceilings_"));
}

TEST(CeilingResults, AreReadBackAsTheyWereWritten) {
  const Document document = document_of(case_of("write-read", 4.5, 2));
  const std::string text = results_as_json(document, {});
  std::istringstream stream(text);
  EXPECT_EQ(results_as_json(read_json(stream, "x.json").document, {}), text);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json.at("cases").at(0).at("ceilings").at("applies"), "copies");
  EXPECT_EQ(json.at("cases").at(1).at("only_for_ceilings"), true);
  EXPECT_TRUE(json.at("cases").at(1).at("ceilings").is_null());
}

}  // namespace
}  // namespace pipebench
