// What each end's calls took, as -v shows it in every format.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pipebench/base/names.hpp"
#include "pipebench/report/report.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

constexpr View with_calls{.calls = true};

CaseResult measured(const std::string& name) {
  CaseResult result;
  result.name = name;
  result.status = Status::ok;
  result.samples.resize(2);
  result.summary.emplace();
  result.summary->n = 2;
  result.summary->writer = {.bytes_per_call = 131072, .ns_per_call = 1234.5, .switches_per_gib = 8192};
  result.summary->reader = {.bytes_per_call = 65536, .ns_per_call = 617.25, .switches_per_gib = 0};
  return result;
}

CaseResult counted(const std::string& name) {
  CaseResult result = measured(name);
  for (EndFigures* end : {&result.summary->writer, &result.summary->reader}) {
    end->cycles_per_byte = 0.25;
    end->instructions_per_byte = 0.5;
    end->instructions_per_cycle = 2;
  }
  return result;
}

Document document_of(std::vector<CaseResult> cases) {
  Document document{.tool = {}, .host = {}, .plan = {}, .cases = std::move(cases)};
  document.plan.finished = "2024-01-02T03:05:06Z";
  document.plan.complete = true;
  return document;
}

// The lines of a table from its header on.
std::string lines_from(const std::string& text, const std::string& header) {
  const auto at = text.find(header);
  return at == std::string::npos ? text : text.substr(at, text.find("\n\n", at) - at);
}

TEST(Calls, AreShownWhereTheyAreAskedFor) {
  const Document document = document_of({measured("write-read")});
  EXPECT_FALSE(holds(results_as_table(document, {}), "ns/call"));
  EXPECT_FALSE(holds(results_as_markdown(document, {}), "ns/call"));
  EXPECT_FALSE(holds(results_as_csv(document, {}), "ns_per_call"));
}

TEST(Calls, HaveARowForEachEnd) {
  const std::string text = results_as_table(document_of({counted("write-read")}), with_calls);
  EXPECT_EQ(lines_from(text, "case       end "),
            "case       end    ns/call KiB/call switches/GiB cycles/B instr/B  IPC\n"
            "write-read writer    1234      128         8192     0.25    0.50 2.00\n"
            "           reader     617     64.0         0.00     0.25    0.50 2.00");
  EXPECT_TRUE(holds(text, "IPC: instructions per cycle"));
}

TEST(Calls, AreTheSameInMarkdown) {
  const std::string text = results_as_markdown(document_of({counted("write-read")}), with_calls);
  EXPECT_TRUE(holds(text, "| case | end | ns/call | KiB/call | switches/GiB | cycles/B | instr/B | IPC |\n"));
  EXPECT_TRUE(holds(text, "| write-read | writer | 1234 | 128 | 8192 | 0.25 | 0.50 | 2.00 |\n"));
}

TEST(Calls, AreTheLastColumnsOfCsv) {
  const std::vector<std::string> lines = split(results_as_csv(document_of({counted("write-read")}), with_calls), '\n');
  const std::vector<std::string> header = split(lines.at(0), ','), row = split(lines.at(1), ',');
  const auto value_of = [&](const std::string& column) {  // from the end, as arrays have commas
    return row.at(row.size() - static_cast<std::size_t>(header.end() - std::ranges::find(header, column)));
  };
  EXPECT_EQ(value_of("summary_writer_ns_per_call"), "1234.5");
  EXPECT_EQ(value_of("summary_reader_switches_per_gib"), "0.0");
  EXPECT_EQ(value_of("summary_reader_instructions_per_cycle"), "2.0");
  EXPECT_TRUE(header.back().starts_with("summary_reader_"));
}

TEST(Calls, SayWhyNoEventsWereCounted) {
  Document document = document_of({measured("write-read")});
  document.host.findings = {{.figures = {"governor"}, .what = "It is unknown."},
                            {.figures = {"cycles", "instructions"}, .what = "There is no PMU."}};
  const std::string text = results_as_table(document, with_calls);
  EXPECT_FALSE(holds(text, "cycles/B"));
  EXPECT_TRUE(holds(text, "There is no PMU."));
  document.cases[0].sampling.counters = false;
  EXPECT_TRUE(holds(results_as_table(document, with_calls), "--counters off."));
}

TEST(Calls, FitIntoATerminal) {
  const std::string text = results_as_table(
      document_of({counted("a-section-with-a-long-name:writer=memcpy-vmsplice,buffer-size=128K")}), with_calls);
  for (const std::string& line : split(text, '\n')) EXPECT_LE(line.size(), 80U) << line;
}

TEST(Calls, OfCeilingsAreLeftOut) {
  CaseResult result = measured("ceilings:alone=x");
  result.only_for_ceilings = true;
  EXPECT_FALSE(holds(results_as_table(document_of({measured("x"), result}), with_calls), "ceilings:alone=x"));
}

}  // namespace
}  // namespace pipebench
