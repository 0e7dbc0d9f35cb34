// Rows and columns of text, and the ways to show them. Results, `list` and `topology` are all grids.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pipebench {

struct Column {
  std::string header;
  bool right = false;  ///< numbers
  /// Broken over lines where the grid is too wide: after blanks, and where there is none, after punctuation. At most
  /// one column of a grid.
  bool wrap = false;
};

struct Grid {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< each as long as `columns`
  std::string title = {};                      ///< above it, where several stand together; may be empty
};

/// As text, within `width` columns where the content allows it.
[[nodiscard]] std::string grid_as_text(const Grid& grid, unsigned width);
/// A GitHub table; `|` is escaped, and what else would be markup (markdown_text()).
[[nodiscard]] std::string grid_as_markdown(const Grid& grid);
/// A line of prose, escaped(), in which names from outside are no markup: no HTML, link, emphasis or code. Commands of
/// ours, which stand in backticks after ": " or "(", stay so.
[[nodiscard]] std::string markdown_text(std::string_view text);
/// RFC 4180, without the title, with \n line ends, header first.
[[nodiscard]] std::string grid_as_csv(const Grid& grid);

/// Prose that may end in a command to copy.
struct Passage {
  std::string prose;    ///< with the colon before the command
  std::string command;  ///< without its quotes; empty at the end of a text
};

/// `text` in passages: a command stands in backquotes after a colon, "As root: `sysctl -w a=1`".
[[nodiscard]] std::vector<Passage> passages_of(std::string_view text);

/// `text` broken at blanks into lines of at most `width`, each led by `indent` blanks, the first by `first` instead.
/// What stands in backquotes is not broken, and the command of a passage has a line of its own, however long.
[[nodiscard]] std::string wrap_text(const std::string& text, unsigned width, unsigned indent, const std::string& first);

}  // namespace pipebench
