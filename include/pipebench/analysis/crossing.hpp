// Sections that vary two options: a pure function of a results document.
#pragma once

#include <string>
#include <vector>

#include "pipebench/model/results.hpp"

namespace pipebench {

/// The cases of a section in which each value of one option meets each value of another.
struct Crossing {
  std::string title;                       ///< what the cases have in common; empty: nothing worth a word
  std::string row_option, column_option;   ///< as they are typed
  std::vector<std::string> rows, columns;  ///< their values, in the order of the plan; at least two of each
  std::vector<const CaseResult*> cases;    ///< of the document, row by row
  [[nodiscard]] const CaseResult& at(std::size_t row, std::size_t column) const {
    return *cases[row * columns.size() + column];
  }
};

/// The same with rows for columns.
[[nodiscard]] Crossing turned(const Crossing& crossing);

/// A section that is none.
struct Uncrossed {
  std::string section;  ///< empty outside config files
  std::string reason;   ///< a sentence
};

struct Crossings {
  std::vector<Crossing> found;
  std::vector<Uncrossed> others;
};
/// By what the cases themselves record of what varies. Sections without any figure are in neither list; nor are those
/// that find_sweeps() is about.
[[nodiscard]] Crossings find_crossings(const Document& document);

}  // namespace pipebench
