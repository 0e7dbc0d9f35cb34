#include "report/html/markup.hpp"

#include <fmt/format.h>

#include "pipebench/base/printable.hpp"

namespace pipebench {
std::string html_text(std::string_view text) {
  std::string html;
  for (const char c : escaped(text)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string html_prose(std::string_view text) {
  std::string html;
  for (const Passage& passage : passages_of(text)) {
    html += (html.empty() ? "" : " ") + html_text(passage.prose);
    if (!passage.command.empty()) html += fmt::format("<pre class=\"command\">{}</pre>", html_text(passage.command));
  }
  return html;
}

std::string html_table(const Grid& grid) {
  const auto line = [&](std::string_view tag, auto&& cell_of) {
    std::string html = "<tr>";
    for (std::size_t i = 0; i < grid.columns.size(); ++i)
      html += fmt::format("<{0}{1}>{2}</{0}>", tag, grid.columns[i].right ? " class=\"number\"" : "",
                          html_text(cell_of(i)));
    return html + "</tr>\n";
  };
  const std::string caption = grid.title.empty() ? "" : fmt::format("<caption>{}</caption>\n", html_text(grid.title));
  std::string html = "<div class=\"wide\"><table>\n" + caption + "<thead>" +
                     line("th", [&](std::size_t i) -> const std::string& { return grid.columns[i].header; }) +
                     "</thead>\n<tbody>\n";
  for (const auto& row : grid.rows) html += line("td", [&](std::size_t i) -> const std::string& { return row[i]; });
  return html + "</tbody>\n</table></div>\n";
}

}  // namespace pipebench
