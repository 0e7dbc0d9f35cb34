// Rows and columns of text, and the ways to show them. Results, `list` and `topology` are all grids.
#pragma once

#include <string>
#include <vector>

namespace pipebench {

struct Column {
  std::string header;
  bool right = false;  ///< numbers
  bool wrap =
      false;  ///< is broken over lines, after blanks and punctuation, where the grid is too wide; at most one column
};

struct Grid {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  ///< each as long as `columns`
};

/// For people, within `width` columns of a terminal where the content allows it.
[[nodiscard]] std::string grid_as_text(const Grid& grid, unsigned width);
/// A GitHub table; `|` is escaped.
[[nodiscard]] std::string grid_as_markdown(const Grid& grid);
/// RFC 4180 with \n line ends, header first.
[[nodiscard]] std::string grid_as_csv(const Grid& grid);

/// `text` broken at blanks into lines of at most `width`, each led by `indent` blanks, the first by `first` instead.
[[nodiscard]] std::string wrap_text(const std::string& text, unsigned width, unsigned indent, const std::string& first);

}  // namespace pipebench
