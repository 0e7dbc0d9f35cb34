// What table and Markdown say of a search.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "pipebench/analysis/completion.hpp"
#include "pipebench/analysis/summary.hpp"
#include "pipebench/report/report.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

CaseResult measured(const std::string& name, std::string_view reader, double gib_per_second) {
  CaseResult result;
  result.name = name;
  result.spec.writer = "vmsplice";
  result.spec.reader = reader;
  result.spec.wait = Wait::busy;
  result.spec.pages = Pages::thp;
  result.spec.buffer_bytes = 128 * 1024;
  result.spec.buffers = 2;
  result.spec.pipe_bytes = 128 * 1024;
  result.spec.contiguous = true;
  result.sampling.rounds = 1;
  for (unsigned round = 0; round < 8; ++round) {
    Sample sample;
    sample.round = round;
    sample.bytes = std::uint64_t{1} << 30U;
    sample.seconds = sample.counted_seconds = 1 / gib_per_second;
    result.samples.push_back(sample);
  }
  return result;
}

Document searched() {
  Document document;
  document.plan.started = document.plan.finished = "2024-01-01T00:00:00Z";
  document.plan.complete = true;
  document.plan.baseline = "best";
  document.plan.tuning = {.considered = 100,
                          .tried = 2,
                          .rounds = 8,
                          .fastest = "best",
                          .runner_up = "second",
                          .ratio = 2,
                          .ratio_ci99_low = 1.5,
                          .ratio_ci99_high = 2.5,
                          .certain = true,
                          .code = "int send_all(int out);\n"};
  document.cases = {measured("best", "splice", 80), measured("second", "read", 40)};
  settle(document.cases, document.plan);
  summarize(document);
  return document;
}

// Lines run on.
std::string text_of(const Document& document) {
  std::string text = results_as_table(document, {.width = 80});
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

TEST(TuningTable, TellsTheFastestAndHowSureThatIs) {
  const std::string text = text_of(searched());
  EXPECT_TRUE(holds(text, "2 of 100 cases tried."));
  EXPECT_TRUE(holds(text,
                    "Fastest: writer vmsplice and reader splice, wait busy, 2 buffers of 128K in pages thp, a pipe "
                    "of 128K: 80.0 GiB/s"));
  EXPECT_TRUE(holds(text, "The fastest is 2.00 times as fast (1.50-2.50, 99 %, over 8 rounds): faster for certain."));
  EXPECT_TRUE(holds(text,
                    "pipebench --writer vmsplice --reader splice --wait busy --pages thp --buffer-size 128K "
                    "--buffers 2 --pipe-size 128K --cpus any --contiguous"));
  EXPECT_TRUE(holds(text, "The same in C:  int send_all(int out); "));
  EXPECT_TRUE(holds(results_as_markdown(searched(), {}), "```c\nint send_all(int out);\n```\n"));
}

TEST(TuningTable, SaysWhatTheFastestLeavesToTheProgram) {
  Document document = searched();
  const std::string text = text_of(document);
  EXPECT_TRUE(holds(text, "add --need bytes"));
  EXPECT_TRUE(holds(text, "--need fresh has each rewritten"));
  EXPECT_TRUE(holds(text, "add --need no-spin"));
  document.plan.tuning->needs = {Need::bytes, Need::no_spin, Need::fresh};
  document.cases[0].spec.wait = Wait::poll;
  document.cases[0].spec.payload = Payload::fresh;
  EXPECT_EQ(text_of(document).find("--need"), std::string::npos);
}

TEST(TuningPage, HasTheCodeAsItIsWritten) {
  Document document = searched();
  document.plan.tuning->code = "int a;\nint b < c;\n";
  const std::string page = results_as_html(document, {});
  EXPECT_NE(page.find("<pre>int a;\nint b &lt; c;\n"), std::string::npos);
}

TEST(TuningTable, SaysWhenItIsNotCertain) {
  Document document = searched();
  document.plan.tuning->certain = false;
  EXPECT_TRUE(holds(text_of(document),
                    "over 8 rounds): not certain. If the interval does not get narrower with a larger "
                    "--budget, there is nothing to choose between them"));
  document.plan.tuning->ratio_ci99_low.reset();
  EXPECT_TRUE(holds(text_of(document), "(too few rounds for an interval, over 8 rounds)"));
  document.plan.complete = false;
  EXPECT_TRUE(holds(text_of(document), "as the search was interrupted"));
}

TEST(TuningTable, SaysWhatWasLeftOut) {
  Document document = searched();
  document.plan.tuning->left_out = 7;
  document.plan.tuning->code.clear();
  document.plan.tuning->no_code = "It takes too long.";
  const std::string text = text_of(document);
  EXPECT_TRUE(holds(text, "the budget was too small for 7 combinations"));
  EXPECT_TRUE(holds(text, "There is no C to show: It takes too long."));
  EXPECT_EQ(text.find("The same in C"), std::string::npos);
}

TEST(TuningTable, OfNothingSaysSo) {
  Document document = searched();
  document.cases.clear();
  document.plan.tuning->fastest.clear();
  EXPECT_TRUE(holds(text_of(document), "Nothing was measured."));
}

TEST(TuningTable, HasTheBestTenAlone) {
  Document document = searched();
  for (int i = 0; i < 20; ++i) document.cases.push_back(document.cases[1]);
  const std::string text = results_as_table(document, {.width = 80});
  EXPECT_EQ(std::ranges::count(text.substr(0, text.find("\n\n")), '\n'), 10) << text;
}

}  // namespace
}  // namespace pipebench
