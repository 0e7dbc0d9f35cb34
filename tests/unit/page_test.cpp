#include "pipebench/report/page.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "pipebench/base/printable.hpp"
#include "pipebench/report/report.hpp"
#include "report/html/columns.hpp"
#include "report/html/data.hpp"
#include "report/html/markup.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

Document document(const std::string& name) {
  Document document;
  document.host.kernel = "6.18.0";
  document.plan.seed = 42;
  document.plan.rounds = 1;
  document.plan.started = "2024-01-02T03:04:05Z";
  document.plan.finished = "2024-01-02T03:05:05Z";
  document.plan.complete = true;
  CaseResult result;
  result.name = name;
  result.status = Status::ok;
  Sample& sample = result.samples.emplace_back();
  sample.bytes = 1U << 30U;
  sample.seconds = 0.25;
  result.summary.emplace();
  result.summary->n = 1;
  result.summary->median_gib_per_second = 4;
  document.cases = {result};
  return document;
}

/// What scripts/columns.js makes of a column.
std::vector<Json> values_in(const Json& column, std::size_t count) {
  if (column.is_array()) return column;
  std::vector<Json> values(count);
  if (column.contains("of")) {
    for (std::size_t row = 0; row < count; ++row)
      values[row] = column["of"][column.contains("at") ? column["at"][row].get<std::size_t>() : 0];
    return values;
  }
  std::vector<std::size_t> places(count);
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (column.contains("where")) places = column["where"].get<std::vector<std::size_t>>();
  for (const std::size_t place : places) values[place] = Json::object();
  for (const auto& [key, member] : column["keys"].items()) {
    const std::vector<Json> members = values_in(member, places.size());
    for (std::size_t row = 0; row < places.size(); ++row)
      if (!members[row].is_null()) values[places[row]][key] = members[row];
  }
  return values;
}

std::vector<Json> unpacked(const Json& packed) { return values_in(packed.at("column"), packed.at("count")); }

/// As a chart gets it.
Json charted(const Document& document, const std::map<const CaseResult*, std::size_t>& common = {}) {
  Json first = unpacked(Json::parse(chart_data(document, common)).at("cases")).at(0);
  first["samples"] = unpacked(first.at("samples"));
  return first;
}

std::string page_of(const Document& document) { return results_as_html(document, {}); }

TEST(Markup, KeepsTextText) {
  EXPECT_EQ(html_text("<b class=\"x\">&amp;"), "&lt;b class=&quot;x&quot;&gt;&amp;amp;");
  EXPECT_EQ(html_text("a\nb\x1b"), "a\\x0ab\\x1b");
}

TEST(Markup, GivesACommandABlockOfItsOwn) {
  EXPECT_EQ(html_prose("Less noise. As root: `sysctl -w a=1 <b>`"),
            "Less noise. As root:<pre class=\"command\">sysctl -w a=1 &lt;b&gt;</pre>");
}

TEST(Markup, ShowsAGridAsATable) {
  const Grid grid{.columns = {{.header = "<a>"}, {.header = "b", .right = true}}, .rows = {{"1 & 2", "3"}}};
  const std::string html = html_table(grid);
  EXPECT_TRUE(holds(html, "<th>&lt;a&gt;</th><th class=\"number\">b</th>"));
  EXPECT_TRUE(holds(html, "<td>1 &amp; 2</td><td class=\"number\">3</td>"));
}

TEST(Data, CannotEndItsElement) {
  const std::string name = "</script><!--<script>&\u2028\u2029\u20ac";
  const std::string text = chart_data(document(name));
  EXPECT_EQ(text.find_first_of("<>&"), std::string::npos);
  EXPECT_FALSE(holds(text, "\u2028") || holds(text, "\u2029"));
  EXPECT_TRUE(holds(text, "\u20ac"));
  EXPECT_EQ(charted(document(name)).at("name"), escaped(name));
}

TEST(Data, ForChartsHasNothingThatMustNotBeShown) {
  Document results = document("\x1b[2J\n");
  results.cases.front().varied = {{"\x1b", "\x7f"}};
  results.host.hostname = "\xc2\x85";
  EXPECT_EQ(charted(results).at("name"), "\\x1b[2J\\x0a");
  EXPECT_EQ(charted(results).at("varied").dump(), R"({"\\x1b":"\\x7f"})");
  EXPECT_EQ(Json::parse(chart_data(results)).at("host").at("hostname"), "\\xc2\\x85");
}

TEST(Data, NumbersCasesThatOtherDocumentsHave) {
  const Document results = document("write-read");
  EXPECT_FALSE(charted(results).contains("common"));
  EXPECT_EQ(charted(results, {{&results.cases.front(), 3}}).at("common"), 3);
}

TEST(Data, ForChartsHasWhatTheyShow) {
  Document results = document("write-read");
  results.cases.front().profile.emplace();
  const Json json = charted(results);
  for (const char* key : {"sampling", "counting", "ceilings"}) EXPECT_FALSE(json.contains(key)) << key;
  for (const char* key : {"name", "spec", "profile"}) EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_FALSE(json.at("samples").at(0).contains("seconds"));
  EXPECT_FALSE(json.at("summary").contains("fairness"));
  EXPECT_FALSE(json.at("profile").at("writer").contains("stacks"));
}

TEST(Data, HasEveryRelationOfCpus) {
  const auto json = nlohmann::json::parse(relation_data());
  ASSERT_EQ(json.size(), names<Relation>.size());
  EXPECT_EQ(json[3].dump(), R"({"in_one_cache":true,"in_one_package":true,"name":"l3"})");
  EXPECT_EQ(json[4].dump(), R"({"in_one_cache":false,"in_one_package":true,"name":"numa"})");
  EXPECT_EQ(json[6].dump(), R"({"in_one_cache":false,"in_one_package":false,"name":"cross-package"})");
}

TEST(Data, OfNoCaseIsWhole) { EXPECT_TRUE(unpacked(Json::parse(chart_data(Document{})).at("cases")).empty()); }

TEST(Data, ForChartsHasNoNull) {
  const Json json = charted(document("write-read"));
  EXPECT_FALSE(holds(json.dump(), ":null"));
  EXPECT_EQ(json.at("samples").at(0).at("gib_per_second"), 4.0);
}

TEST(Data, ForChartsHasSixDigits) {
  Document results = document("write-read");
  results.cases.front().summary->median_gib_per_second = 12.3456789012;
  EXPECT_EQ(charted(results).at("summary").at("median_gib_per_second").dump(), "12.3457");
}

TEST(Data, OfVeryManySamplesHasNoCounters) {
  Document results = document("write-read");
  results.cases.front().samples.front().writer[Counter::calls] = 7;
  EXPECT_TRUE(charted(results).at("samples").at(0).contains("writer"));
  results.cases.front().samples.resize(6000, results.cases.front().samples.front());
  const Json sample = charted(results).at("samples").at(5999);
  EXPECT_FALSE(sample.contains("writer"));
  EXPECT_TRUE(sample.contains("conditions"));
}

TEST(Data, OfVeryManyCasesHasTheConditionsOfSome) {
  Document results = document("write-read");
  results.cases.resize(600, results.cases.front());
  results.cases.back().summary->doubts = {Doubt::two_groups};
  const std::vector<Json> cases = unpacked(Json::parse(chart_data(results)).at("cases"));
  ASSERT_EQ(cases.size(), 600U);
  EXPECT_EQ(std::ranges::count(cases, true, [](const Json& each) { return each.at("has_conditions").get<bool>(); }),
            500);
  EXPECT_TRUE(cases.front().at("has_conditions").get<bool>());
  EXPECT_TRUE(cases.back().at("has_conditions").get<bool>()) << "whose samples differ";
  EXPECT_FALSE(cases.at(550).at("has_conditions").get<bool>());
  const Json sample = unpacked(cases.at(550).at("samples")).at(0);
  EXPECT_EQ(sample.dump(), R"({"round":0,"set_aside":false,"gib_per_second":4.0})");
}

TEST(Data, RepeatsNothingOfCasesThatAreAlike) {
  Document results = document("write-read");
  const std::size_t one = chart_data(results).size();
  results.cases.resize(400, results.cases.front());
  EXPECT_LT(chart_data(results).size(), one + std::size_t{400} * 40);
}

TEST(Columns, HoldWhatTheyAreMadeOf) {
  const Json lists = Json::parse(R"([
    [],
    [1, 2, 3],
    ["a", "a", "b", "a", null, null],
    [{"a": 1, "b": {"c": [1, 2]}}, {"a": 2, "b": {"c": [1, 2], "d": "x"}}, {"a": 1, "e": {}}],
    [{"a": 1}, null, {"a": 1}, {"of": [1], "at": 2, "keys": {}, "where": 3, "count": 1}],
    [{"a": 1}, 1, "x", [{}]],
    [{}, {}],
    [null, null, null],
    [{"a": [1.5, 2.5]}, {"a": [1.5, 2.5]}, {"a": [1.5, 2.5]}, {"a": {"b": 1}}]
  ])");
  for (const std::vector<Json> list : lists)
    EXPECT_EQ(Json(unpacked(packed_columns(list))), Json(list)) << packed_columns(list).dump();
}

// That a browser unpacks it to the same results is a test in tests/browser.
TEST(Data, IsPackedAsGzip) {
  const std::string packed = packed_data(document("write-read"));
  EXPECT_TRUE(packed.starts_with("H4sI")) << packed.substr(0, 20);  // 1f 8b 08: RFC 1952
  EXPECT_EQ(packed.size() % 4, 0U);
  EXPECT_LT(packed.size(), results_as_json(document("write-read"), {}).size());
}

TEST(Page, ForbidsToLoadAnything) {
  const std::string page = page_of(document("write-read"));
  const std::string policy = page.substr(page.find("Content-Security-Policy"), 400);
  EXPECT_TRUE(holds(policy, "default-src 'none'; script-src 'sha256-"));
  EXPECT_FALSE(holds(policy, "unsafe"));
}

TEST(Page, HasTheCommandAsAShellReadsIt) {
  Document results = document("write-read");
  results.plan.arguments = {"--config", "my file.ini", "it's", "", "--time", "5ms"};
  EXPECT_TRUE(holds(page_of(results), "pipebench --config 'my file.ini' 'it'\\''s' '' --time 5ms --seed 42</pre>"));
  results.plan.arguments = {"--section", "two\nlines\x1b it's \\"};
  EXPECT_TRUE(holds(page_of(results), "--section $'two\\x0alines\\x1b it\\'s \\\\' --seed 42</pre>"));
  results.plan.arguments = {"--seed=7"};
  EXPECT_TRUE(holds(page_of(results), "pipebench --seed=7</pre>"));
}

TEST(Page, SaysThatARunWasInterrupted) {
  Document results = document("write-read");
  EXPECT_FALSE(holds(page_of(results), "The run was interrupted"));
  results.plan.complete = false;
  EXPECT_TRUE(holds(page_of(results), "The run was interrupted"));
}

TEST(Page, ListsWhatMendsTheMachine) {
  Document results = document("write-read");
  Finding& finding = results.host.findings.emplace_back();
  finding.severity = Severity::warning;
  finding.what = "The governor is powersave.";
  finding.mend = "cpupower frequency-set -g performance";
  EXPECT_TRUE(holds(page_of(results), "<pre class=\"command\">cpupower frequency-set -g performance</pre>"));
}

TEST(Page, PutsTheCasesOfSeveralFilesSideBySide) {
  const Document first = document("write-read"), second = document("another name");
  Document third = document("other");
  third.cases.front().spec.buffers = 7;
  const std::vector<ReportedDocument> all{{"a<b>.json", &first}, {"b.json", &second}, {"c.json", &third}};
  const std::string page = report_page(all);
  EXPECT_TRUE(holds(page,
                    "<td>write-read</td><td class=\"number\">4.00</td><td class=\"number\">4.00</td><td "
                    "class=\"number\">-</td>"));
  EXPECT_FALSE(holds(page, "<td>other</td><td class=\"number\">-"));  // nothing stands beside it
  EXPECT_TRUE(holds(page, "<a href=\"#results-0\">a&lt;b&gt;.json</a>: Linux 6.18.0"));
  for (const char* name : {"a&lt;b&gt;.json", "b.json", "c.json"})
    EXPECT_TRUE(holds(page, "<caption>" + std::string(name) + "</caption>")) << "each table says whose it is";
  EXPECT_EQ(count_of(page, "<section class=\"results\""), 3U);
  EXPECT_EQ(count_of(page, "<script type=\"text/plain\" id=\"packed-"), 3U);
}

TEST(Page, TellsAFileThatIsGivenTwiceApart) {
  Document results = document("write-read");
  results.host.hostname = "bench-1";
  const std::vector<ReportedDocument> all{{"a.json", &results}, {"a.json", &results}};
  const std::string page = report_page(all);
  EXPECT_TRUE(holds(page, "data-name=\"a.json\"") && holds(page, "data-name=\"(2) a.json\""));
  EXPECT_TRUE(holds(page, "(2) a.json</a>: bench-1, Linux 6.18.0"));
}

TEST(Page, KeepsALongTableClosed) {
  Document results = document("write-read");
  EXPECT_TRUE(holds(page_of(results), "<details open><summary>The results as a table<"));
  for (int i = 0; i < 600; ++i) {
    results.cases.push_back(results.cases.front());
    results.cases.back().name = "case " + std::to_string(i);
  }
  EXPECT_TRUE(holds(page_of(results), "<details><summary>The results as a table: 601 rows<"));
}

TEST(Page, HasNoTableThatIsTooLong) {
  Document results = document("write-read");
  results.cases.resize(6000, results.cases.front());
  const std::string page = page_of(results);
  if (holds(page, "built without its chart library")) GTEST_SKIP() << "such a page has nothing but tables";
  EXPECT_TRUE(holds(page, "<p class=\"aside\">The results as a table: 6000 rows, too many for a page."));
  EXPECT_LT(count_of(page, "<tr>"), 200U);
}

TEST(Page, OfAListingHasNoScripts) {
  const Listing listing{.data = {},
                        .headline = "Head.",
                        .grids = {{.columns = {{.header = "a"}}, .rows = {{"<1>"}}}},
                        .legend = "a: one."};
  const std::string page = listing_as_html(listing, {});
  EXPECT_FALSE(holds(page, "<script"));
  for (const auto* part : {"Head.", "<td>&lt;1&gt;</td>", "a: one."}) EXPECT_TRUE(holds(page, part)) << part;
}

}  // namespace
}  // namespace pipebench
