// What getting a user page costs: estimates, what they say, how they are shown, and finding the kernel's own test.
#include "pipebench/analysis/gup.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "app/lookups.hpp"
#include "pipebench/system/gup_test.hpp"
#include "refusal.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

using Ns = std::vector<double>;

constexpr bool touched = true, untouched = false;

// Of vmsplice and of splice behind it, Linux 6.18 in a VM, eight rounds of one run.
const Ns sent_4k{53.89, 54.14, 54.14, 54.14, 54.40, 54.40, 54.40, 54.40};
const Ns sent_4k_untouched{166.40, 168.45, 167.42, 167.42, 164.35, 164.35, 164.35, 163.33};
const Ns sent_thp{23.36, 23.74, 23.74, 24.38, 24.64, 24.00, 24.00, 24.00};
const Ns sent_thp_untouched{38.53, 38.27, 38.78, 38.53, 38.53, 38.53, 38.78, 38.53};
const Ns taken{41.34, 41.60, 40.83, 41.60, 41.60, 41.34, 41.34, 41.60};

CaseResult case_of(Pages pages, bool is_touched, const Ns& writer) {
  CaseResult result;
  result.spec.pages = pages;
  result.spec.no_touch = !is_touched;
  if (writer.empty()) return result;
  result.status = Status::ok;
  result.obtained.emplace().pages = is_touched ? when_obtained(pages, {}) : ObtainedPages::untouched;
  for (std::size_t i = 0; i < writer.size(); ++i) {
    Sample sample;
    sample.round = static_cast<unsigned>(i);
    sample.writer_turns.median_ns_per_page = writer[i];
    sample.reader_turns.median_ns_per_page = taken.at(i);
    result.samples.push_back(sample);
  }
  return result;
}

CaseResult skipped(Pages pages, bool is_touched) {
  CaseResult result = case_of(pages, is_touched, {});
  result.status = Status::skipped;
  result.reason = "It needs 1 huge page, and none is free. Do it as root: `echo 1 > nr_hugepages`";
  return result;
}

Document document_of(std::vector<CaseResult> cases) {
  Document document;
  document.host.page_size_bytes = 4096;
  document.plan.complete = true;
  document.cases = std::move(cases);
  return document;
}

Document recorded() {
  return document_of({case_of(Pages::k4, touched, sent_4k), case_of(Pages::k4, untouched, sent_4k_untouched),
                      case_of(Pages::thp, touched, sent_thp), case_of(Pages::thp, untouched, sent_thp_untouched),
                      skipped(Pages::m2, touched), skipped(Pages::m2, untouched)});
}

std::string conclusions(const Document& document, GupSource source = GupSource::vmsplice) {
  std::string text;
  for (const std::string& sentence : lookup_conclusions(document, source)) text += sentence + ' ';
  return text;
}

// ---------------------------------------------------------------------------------------------- estimates

TEST(GupEstimate, IsTheDifferenceToHugePagesRoundByRound) {
  const Document document = recorded();
  const auto rows = page_lookups(document, GupSource::vmsplice);
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_NEAR(rows[0].call->ns, 54.27, 0.001);
  ASSERT_TRUE(rows[0].get);
  EXPECT_NEAR(rows[0].get->ns, 30.40, 0.001);
  EXPECT_NEAR(rows[0].get->interval.low, 29.76, 0.001);
  EXPECT_NEAR(rows[0].get->interval.high, 30.53, 0.001);
  EXPECT_GE(rows[0].get->interval.coverage, 0.95);
  EXPECT_NEAR(rows[1].get->ns, 141.695, 0.001);
  EXPECT_TRUE(rows[2].is_base);
  EXPECT_FALSE(rows[2].get) << "what the base costs itself is not known";
  EXPECT_FALSE(rows[0].put);
  EXPECT_FALSE(rows[4].call || rows[4].get) << "a figure that could not be had is missing";
}

TEST(GupEstimate, IsNotMovedByWhatSlowsAWholeRound) {
  Ns slow_4k = sent_4k, slow_thp = sent_thp;
  for (const std::size_t round : {1U, 4U}) {
    slow_4k[round] += 400;
    slow_thp[round] += 400;
  }
  const Document document = document_of({case_of(Pages::k4, touched, slow_4k), case_of(Pages::thp, touched, slow_thp)});
  EXPECT_NEAR(page_lookups(document, GupSource::vmsplice)[0].get->ns, 30.40, 0.001);
}

TEST(GupEstimate, HasABaseThatIsWhatItWasAskedToBe) {
  Document document = recorded();
  document.cases[2].obtained->pages = ObtainedPages::k4;
  EXPECT_FALSE(page_lookups(document, GupSource::vmsplice)[0].get) << "there is no huge page to compare with";
  EXPECT_FALSE(page_lookups(document, GupSource::vmsplice)[2].as_asked);
  document.cases[4] = case_of(Pages::m2, touched, sent_thp);
  const auto rows = page_lookups(document, GupSource::vmsplice);
  EXPECT_TRUE(rows[4].is_base);
  EXPECT_NEAR(rows[0].get->ns, 30.40, 0.001);
}

TEST(GupEstimate, UsesTheRoundsThatBothHave) {
  Document document = recorded();
  for (const std::size_t i : {0U, 1U}) document.cases[2].samples[i].set_aside = true;
  EXPECT_EQ(page_lookups(document, GupSource::vmsplice)[0].get->rounds, 6U);
}

TEST(GupOfTheKernel, IsWhatItMeasured) {
  Document document = recorded();
  auto rows = page_lookups(document, GupSource::kernel);
  EXPECT_NEAR(rows[2].get->ns, 24.00, 0.001);
  EXPECT_NEAR(rows[2].put->ns, 41.47, 0.001);
  EXPECT_FALSE(rows[2].is_base || rows[2].call);
  document.host.page_size_bytes = 16384;
  rows = page_lookups(document, GupSource::kernel);
  EXPECT_NEAR(rows[2].get->ns, 96.00, 0.001) << "turns are recorded per 4 KiB";
}

// ---------------------------------------------------------------------------------------------- what they say

TEST(GupConclusion, IsThatOfTheArticleWhereTheFiguresAre) {
  const std::string text = conclusions(recorded());
  EXPECT_TRUE(holds(text, "Huge pages cut the cost: vmsplice takes 24.0 ns a page with thp, and 54.3 ns with 4k."));
  EXPECT_TRUE(holds(text, "Untouched 4k memory stays slow"));
  EXPECT_TRUE(holds(text, "vmsplice takes 165.4 ns a page, and 54.3 ns with memory that was written to."));
  EXPECT_TRUE(holds(text, "Untouched thp memory stays slow"));
  EXPECT_TRUE(holds(conclusions(recorded(), GupSource::kernel), "getting a page takes 24.0 ns with thp"));
}

TEST(GupConclusion, IsAnotherWhereTheFiguresAreOthers) {
  const Document alike = document_of({case_of(Pages::k4, touched, sent_thp), case_of(Pages::k4, untouched, sent_thp),
                                      case_of(Pages::thp, touched, sent_thp)});
  EXPECT_TRUE(holds(conclusions(alike), "Huge pages do not change the cost here"));
  EXPECT_TRUE(holds(conclusions(alike), "Untouched 4k memory is not slow here"));
  const Document reversed = document_of({case_of(Pages::k4, touched, sent_thp), case_of(Pages::thp, touched, sent_4k)});
  EXPECT_TRUE(holds(conclusions(reversed), "they raise it"));
}

TEST(GupConclusion, IsNoneFromADifferenceThatIsSureButSmall) {
  Ns nearly = sent_thp;
  for (double& ns : nearly) ns += 0.5;
  const Document document = document_of({case_of(Pages::k4, touched, nearly), case_of(Pages::thp, touched, sent_thp)});
  EXPECT_TRUE(holds(conclusions(document), "do not change"));
}

TEST(GupConclusion, NeedsEnoughRoundsAndBothKinds) {
  const Document few = document_of(
      {case_of(Pages::k4, touched, {54, 54, 54, 54, 54}), case_of(Pages::thp, touched, {24, 24, 24, 24, 24})});
  EXPECT_EQ(conclusions(few),
            "A 95 % interval needs at least 6 rounds, so these figures are too few to conclude from. ");
  EXPECT_TRUE(holds(conclusions(document_of({case_of(Pages::k4, touched, sent_4k), skipped(Pages::thp, touched)})),
                    "There is no figure for huge pages"));
  EXPECT_TRUE(holds(conclusions(document_of({case_of(Pages::thp, touched, sent_thp)})), "There is no figure for 4k"));
}

// ---------------------------------------------------------------------------------------------- how they are shown

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    widest = std::max(widest, end - begin);
    begin = end + 1;
  }
  return widest;
}

const LookupOrigin estimated{.finding = {.what = "debugfs is not mounted."}};

TEST(GupListing, SaysWhatIsEstimatedWhatIsMissingAndEndsWithTheConclusion) {
  const Document document = recorded();
  const std::string text = listing_as_table(lookup_listing(document, estimated), {});
  EXPECT_LE(widest_line(text), 80U);
  for (const char* part : {"estimated from vmsplice", "debugfs is not mounted.", "get ns (estimate)", "29.8 to 30.5",
                           "base", "too low", "median of 8 rounds", "\n  echo 1 > nr_hugepages\n"})
    EXPECT_TRUE(holds(text, part));
  EXPECT_EQ(text.find("2m: It needs"), text.rfind("2m: It needs")) << "one reason for both rows";
  EXPECT_GT(text.find("Huge pages cut the cost"), text.find("2m: It needs"));
}

TEST(GupListing, OfTheKernelIsNoEstimate) {
  const Document document = recorded();
  const Listing listing = lookup_listing(document, {.source = GupSource::kernel, .name = "gup_test"});
  const std::string text = listing_as_table(listing, {});
  EXPECT_TRUE(holds(text, "by the kernel's own test"));
  EXPECT_EQ(text.find("estimate"), std::string::npos);
  EXPECT_EQ(listing.data.at("source"), "gup_test");
  EXPECT_EQ(listing.data.at("estimated"), false);
  EXPECT_TRUE(listing.data.at("bias").is_null());
  EXPECT_TRUE(listing.data.at("lookups").at(0).at("put_ns").is_number());
}

TEST(GupListing, SaysOnceWhyNothingIsEstimated) {
  Document document = recorded();
  const std::string refused = "Writer vmsplice cannot run here.";
  for (CaseResult& result : document.cases) {
    result = skipped(result.spec.pages, !result.spec.no_touch);
    result.reason = refused;
  }
  std::string text = listing_as_table(lookup_listing(document, estimated), {.width = 1000});
  EXPECT_TRUE(holds(text,
                    "No estimate: it needs huge pages that were written to as a baseline, and of these there is no "
                    "figure. " +
                        refused));
  EXPECT_EQ(text.find(refused), text.rfind(refused)) << text;
  for (std::size_t i = 2; i < document.cases.size(); ++i) document.cases[i].reason = "There are no huge pages.";
  text = listing_as_table(lookup_listing(document, estimated), {.width = 1000});
  EXPECT_TRUE(holds(text, "figure. There are no huge pages.")) << "the reason of the base";
  EXPECT_TRUE(holds(text, "\n4k: " + refused)) << text;
}

TEST(GupListing, GroupsRowsWithTheSameReason) {
  Document document = recorded();
  document.cases.push_back(skipped(Pages::g1, touched));
  EXPECT_TRUE(
      holds(listing_as_table(lookup_listing(document, estimated), {.width = 1000}), "2m, 1g: It needs 1 huge page"));
}

TEST(GupListing, HasNullsForPrograms) {
  Document document = recorded();
  for (CaseResult& result : document.cases) {
    if (!result.samples.empty()) result.samples.resize(3);
  }
  const Listing listing = lookup_listing(document, estimated);
  const auto& lookups = listing.data.at("lookups");
  EXPECT_TRUE(lookups.at(0).at("get_ns").is_number());
  EXPECT_TRUE(lookups.at(0).at("get_ns_ci95_low").is_null()) << "three rounds have no such interval";
  EXPECT_TRUE(lookups.at(2).at("get_ns").is_null());
  EXPECT_TRUE(lookups.at(4).at("call_ns").is_null());
  EXPECT_TRUE(holds(listing_as_csv(listing, {}), "pages,touched,cpu,status"));
  EXPECT_TRUE(holds(listing_as_table(listing, {}), "(75%)")) << "what the intervals of three rounds cover";
}

TEST(GupListing, SaysThatItWasInterrupted) {
  Document document = recorded();
  document.plan.complete = false;
  document.plan.rounds = 15;
  for (CaseResult& result : document.cases) {
    if (result.status != Status::skipped) result.status = Status::planned;
  }
  document.cases[0].samples.resize(7);
  document.cases[0].reason = "7 of 15 rounds, as the run was interrupted.";
  const Listing listing = lookup_listing(document, estimated);
  const std::string text = listing_as_table(listing, {.width = 1000});
  EXPECT_TRUE(holds(text, "Interrupted after 7 to 8 of 15 rounds.")) << text;
  EXPECT_TRUE(holds(text, "the median of 7 to 8 rounds;")) << text;
  EXPECT_FALSE(holds(text, "7 of 15 rounds, as")) << "which is said of all rows at once";
  EXPECT_EQ(listing.data.at("lookups").at(0).at("reason"), document.cases[0].reason);
}

// ---------------------------------------------------------------------------------------------- the kernel's own test

TEST(GupTestInterface, IsTheNewerOneWhereBothAre) {
  const TemporaryDirectory root;
  (void)root.write("sys/kernel/debug/gup_benchmark", "");
  auto search = GupTest::find(root.path());
  ASSERT_TRUE(search.test);
  EXPECT_EQ(search.test->interface(), GupTest::Interface::gup_benchmark);
  EXPECT_EQ(search.test->name(), "gup_benchmark");
  (void)root.write("sys/kernel/debug/gup_test", "");
  search = GupTest::find(root.path());
  ASSERT_TRUE(search.test);
  EXPECT_EQ(search.test->name(), "gup_test");
}

TEST(GupTestInterface, IsMissingForAReason) {
  const TemporaryDirectory root;
  auto search = GupTest::find(root.path());
  EXPECT_FALSE(search.test);
  EXPECT_TRUE(holds(sentence_of(search.finding), "As root: `mount -t debugfs none /sys/kernel/debug`"));
  (void)root.write("sys/kernel/debug/sleep_time", "");
  search = GupTest::find(root.path());
  EXPECT_FALSE(search.test);
  EXPECT_TRUE(holds(sentence_of(search.finding), "CONFIG_GUP_TEST"));
  std::filesystem::create_directory(root.path() / "sys/kernel/debug/gup_test");
  search = GupTest::find(root.path());
  EXPECT_FALSE(search.test);
  EXPECT_TRUE(holds(sentence_of(search.finding), "EISDIR"));
}

TEST(GupTestInterface, FailsWithTheCallThatFailed) {
  const TemporaryDirectory root;
  (void)root.write("sys/kernel/debug/gup_test", "");
  const auto search = GupTest::find(root.path());
  ASSERT_TRUE(search.test);
  const std::byte page[4096]{};
  try {
    (void)search.test->look_up(page, sizeof page);
    FAIL() << "a plain file looks no pages up";
  } catch (const SystemError& error) {
    EXPECT_EQ(error.code(), ENOTTY);
    EXPECT_TRUE(holds(error.what(), "GUP_FAST_BENCHMARK, 4096 bytes"));
  }
}

}  // namespace
}  // namespace pipebench
