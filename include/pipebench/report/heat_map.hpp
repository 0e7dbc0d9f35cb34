// A square of figures, one for each pair of CPUs, that is legible without colour.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pipebench {

/// What the figures of a map are.
struct MapKind {
  std::string_view corner;      ///< above the numbers of the rows
  std::string_view figure;      ///< what a figure is, and what rows and columns are
  std::string_view largest;     ///< what the largest figure is of
  bool less_is_better = false;  ///< better figures have brighter colours
};
inline constexpr MapKind throughput_map{
    .corner = "w\\r", .figure = "GiB/s; writers down, readers across", .largest = "the fastest"};
inline constexpr MapKind handover_map{.corner = "cpu",
                                      .figure = "ns that a cache line takes from CPU to CPU, one way",
                                      .largest = "the farthest",
                                      .less_is_better = true};

class HeatMap {
 public:
  explicit HeatMap(MapKind kind) : kind_(kind) {}

  void set(int row, int column, double figure) { cells_[{row, column}] = figure; }
  [[nodiscard]] bool empty() const { return cells_.empty(); }

  /// Within `width` columns: the figures where they fit; else one digit per pair, its share of the largest in tenths;
  /// else one digit for several neighbouring CPUs, from the median of their pairs.
  [[nodiscard]] std::string render(unsigned width, bool color) const;

 private:
  using Cells = std::map<std::pair<std::size_t, std::size_t>, double>;
  [[nodiscard]] std::string as_figures(unsigned width, bool color) const;
  [[nodiscard]] std::string as_digits(unsigned width, bool color) const;
  [[nodiscard]] Cells medians(const std::vector<int>& all, std::size_t together) const;
  [[nodiscard]] std::string shaded(const std::string& text, std::size_t tenth, bool color) const;
  [[nodiscard]] std::vector<int> cpus() const;

  MapKind kind_;
  std::map<std::pair<int, int>, double> cells_;
};

}  // namespace pipebench
