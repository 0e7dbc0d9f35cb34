// Figures in rows and columns: of pairs of CPUs, of two options. Legible without colour.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pipebench {

/// What the figures of a map are.
struct MapKind {
  std::string corner;           ///< above the names of the rows
  std::string figure;           ///< what a figure is, and what rows and columns are
  std::string largest = {};     ///< what the largest figure is of
  bool less_is_better = false;  ///< better figures have brighter colours
  /// Rows and columns are numbers that are the same, and those that follow each other are alike. Else columns that do
  /// not fit go on below the others.
  bool of_neighbours = false;
};
inline const MapKind throughput_map{
    .corner = "w\\r", .figure = "GiB/s; writers down, readers across", .largest = "the fastest", .of_neighbours = true};
inline const MapKind handover_map{.corner = "cpu",
                                  .figure = "ns that a cache line takes from CPU to CPU, one way",
                                  .largest = "the farthest",
                                  .less_is_better = true,
                                  .of_neighbours = true};

/// Marks of cells; the legend of a map explains those that it has.
namespace cell_marks {
inline constexpr char doubt = '~', replay = 'r', unsafe = 'u', failed = 'x', skipped = '-', unmeasured = '.';
}

struct MapCell {
  std::optional<double> figure = {};
  std::string text = {};   ///< where there is no figure: a mark, or a number that the colours are not about
  std::string marks = {};  ///< behind either
};

class HeatMap {
 public:
  /// With the names of rows and columns; `-` stands in cells that are never set.
  HeatMap(MapKind kind, std::vector<std::string> rows, std::vector<std::string> columns);

  /// By indices of the names.
  void set(std::size_t row, std::size_t column, MapCell cell) { cells_[{row, column}] = std::move(cell); }

  /// Do all figures have room beside each other?
  [[nodiscard]] bool fits(unsigned width) const;
  /// Within `width` columns: the figures where they fit. Else, of neighbours, one digit per cell, its share of the
  /// largest in tenths, or one digit for several neighbours, the median of their cells. Of others: the figures in
  /// parts.
  [[nodiscard]] std::string render(unsigned width, bool color) const;

 private:
  struct ColumnLayout;
  using Figures = std::map<std::pair<std::size_t, std::size_t>, double>;
  [[nodiscard]] std::size_t label_width() const;
  [[nodiscard]] std::vector<ColumnLayout> layouts() const;
  [[nodiscard]] std::string as_figures(unsigned width, bool color) const;
  [[nodiscard]] std::string header(const std::vector<ColumnLayout>& layouts, std::size_t first, std::size_t end) const;
  [[nodiscard]] std::string cell_text(std::size_t row, std::size_t column, const ColumnLayout& layout, double most,
                                      bool color) const;
  [[nodiscard]] std::string marks_text() const;
  [[nodiscard]] std::string as_digits(unsigned width, bool color) const;
  [[nodiscard]] Figures medians(std::size_t together) const;
  [[nodiscard]] std::string shaded(const std::string& text, std::size_t tenth, bool color) const;

  MapKind kind_;
  std::vector<std::string> rows_, columns_;
  std::map<std::pair<std::size_t, std::size_t>, MapCell> cells_;
};

/// A square of all CPUs that are in any pair.
using PairCells = std::map<std::pair<int, int>, MapCell>;
[[nodiscard]] HeatMap pair_map(const MapKind& kind, const PairCells& cells);

}  // namespace pipebench
