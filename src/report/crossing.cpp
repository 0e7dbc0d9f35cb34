#include "report/crossing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pipebench/report/grid.hpp"
#include "pipebench/report/heat_map.hpp"
#include "report/figures.hpp"
#include "report/rows.hpp"

namespace pipebench {
namespace {

char mark_without_figure(Status status) {
  switch (status) {
    case Status::failed:
      return cell_marks::failed;
    case Status::skipped:
      return cell_marks::skipped;
    default:
      return cell_marks::unmeasured;
  }
}

MapCell cell_of(const CaseResult& result) {
  const std::optional<double> figure = main_figure(result).median;
  if (!figure) return {.text = std::string(1, mark_without_figure(result.status))};
  MapCell cell;
  if (!result.summary->stable()) cell.marks += cell_marks::doubt;
  if (result.traits.replay) cell.marks += cell_marks::replay;
  if (!result.traits.safe) cell.marks += cell_marks::unsafe;
  if (result.status == Status::failed) cell.marks += cell_marks::failed;
  if (result.traits.moves_bytes) {
    cell.figure = figure;
  } else {  // as fast as a loop is, which would leave all others dark
    cell.text = three_digits(*figure);
  }
  return cell;
}

HeatMap map_of(const Crossing& crossing) {
  const bool prices = crossing.cases.front()->spec.takes_turns();
  HeatMap map(
      {.corner = crossing.row_option,
       .figure = fmt::format("{}; {} down, {} across", prices ? "ns per 4 KiB, writer and reader added up" : "GiB/s",
                             crossing.row_option, crossing.column_option),
       .less_is_better = prices},
      crossing.rows, crossing.columns);
  for (std::size_t row = 0; row < crossing.rows.size(); ++row) {
    for (std::size_t column = 0; column < crossing.columns.size(); ++column)
      map.set(row, column, cell_of(crossing.at(row, column)));
  }
  return map;
}

}  // namespace

std::string crossing_as_text(const Crossing& crossing, unsigned width, bool color) {
  HeatMap map = map_of(crossing);
  if (!map.fits(width)) {
    if (const HeatMap other = map_of(turned(crossing)); other.fits(width)) map = other;
  }
  const std::string title = crossing.title.empty() ? "" : wrap_text(crossing.title + ":", width, 0, "");
  return title + map.render(width, color);
}

}  // namespace pipebench
