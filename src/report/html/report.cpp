// Results as an HTML page: what people read, which needs no scripts, and the data that its scripts draw.
#include "pipebench/report/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "pipebench/analysis/matching.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/report/page.hpp"
#include "report/calls.hpp"
#include "report/figures.hpp"
#include "report/html/data.hpp"
#include "report/html/markup.hpp"
#include "report/html/page.hpp"
#include "report/profile.hpp"
#include "report/sweep.hpp"
#include "report/table.hpp"

namespace pipebench {
namespace {

using Json = nlohmann::ordered_json;

constexpr unsigned text_width = 110;         // of what is shown as text
constexpr std::size_t most_open_rows = 500;  // a longer table is long to scroll past
constexpr std::size_t most_rows = 5000;      // a longer table takes a browser long

// `summary` is text, `content` markup.
std::string folded(std::string_view summary, const std::string& content, bool open) {
  return fmt::format("<details{}><summary>{}</summary>\n{}</details>\n", open ? " open" : "", html_text(summary),
                     content);
}

std::string listed(const std::vector<std::string>& items) {
  if (items.empty()) return "";
  std::string html = "<ul>\n";
  for (const std::string& item : items) html += fmt::format("<li>{}</li>\n", html_prose(item));
  return html + "</ul>\n";
}

std::string paragraphs(const std::vector<std::string>& all) {
  std::string html;
  for (const std::string& paragraph : all) html += fmt::format("<p class=\"aside\">{}</p>\n", html_prose(paragraph));
  return html;
}

// ------------------------------------------------------------------------------------------------ one document

// A long table is closed. One that is longer still is there only where there are no charts.
std::string table_block(const std::string& name, const std::string& html, std::size_t rows, bool open) {
  if (rows <= most_open_rows) return folded(name, html, open);
  const std::string title = fmt::format("{}: {}", name, counted(rows, "row"));
  if (rows <= most_rows || !page_pieces.has_charts) return folded(title, html, false);
  return paragraphs({title + ", too many for a page. Its data, below, have them."});
}

// `title`: of each table.
std::string tables(const Document& document, const ResultsText& text, const std::string& title) {
  std::size_t rows = 0;
  std::string html;
  for (Grid grid : text.grids) {
    grid.title = title;
    rows += grid.rows.size();
    html += html_table(grid);
  }
  const std::string name = document.plan.is_dry_run() ? "The plan" : "The results as a table";
  return html.empty() ? "" : table_block(name, html, rows, true);
}

// What the terminal shows as blocks of text.
std::string blocks(const Document& document, const ResultsText& shown, const std::string& title) {
  std::string html;
  const auto add = [&](std::string_view summary, const std::string& text) {
    if (!text.empty()) html += folded(summary, fmt::format("<pre>{}</pre>\n", text), false);
  };
  // html_text() would show the ends of lines as escapes.
  const auto by_lines = [](const std::string& text) {
    std::string lines;
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = std::min(text.find('\n', from), text.size());
      lines += html_text(std::string_view(text).substr(from, end - from)) + '\n';
      from = end + 1;
    }
    return lines;
  };
  if (document.plan.is_dry_run()) return html;
  Grid calls = call_grid(document);
  calls.title = title;
  if (!calls.rows.empty())
    html += table_block("What the calls of each end took", html_table(calls) + paragraphs({call_legend(document)}),
                        calls.rows.size(), false);
  add("The same in C", by_lines(shown.code));
  add("The profiles as text",
      by_lines(has_profiles(document) ? profiles_as_text(document, {.width = text_width}) : ""));
  add("The pairs of CPUs as text", by_lines(sweeps_as_text(document, {.width = text_width})));
  return html;
}

std::vector<std::string> findings(const Document& document, bool notes) {
  std::vector<std::string> sentences;
  for (const Finding& finding : document.host.findings) {
    if ((finding.severity == Severity::note) == notes) sentences.push_back(sentence_of(finding));
  }
  return sentences;
}

std::string value_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Keys and values of an object, but for those that are null or said elsewhere.
std::string record(const Json& object) {
  std::string rows;
  for (const auto& [key, value] : object.items()) {
    if (value.is_null() || value.is_array()) continue;
    std::string words = key;
    std::ranges::replace(words, '_', ' ');
    rows += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", html_text(words), html_text(value_text(value)));
  }
  return fmt::format("<table class=\"host\">\n{}</table>\n", rows);
}

// Which is shown as it is written.
Json without_code(Json plan) {
  if (plan.contains("tuning") && plan.at("tuning").is_object()) plan.at("tuning").erase("code");
  return plan;
}

std::string machine(const Document& document) {
  const Json frame = frame_to_json(document);
  return folded("The machine", record(frame.at("host")) + listed(findings(document, true)), false) +
         folded("The program and the plan", record(frame.at("tool")) + record(without_code(frame.at("plan"))), false);
}

// The seed makes the order of the samples the same.
std::string command_line(const PlanRecord& plan) {
  std::string line = "pipebench";
  for (const std::string& argument : plan.arguments) line += ' ' + shell_quoted(argument);
  const bool has_seed =
      std::ranges::any_of(plan.arguments, [](const std::string& argument) { return argument.starts_with("--seed"); });
  return has_seed ? line : line + fmt::format(" --seed {}", plan.seed);
}

std::string section(const ReportedDocument& reported, std::size_t number, bool is_single) {
  const Document& document = *reported.document;
  const std::string title = is_single ? "" : reported.name;
  const ResultsText text = text_of(document, {.width = text_width});
  const std::vector<std::string> warnings = findings(document, false);
  std::string html =
      fmt::format("<section class=\"results\" id=\"results-{}\" data-name=\"{}\">\n", number, html_text(reported.name));
  if (!is_single) html += fmt::format("<h2>{}</h2>\n", html_text(title));
  if (!document.plan.is_dry_run() && !document.plan.complete)
    html += "<p><strong>The run was interrupted: this is what was measured until then.</strong></p>\n";
  html += paragraphs(text.facts) + "<div class=\"charts\"></div>\n" + tables(document, text, title) +
          blocks(document, text, title) + listed(text.remarks) + paragraphs(text.explanations);
  if (!warnings.empty()) html += "<h3>What makes these results less trustworthy</h3>\n" + listed(warnings);
  html += fmt::format("<h3>To run it again</h3>\n<pre class=\"command\">{}</pre>\n",
                      html_text(command_line(document.plan)));
  return html + machine(document) + "<p class=\"download\"></p>\n</section>\n";
}

// ------------------------------------------------------------------------------------------------ several documents

std::string median_text(const CaseResult& result) {
  const Summary& summary = *result.summary;
  if (result.spec.takes_turns())
    return summary.turns_ns_per_page ? three_digits(*summary.turns_ns_per_page) + " ns" : "-";
  return fmt::format("{}{}", three_digits(summary.median_gib_per_second), summary.stable() ? "" : "~");
}

// A file that is given twice is told apart by a number.
std::vector<ReportedDocument> distinctly_named(std::span<const ReportedDocument> documents) {
  std::vector<ReportedDocument> all(documents.begin(), documents.end());
  std::map<std::string, std::size_t> seen;
  for (ReportedDocument& each : all) {
    const std::size_t number = ++seen[each.name];
    if (number > 1) each.name = fmt::format("({}) {}", number, each.name);
  }
  return all;
}

// The cases that several documents have.
std::vector<Cases> common_to(std::span<const ReportedDocument> documents) {
  std::vector<Cases> lists;
  for (const ReportedDocument& each : documents) lists.push_back(measured_cases(*each.document));
  return common_cases(lists);
}

std::string name_in(const Cases& row) {
  return (*std::ranges::find_if(row, [](const CaseResult* result) { return result != nullptr; }))->name;
}

// A column for each document.
Grid common_grid(std::span<const ReportedDocument> documents, const std::vector<Cases>& common) {
  Grid grid{.columns = {{.header = "case"}}, .rows = {}};
  for (const ReportedDocument& each : documents) grid.columns.push_back({.header = each.name, .right = true});
  for (const Cases& row : common) {
    auto& cells = grid.rows.emplace_back(std::vector{name_in(row)});
    for (const CaseResult* result : row) cells.push_back(result == nullptr ? "-" : median_text(*result));
  }
  return grid;
}

std::string machine_line(const Document& document) {
  const Host& host = document.host;
  return fmt::format("{}Linux {}, {}, {}", host.hostname ? *host.hostname + ", " : "", host.kernel, host.cpu_model,
                     document.plan.started);
}

std::string contents(std::span<const ReportedDocument> documents, const std::vector<Cases>& common) {
  std::string html = "<ul>\n";
  for (std::size_t i = 0; i < documents.size(); ++i)
    html += fmt::format("<li><a href=\"#results-{}\">{}</a>: {}</li>\n", i, html_text(documents[i].name),
                        html_text(machine_line(*documents[i].document)));
  html += "</ul>\n<div id=\"together\"></div>\n";
  if (common.empty()) return html;
  return html + folded("The cases that several files have: GiB/s, medians", html_table(common_grid(documents, common)),
                       common.size() <= most_open_rows);
}

// A number for each case that several documents have; one document has none in common with itself.
std::map<const CaseResult*, std::size_t> numbers_of(const std::vector<Cases>& common) {
  std::map<const CaseResult*, std::size_t> numbers;
  for (std::size_t i = 0; i < common.size(); ++i) {
    for (const CaseResult* result : common[i]) numbers.emplace(result, i);
  }
  return numbers;
}

// ------------------------------------------------------------------------------------------------ the page

std::string title_of(std::span<const ReportedDocument> documents) {
  if (documents.size() != 1) return fmt::format("pipebench: {}", counted(documents.size(), "file"));
  const Document& document = *documents.front().document;
  return fmt::format("pipebench: {} {}", document.host.cpu_model, document.plan.started);
}

std::string page(std::string_view title, const std::string& body, std::string_view scripts) {
  return fmt::format("{}{}{}<h1>{}</h1>\n{}{}{}", page_pieces.before_title, html_text(title), page_pieces.before_body,
                     html_text(title), body, scripts, page_pieces.end);
}

}  // namespace

std::string report_page(std::span<const ReportedDocument> given) {
  const std::vector<ReportedDocument> documents = distinctly_named(given);
  const bool is_single = documents.size() == 1;
  const std::vector<Cases> common = common_to(documents);
  std::string body =
      page_pieces.has_charts
          ? "<noscript><p>The charts need JavaScript; the tables do not.</p></noscript>\n"
          : "<p>This pipebench was built without its chart library, so its reports have no charts.</p>\n";
  if (!is_single) body += contents(documents, common);
  for (std::size_t i = 0; i < documents.size(); ++i) body += section(documents[i], i, is_single);
  // Data that only a click unpacks comes last: nothing waits for it.
  std::string charted, packed;
  const std::map<const CaseResult*, std::size_t> numbers = numbers_of(common);
  if (page_pieces.has_charts)
    charted = fmt::format("<script type=\"application/json\" id=\"relations\">{}</script>\n", relation_data());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Document& document = *documents[i].document;
    if (page_pieces.has_charts)
      charted += fmt::format("<script type=\"application/json\" id=\"charted-{}\">{}</script>\n", i,
                             chart_data(document, numbers));
    packed += fmt::format("<script type=\"text/plain\" id=\"packed-{}\">{}</script>\n", i, packed_data(document));
  }
  return page(title_of(documents), body + charted, std::string(page_pieces.scripts) + packed);
}

std::string results_as_html(const Document& document, const View&) {
  const ReportedDocument only{.name = "results.json", .document = &document};
  return report_page({&only, 1});
}

std::string listing_as_html(const Listing& listing, const View&) {
  std::string body;
  if (!listing.headline.empty()) body += fmt::format("<p>{}</p>\n", html_prose(listing.headline));
  for (const Grid& grid : listing.grids) body += html_table(grid);
  for (const HeatMap& map : listing.maps) body += fmt::format("<pre>{}</pre>\n", map.render(text_width, false));
  body += paragraphs(listing.remarks);
  if (!listing.legend.empty()) body += paragraphs({listing.legend});
  return page("pipebench", body, "");
}

}  // namespace pipebench
