#include "pipebench/analysis/compare.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "app/comparing.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/report/comparison.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

constexpr double near = 40, far = 185;

Sample sample_of(double speed, double handover_ns) {
  Sample sample;
  sample.bytes = sample.counted_bytes = std::uint64_t{1} << 30U;
  sample.seconds = sample.counted_seconds = 1 / speed;
  sample.conditions.handover_ns_before = sample.conditions.handover_ns_after = handover_ns;
  sample.conditions.writer_ns_per_add = sample.conditions.reader_ns_per_add = 0.27;
  return sample;
}

void add(CaseResult& result, double speed, double handover_ns = near) {
  result.samples.push_back(sample_of(speed, handover_ns));
  result.samples.back().round = static_cast<unsigned>(result.samples.size() - 1);
}

CaseResult case_of(const std::string& name, const std::vector<double>& speeds, double handover_ns = near) {
  CaseResult result;
  result.name = name;
  result.spec.writer = name;
  result.spec.reader = "read";
  result.status = Status::ok;
  for (const double speed : speeds) add(result, speed, handover_ns);
  return result;
}

Document document_of(std::vector<CaseResult> cases) {
  Document document;
  document.cases = std::move(cases);
  document.plan.complete = true;
  return document;
}

std::vector<double> around(double middle, std::size_t n = 10) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(middle * (1 + 0.002 * static_cast<double>(i % 5)));
  return values;
}

ComparedCase compared(const std::vector<double>& base, const std::vector<double>& other) {
  static Document one, another;
  one = document_of({case_of("write", base)});
  another = document_of({case_of("write", other)});
  return compare(one, another).cases.at(0);
}

TEST(Compare, TellsFasterAndSlowerFromTheSame) {
  EXPECT_EQ(compared(around(2), around(2.2)).verdict, Verdict::faster);
  EXPECT_EQ(compared(around(2), around(1.8)).verdict, Verdict::slower);
  EXPECT_EQ(compared(around(2), around(2)).verdict, Verdict::same);
  EXPECT_NEAR(compared(around(2), around(2.2)).ratio->median, 1.1, 1e-12);
}

TEST(Compare, IsUnclearAboutFewSamplesAndMuchNoise) {
  EXPECT_EQ(compared(around(2, 3), around(1, 3)).verdict, Verdict::unclear);
  EXPECT_EQ(compared({1, 2, 3, 1, 2, 3, 1, 2, 3, 1}, {3, 2, 1, 3, 2, 1, 3, 2, 1, 2}).verdict, Verdict::unclear);
}

TEST(Compare, MatchesCasesByWhatTheyMeasure) {
  CaseResult renamed = case_of("write", around(2));
  renamed.name = "another name";
  CaseResult other_cpus = case_of("vmsplice", around(5));
  other_cpus.spec.placement = {.writer_cpu = 8, .reader_cpu = 9, .relation = Relation::l3};
  const Document base = document_of({case_of("write", around(2)), case_of("vmsplice", around(5)), case_of("tee", {})});
  const Document other = document_of({other_cpus, renamed, case_of("splice", around(1))});
  const Comparison comparison = compare(base, other);
  ASSERT_EQ(comparison.cases.size(), 2U);
  EXPECT_EQ(comparison.cases[0].other.result->name, "another name");
  EXPECT_EQ(comparison.cases[1].other.result->name, "vmsplice") << "on other CPUs, as nothing else is like it";
  ASSERT_EQ(comparison.only_in_base.size(), 1U);
  EXPECT_EQ(comparison.only_in_base[0]->name, "tee");
  ASSERT_EQ(comparison.only_in_other.size(), 1U);
  EXPECT_EQ(comparison.only_in_other[0]->name, "splice");
}

TEST(Compare, TakesCasesWithOtherNumbersOfThreadsForOthers) {
  CaseResult more_writers = case_of("write", around(2)), more_readers = more_writers;
  more_writers.spec.writer_threads = 2;
  more_readers.spec.reader_threads = 2;
  const Comparison comparison =
      compare(document_of({case_of("write", around(2))}), document_of({more_writers, more_readers}));
  EXPECT_TRUE(comparison.cases.empty());
  EXPECT_EQ(comparison.only_in_other.size(), 2U);
}

TEST(Compare, TellsCasesThatMeasureTheSameApartByTheirNames) {
  CaseResult first = case_of("write", around(2)), second = case_of("write", around(1));
  first.name = "first";
  second.name = "second";
  const Document base = document_of({first, second}), other = document_of({second, first});
  for (const ComparedCase& one : compare(base, other).cases) {
    EXPECT_EQ(one.base.result->name, one.other.result->name);
    EXPECT_EQ(one.verdict, Verdict::same);
  }
}

TEST(Compare, ComparesOnlySamplesUnderTheSameConditions) {
  Document base = document_of({case_of("write", around(65, 8), near)});
  Document other = document_of({case_of("write", around(40, 6), far)});
  for (const double speed : around(65, 6)) add(other.cases[0], speed, near);
  const ComparedCase mixed = compare(base, other).cases.at(0);
  EXPECT_EQ(mixed.other.n, 6U);
  EXPECT_EQ(mixed.other.left_out, 6U);
  EXPECT_EQ(mixed.verdict, Verdict::same) << "the slow samples had CPUs far apart";
  ASSERT_TRUE(mixed.unlike);
  EXPECT_EQ(mixed.unlike->condition, Condition::handover);
}

TEST(Compare, GivesNoRatioWhereNoConditionsAreTheSame) {
  const Document base = document_of({case_of("write", around(65), near)});
  const Document other = document_of({case_of("write", around(40), far)});
  const Comparison comparison = compare(base, other);
  const ComparedCase& unlike = comparison.cases.at(0);
  EXPECT_FALSE(unlike.ratio);
  EXPECT_EQ(unlike.verdict, Verdict::unclear);
  EXPECT_EQ(unlike.unlike->base, near);
  EXPECT_EQ(unlike.unlike->other, far);
  const std::string text =
      listing_as_table(comparison_listing(std::vector<NamedComparison>{
                           {.base = {"a.json", &base}, .other = {"b.json", &other}, .comparison = comparison}}),
                       {});
  EXPECT_NE(text.find("not compared: base has the CPUs 40 ns apart, new the CPUs 185 ns apart"), std::string::npos)
      << text;
}

TEST(Compare, LeavesOutASampleThatLacksTheReadingByWhichOthersDiffer) {
  Document base = document_of({case_of("write", around(65, 8), near)});
  Document other = document_of({case_of("write", around(65, 8), near)});
  add(other.cases[0], 40, far);
  add(other.cases[0], 40);
  Conditions& lost = other.cases[0].samples.back().conditions;
  lost.handover_ns_before = lost.handover_ns_after = std::nullopt;
  const ComparedCase found = compare(base, other).cases.at(0);
  EXPECT_EQ(found.other.n, 8U);
  EXPECT_EQ(found.other.left_out, 2U);
}

TEST(Compare, ComparesNoCasesWhoseCpusShareOtherThings) {
  CaseResult here = case_of("write", around(2)), there = case_of("write", around(1));
  here.spec.placement = {.writer_cpu = 0, .reader_cpu = 1, .relation = Relation::l3};
  there.spec.placement = {.writer_cpu = 0, .reader_cpu = 2, .relation = Relation::l3};
  EXPECT_EQ(compare(document_of({here}), document_of({there})).cases.size(), 1U);
  there.spec.placement.relation = Relation::cross_package;
  const Document base = document_of({here}), other = document_of({there});
  const Comparison comparison = compare(base, other);
  EXPECT_TRUE(comparison.cases.empty());
  EXPECT_EQ(comparison.unmeasured.size(), 1U);
}

TEST(Compare, MatchesByConditionsThoughASampleLacksThem) {
  CaseResult one = case_of("write", around(2)), another = case_of("write", around(1), far);
  one.samples[3].conditions = {};
  const Document base = document_of({one}), other = document_of({another});
  EXPECT_FALSE(compare(base, other).cases.at(0).ratio);
}

std::string listing_of(const NamedComparison& named) {
  return listing_as_table(comparison_listing(std::span(&named, 1)), {.width = 1000});
}

// What `compare a.json b.json` prints.
std::string text_of(const Document& base, const Document& other) {
  return listing_of({.base = {"a.json", &base}, .other = {"b.json", &other}, .comparison = compare(base, other)});
}

// What `compare a.json --baseline NAME` prints; the first case is the baseline.
std::string text_within(const Document& document) {
  return listing_of({.base = {document.cases[0].name, &document},
                     .other = {"a.json", &document},
                     .comparison = compare_within(document, document.cases[0])});
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Compare, GivesNoIntervalOfThreeSamples) {
  const Document base = document_of({case_of("write", around(2, 3))}),
                 other = document_of({case_of("write", around(3))});
  const ComparedCase few = compare(base, other).cases.at(0);
  EXPECT_EQ(few.ratio->interval.coverage, 0);
  EXPECT_EQ(few.verdict, Verdict::unclear);
  const std::string text = text_of(base, other);
  EXPECT_TRUE(says(text, "with fewer than 4 there is no interval")) << text;
  EXPECT_TRUE(says(text, " 1.503   - ")) << text;
  const NamedComparison named{.base = {"a", &base}, .other = {"b", &other}, .comparison = compare(base, other)};
  const auto json = comparison_listing(std::span(&named, 1)).data.at("comparisons").at(0).at("cases").at(0);
  EXPECT_TRUE(json.at("ratio_ci95_low").is_null() && json.at("ratio_ci95_high").is_null());
  EXPECT_EQ(compared(around(2, 4), around(3, 4)).ratio->interval.coverage, 0.95);
}

TEST(Compare, SaysThatConditionsWereNotRecorded) {
  Document base = document_of({case_of("write", around(2)), case_of("tee", around(2))}), other = base;
  EXPECT_FALSE(says(text_of(base, other), "Conditions were not recorded"));
  for (CaseResult& result : other.cases)
    for (Sample& sample : result.samples) sample.conditions = {};
  EXPECT_TRUE(says(text_of(base, other),
                   "Conditions were not recorded in new, so samples are compared whatever these were: write, tee.\n"));
  EXPECT_TRUE(says(text_of(other, base), "not recorded in base"));
  EXPECT_TRUE(says(text_of(other, other), "not recorded in either"));
}

TEST(Compare, SaysThatCasesRanOnOtherCpus) {
  CaseResult here = case_of("write", around(2)), there = here;
  here.spec.placement = {.writer_cpu = 0, .reader_cpu = 1, .relation = Relation::l3};
  there.spec.placement = {.writer_cpu = 2, .reader_cpu = 3, .relation = Relation::l3};
  const Document base = document_of({here});
  EXPECT_FALSE(says(text_of(base, base), "ran on CPUs"));
  EXPECT_TRUE(says(text_of(base, document_of({there})), "Base ran on CPUs 0,1, new on CPUs 2,3: write.\n"));
  CaseResult nearby = there;
  nearby.name = "another";
  nearby.spec.placement = {.writer_cpu = 4, .reader_cpu = 5, .relation = Relation::l3};
  there.name = "a third";
  const std::string text = text_of(base, document_of({there, nearby}));
  EXPECT_TRUE(says(text,
                   "as they differ in their CPUs, and more than one would go with each: write of base; a third, "
                   "another of new."))
      << text;
}

// With the ends waiting for a CPU for so much of the time.
CaseResult waiting(CaseResult result, double share) {
  for (Sample& sample : result.samples) sample.conditions.run_queue_seconds = 2 * share * sample.counted_seconds;
  return result;
}

TEST(Compare, SaysThatOtherWorkHadTheCpusOfOneFile) {
  const CaseResult write = case_of("write", around(2)), tee = case_of("tee", around(2));
  const Document quiet = document_of({waiting(write, 0.01), waiting(tee, 0.02)});
  const Document busy = document_of({waiting(write, 0.21), waiting(tee, 0.3)});
  const std::string_view other_work = "other work had the CPUs";
  EXPECT_TRUE(says(text_of(quiet, busy),
                   "write, tee: in b.json the ends waited for a CPU 21 to 30 % of the time, in a.json 1 to 2 %: other "
                   "work had the CPUs.\n"));
  EXPECT_TRUE(says(text_of(busy, quiet), "in a.json the ends waited for a CPU 21 to 30 % of the time, in b.json 1 to"));
  EXPECT_FALSE(says(text_of(busy, busy), other_work));
  EXPECT_FALSE(says(text_of(quiet, document_of({waiting(write, 0.09)})), other_work)) << "that is little";
  EXPECT_FALSE(says(text_of(document_of({waiting(write, 0.05)}), busy), other_work)) << "both were busy";
  EXPECT_FALSE(says(text_of(document_of({write}), busy), other_work)) << "not known of base";
  Document one_cpu_quiet = quiet, one_cpu_busy = busy;
  for (Document* document : {&one_cpu_quiet, &one_cpu_busy}) {
    for (CaseResult& result : document->cases)
      result.spec.placement = {.writer_cpu = 1, .reader_cpu = 1, .relation = Relation::same_cpu};
  }
  EXPECT_FALSE(says(text_of(one_cpu_quiet, one_cpu_busy), other_work)) << "the ends wait for each other";
  const NamedComparison named{.base = {"a", &quiet}, .other = {"b", &busy}, .comparison = compare(quiet, busy)};
  const auto json = comparison_listing(std::span(&named, 1)).data.at("comparisons").at(0);
  EXPECT_NEAR(json.at("cases").at(0).at("new").at("waiting").get<double>(), 0.21, 1e-9);
  EXPECT_TRUE(says(json.at("remarks").at(0).get<std::string>(), other_work));
}

TEST(Compare, SaysThatTheKernelGaveOtherPages) {
  CaseResult huge = case_of("write", around(2)), small = huge;
  huge.obtained = {.pipe_bytes = {}, .pages = ObtainedPages::thp, .writer_nodes = {}, .reader_nodes = {}};
  small.obtained = huge.obtained;
  small.obtained->pages = ObtainedPages::k4;
  const Document base = document_of({huge});
  EXPECT_TRUE(says(text_of(base, document_of({small})), "The kernel gave thp pages in base, 4k in new: write.\n"));
  EXPECT_FALSE(says(text_of(base, base), "The kernel gave"));
}

TEST(Compare, SaysThatARunWasInterrupted) {
  const Document base = document_of({case_of("write", around(2))});
  Document other = base;
  other.plan.complete = false;
  EXPECT_TRUE(says(text_of(base, other), "The run of b.json was interrupted: cases lack samples.\n"));
  EXPECT_FALSE(says(text_of(base, base), "interrupted"));
}

TEST(Compare, SaysWhyACaseWithSamplesIsNotCompared) {
  const Document base = document_of({case_of("write", around(2))});
  Document aside = base, idle = base;
  for (Sample& sample : aside.cases[0].samples) sample.set_aside = true;
  for (Sample& sample : idle.cases[0].samples) sample.counted_bytes = 0;
  EXPECT_TRUE(
      says(text_of(base, aside), "write: not compared: measured in base, all samples were set aside in new.\n"));
  EXPECT_TRUE(says(text_of(base, idle), "write: not compared: measured in base, no figure above 0 in new.\n"));
  idle.cases[0].samples.front().counted_bytes = base.cases[0].samples.front().counted_bytes;
  EXPECT_TRUE(says(text_of(base, idle), fmt::format("measured in base, {} of {} samples moved nothing in new.\n",
                                                    base.cases[0].samples.size() - 1, base.cases[0].samples.size())));
}

TEST(Compare, CountsTheSamplesThatMovedNothing) {
  const Document base = document_of({case_of("write", around(2))});
  Document other = base;
  for (const std::size_t at : {2U, 5U}) other.cases[0].samples[at].bytes = 0;
  const ComparedCase found = compare(base, other).cases.at(0);
  EXPECT_EQ(found.other.n, 8U);
  EXPECT_EQ(found.other.without_figure, 2U);
  EXPECT_EQ(found.base.without_figure, 0U);
  EXPECT_TRUE(says(text_of(base, other), "write: 2 of 10 samples of new moved nothing, and are not compared.\n"));
  EXPECT_FALSE(says(text_of(base, base), "moved nothing"));
}

TEST(CompareWithin, CountsTheSamplesThatMovedNothing) {
  Document document = document_of({case_of("write", around(2)), case_of("tee", around(3))});
  document.cases[0].samples[2].bytes = document.cases[1].samples[4].bytes = 0;
  const ComparedCase found = compare_within(document, document.cases[0]).cases.at(0);
  EXPECT_EQ(found.other.n, 8U) << "rounds that both have";
  EXPECT_EQ(found.base.without_figure, 1U);
  EXPECT_EQ(found.other.without_figure, 1U);
}

TEST(Compare, SaysInWhatCasesOfOneNameDiffer) {
  CaseResult other = case_of("write", around(2));
  other.spec.buffers = 4;
  other.spec.pages = Pages::thp;
  const Document base = document_of({case_of("write", around(2))}), changed = document_of({other});
  const std::string text = text_of(base, changed);
  EXPECT_TRUE(says(text,
                   "write: not compared: the two files measured different things under this name: pages 4k -> "
                   "thp, buffers 0 -> 4.\n"))
      << text;
  const NamedComparison named{.base = {"a", &base}, .other = {"b", &changed}, .comparison = compare(base, changed)};
  const auto json = comparison_listing(std::span(&named, 1)).data.at("comparisons").at(0).at("namesakes");
  EXPECT_EQ(json.at(0).at("differences").at(0).dump(), R"({"key":"pages","base":"4k","new":"thp"})");
}

TEST(Compare, NamesEightOfManyCases) {
  std::vector<CaseResult> cases;
  for (int i = 0; i < 12; ++i) {
    cases.push_back(case_of("case-" + std::to_string(i), around(2)));
    cases.back().spec.buffers = static_cast<std::uint32_t>(i + 1);
  }
  EXPECT_TRUE(says(text_of(document_of({}), document_of(cases)), "case-6, case-7 and 4 more.\n"));
}

TEST(Compare, SaysOfSeveralFilesWhichTableIsOfWhich) {
  const Document document = document_of({case_of("write", around(2))});
  std::vector<NamedComparison> both;
  for (const char* name : {"b.json", "c.json"})
    both.push_back({.base = {"a.json", &document}, .other = {name, &document}, .comparison = {}});
  const Document copy = document;
  for (NamedComparison& named : both) {
    named.other.document = &copy;
    named.comparison = compare(document, copy);
  }
  const Listing listing = comparison_listing(both);
  for (const auto& render : {listing_as_table, listing_as_markdown}) {
    const std::string text = render(listing, {});
    EXPECT_TRUE(says(text, "a.json -> b.json:\n") && says(text, "a.json -> c.json:\n")) << text;
    EXPECT_TRUE(says(text, "\nc.json: 1 same.")) << text;
  }
  EXPECT_TRUE(says(listing_as_html(listing, {}), "<caption>a.json -&gt; b.json</caption>"));
  EXPECT_FALSE(says(text_of(document, copy), "->"));
}

TEST(Compare, CallsNothingTheSameByFewSamples) {
  EXPECT_EQ(compared({1, 1, 1}, {1, 1, 1}).verdict, Verdict::unclear);
  EXPECT_EQ(compared({1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}).verdict, Verdict::same);
}

TEST(Compare, TakesSamplesWithoutConditionsAsTheyAre) {
  Document base = document_of({case_of("write", around(2), near)});
  for (Sample& sample : base.cases[0].samples) sample.conditions = {};
  const Document other = document_of({case_of("write", around(2), far)});
  EXPECT_EQ(compare(base, other).cases.at(0).verdict, Verdict::same);
}

TEST(Compare, ComparesThePriceOfEachEndWhereTheyTakeTurns) {
  CaseResult base = case_of("write", around(1));
  base.spec.isolation = Isolation::none;
  for (Sample& sample : base.samples) {
    sample.writer_turns.median_ns_per_page = 100 + 0.1 * sample.round;
    sample.reader_turns.median_ns_per_page = 50 + 0.1 * sample.round;
  }
  CaseResult other = base;
  for (Sample& sample : other.samples) *sample.writer_turns.median_ns_per_page *= 1.2;
  const Document one = document_of({base}), another = document_of({other});
  const Comparison comparison = compare(one, another);
  ASSERT_EQ(comparison.cases.size(), 2U);
  EXPECT_EQ(comparison.cases[0].figure, Compared::writer_price);
  EXPECT_EQ(comparison.cases[0].verdict, Verdict::slower);
  EXPECT_EQ(comparison.cases[1].verdict, Verdict::same);
  ASSERT_EQ(regressions(comparison, 0.1).size(), 1U);
  EXPECT_TRUE(regressions(comparison, 0.3).empty());
}

TEST(Compare, NamesWhatFailsInTheOtherAlone) {
  CaseResult failed = case_of("write", {});
  failed.status = Status::failed;
  const Document base = document_of({case_of("write", around(1))}), other = document_of({failed});
  EXPECT_EQ(new_failures(compare(base, other)).size(), 1U);
  EXPECT_TRUE(new_failures(compare(other, base)).empty());
  CaseResult late = case_of("write", around(1));
  late.status = Status::failed;
  EXPECT_EQ(new_failures(compare(base, document_of({late}))).size(), 1U) << "it failed after some samples";
  Document cut_short = base;
  cut_short.cases[0].status = Status::planned;
  EXPECT_EQ(new_failures(compare(cut_short, other)).size(), 1U) << "an interrupt is no failure";
}

// The exit code of `compare a.json b.json`.
int exit_code(const Document& base, const Document& other, std::optional<double> fail_above) {
  RunSettings settings;
  settings.fail_above = fail_above;
  const NamedComparison comparison = compare_files({"a.json", &base}, {"b.json", &other}, settings);
  return exit_code_of(std::span(&comparison, 1));
}

TEST(CompareGate, IsNotPassedWhenNothingIsCompared) {
  const Document base = document_of({case_of("write", around(2))}), other = document_of({case_of("tee", around(2))});
  const std::string said = "--fail-above: nothing in b.json can be compared with a.json.";
  EXPECT_EQ(exit_code(base, base, 0.05), 0);
  EXPECT_EQ(exit_code(base, other, std::nullopt), 0) << "nobody asked";
  EXPECT_EQ(refusal([&] { (void)exit_code(base, other, 0.05); }), said);
  EXPECT_EQ(refusal([&] { (void)exit_code(base, document_of({}), 0.05); }), said);
  const Document unlike = document_of({case_of("write", around(2), far)});
  EXPECT_EQ(refusal([&] { (void)exit_code(base, unlike, 0.05); }), said) << "no samples are alike";
  CaseResult failed = case_of("write", {});
  failed.status = Status::failed;
  EXPECT_EQ(exit_code(base, document_of({failed}), 0.05), 1) << "a new failure is a regression";
}

TEST(CompareGate, IsNotPassedByACaseThatMovesNothing) {
  const Document base = document_of({case_of("write", around(2)), case_of("tee", around(2))});
  Document other = base;
  for (Sample& sample : other.cases[0].samples) sample.counted_bytes = 0;
  EXPECT_EQ(exit_code(base, other, 0.05), 1);
  EXPECT_EQ(exit_code(other, base, 0.05), 0) << "it does not become worse";
  EXPECT_EQ(exit_code(other, other, 0.05), 0);
}

TEST(CompareGate, IsRefusedBeforeMeasuringWhenThePlanHasNoCaseOfTheFile) {
  RunSettings settings;
  settings.against = "a.json";
  settings.fail_above = 0.05;
  const Document base = document_of({case_of("write", around(2))});
  EXPECT_EQ(refusal([&] { check_against(base, document_of({case_of("write", {})}), settings); }), "accepted");
  const auto elsewhere = [&] { check_against(base, document_of({case_of("tee", {})}), settings); };
  EXPECT_EQ(refusal(elsewhere), "--fail-above: nothing in this run can be compared with a.json.");
  settings.fail_above.reset();
  EXPECT_EQ(refusal(elsewhere), "accepted");
}

TEST(Compare, NamesWhatDiffersBetweenTheMachines) {
  Document base = document_of({}), other = document_of({});
  base.host.kernel = "6.1";
  other.host.kernel = "7.3";
  other.host.load_average = "9 9 9";
  const Comparison comparison = compare(base, other);
  ASSERT_EQ(comparison.context.size(), 1U);
  EXPECT_EQ(comparison.context[0].key, "host.kernel");
  EXPECT_EQ(comparison.context[0].base, "6.1");
  EXPECT_EQ(comparison.context[0].other, "7.3");
}

TEST(CompareWithin, ComparesRoundByRound) {
  // Both swing by two from round to round, but one is always a tenth faster.
  std::vector<double> slow, fast;
  for (int i = 0; i < 12; ++i) {
    slow.push_back(1 + i % 2);
    fast.push_back(1.1 * slow.back());
  }
  const Document document = document_of({case_of("write", slow), case_of("tee", fast), case_of("splice", {})});
  const Comparison comparison = compare_within(document, document.cases[0]);
  ASSERT_EQ(comparison.cases.size(), 1U);
  EXPECT_EQ(comparison.cases[0].verdict, Verdict::faster);
  EXPECT_NEAR(comparison.cases[0].ratio->median, 1.1, 1e-12);
  EXPECT_EQ(comparison.unmeasured.size(), 1U);
  EXPECT_EQ(compare(document_of({case_of("write", slow)}), document_of({case_of("write", fast)})).cases[0].verdict,
            Verdict::unclear)
      << "of two files that are not paired, the same cannot be told";
}

TEST(CompareWithin, TakesRoundsInWhichTheConditionsWereTheSame) {
  // The CPUs are far apart for one of the two in rounds 8 to 11, and for both in 12 to 15.
  CaseResult base = case_of("write", around(60, 8)), other = case_of("tee", around(60, 8));
  for (int i = 0; i < 4; ++i) {
    add(base, 60, near);
    add(other, 30, far);
  }
  for (int i = 0; i < 4; ++i) {
    add(base, 30, far);
    add(other, 30, far);
  }
  const Document document = document_of({base, other});
  const ComparedCase found = compare_within(document, document.cases[0]).cases.at(0);
  EXPECT_EQ(found.verdict, Verdict::same);
  EXPECT_EQ(found.other.n, 12U);
  EXPECT_EQ(found.other.left_out, 4U);
  const std::string text = text_within(document);
  EXPECT_TRUE(says(text, "tee: 12 of 16 rounds are compared; in the others the two had other conditions: ")) << text;
}

TEST(CompareWithin, HasTheIntervalsOfTheRunItself) {
  // Five cases that drift away from the baseline and back: 16 rounds tell less than they seem to.
  std::vector<CaseResult> cases{case_of("write", std::vector<double>(16, 1))};
  for (int k = 0; k < 5; ++k) {
    std::vector<double> speeds;
    for (int i = 0; i < 16; ++i) speeds.push_back(2 + 0.1 * std::sin(0.8 * i + k) + 0.03 * (i * 7 % 5));
    cases.push_back(case_of("case-" + std::to_string(k), speeds));
    cases.back().spec.buffers = static_cast<std::uint32_t>(k + 1);
  }
  Document document = document_of(cases);
  document.plan.baseline = "write";
  summarize(document);
  const Comparison comparison = compare_within(document, document.cases[0]);
  ASSERT_EQ(comparison.cases.size(), 5U);
  for (const ComparedCase& one : comparison.cases) {
    EXPECT_EQ(one.ratio->interval.low, one.other.result->summary->ratio_ci95_low);
    EXPECT_EQ(one.ratio->interval.high, one.other.result->summary->ratio_ci95_high);
    std::vector<RoundPair> pairs;
    for (const Sample& sample : one.other.result->samples)
      pairs.push_back({.value = sample.gib_per_second(), .reference = 1});
    EXPECT_LT(one.ratio->interval.low, median_ratio(pairs).interval.low) << "as if rounds were independent";
  }
}

TEST(CompareWithin, GivesNoRatioWhereNoConditionsAreTheSame) {
  const Document document = document_of({case_of("write", around(60), near), case_of("tee", around(30), far)});
  const Comparison comparison = compare_within(document, document.cases[0]);
  EXPECT_FALSE(comparison.cases.at(0).ratio);
  EXPECT_EQ(comparison.cases.at(0).verdict, Verdict::unclear);
  const std::string text = text_within(document);
  EXPECT_TRUE(says(text, "tee: not compared: base has the CPUs 40 ns apart, this case the CPUs 185 ns apart.")) << text;
}

TEST(CompareWithin, ComparesOtherCpusAsTheyAre) {
  Document document = document_of({case_of("write", around(60), near), case_of("tee", around(30), far)});
  document.cases[0].spec.placement = {.writer_cpu = 0, .reader_cpu = 1, .relation = Relation::l3};
  document.cases[1].spec.placement = {.writer_cpu = 0, .reader_cpu = 8, .relation = Relation::cross_package};
  EXPECT_EQ(compare_within(document, document.cases[0]).cases.at(0).verdict, Verdict::slower);
  EXPECT_TRUE(says(text_within(document),
                   "Base ran on CPUs 0,1, the case on CPUs 0,8, and how far apart these are is part of what is "
                   "compared: tee.\n"));
}

}  // namespace
}  // namespace pipebench
