#include "report/bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "pipebench/base/printable.hpp"

namespace pipebench {
namespace {

struct Glyphs {
  std::string_view full, low, line, median, high;
  std::array<std::string_view, 8> ends;  // of a bar: so many eighths of a character
};
constexpr Glyphs blocks{
    .full = "█", .low = "├", .line = "─", .median = "┼", .high = "┤", .ends = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}};
constexpr Glyphs ascii{
    .full = "=", .low = "|", .line = "-", .median = "+", .high = "|", .ends = {"", "", "", "", "=", "=", "=", "="}};

const Glyphs& glyphs_of(const View& view) { return view.bars == Bars::blocks ? blocks : ascii; }

// What moves nothing through a pipe is as fast as a loop is, which would leave no bar to the others.
bool has_bar(const CaseResult& result) { return result.traits.moves_bytes && main_figure(result).median; }

// The character of `width` that ends at or behind this share.
std::size_t character_at(double share, std::size_t width) {
  const double end = std::ceil(share * static_cast<double>(width));
  return end < 1 ? 0 : std::min(static_cast<std::size_t>(end), width) - 1;
}

std::string plain_bar(double share, std::size_t width, const Glyphs& glyphs) {
  const auto eighths = static_cast<std::size_t>(std::lround(8 * share * static_cast<double>(width)));
  std::string bar;
  for (std::size_t i = 0; i < eighths / 8; ++i) bar += glyphs.full;
  return bar += glyphs.ends[eighths % 8];
}

std::string bar_of(const MainFigure& figure, double largest, std::size_t width, const Glyphs& glyphs) {
  const double median = *figure.median;
  if (largest <= 0) return "";
  const std::size_t middle = character_at(median / largest, width);
  const std::size_t low = character_at(figure.low.value_or(median) / largest, width);
  const std::size_t high = character_at(figure.high.value_or(median) / largest, width);
  if (low == high) return plain_bar(median / largest, width, glyphs);
  std::string bar;
  for (std::size_t i = 0; i <= high; ++i) {
    bar += i < low       ? glyphs.full
           : i == low    ? glyphs.low
           : i == high   ? glyphs.high
           : i == middle ? glyphs.median
                         : glyphs.line;
  }
  return bar;
}

// What the columns of the grid leave, within reason.
std::size_t room_in(const Grid& grid, unsigned width) {
  constexpr std::size_t least = 16, most = 40;
  std::size_t used = 0;
  for (std::size_t i = 0; i < grid.columns.size(); ++i) {
    std::size_t widest = grid.columns[i].header.size();
    for (const auto& row : grid.rows) widest = std::max(widest, display_width(escaped(row[i])));
    used += widest + 1;
  }
  return std::clamp(width > used ? width - used : 0, least, most);
}

}  // namespace

bool has_bars(const View& view) {
  constexpr unsigned least_width = 100;
  return view.bars != Bars::none && view.width >= least_width;
}

void add_bars(Grid& grid, const Cases& cases, const View& view) {
  double largest = 0;
  for (const CaseResult* result : cases) {
    if (!has_bar(*result)) continue;
    const MainFigure figure = main_figure(*result);
    largest = std::max({largest, *figure.median, figure.high.value_or(0)});
  }
  const std::size_t room = room_in(grid, view.width);
  grid.columns.push_back({.header = "bar"});
  for (std::size_t i = 0; i < cases.size(); ++i) {
    grid.rows[i].push_back(has_bar(*cases[i]) ? bar_of(main_figure(*cases[i]), largest, room, glyphs_of(view)) : "-");
  }
}

std::string bar_legend(const View& view) {
  const Glyphs& glyphs = glyphs_of(view);
  return fmt::format(
      "bar: the median, from 0 to the largest of the table; {}{}{}{}{}: its interval, where that is wider than a "
      "character.",
      glyphs.low, glyphs.line, glyphs.median, glyphs.line, glyphs.high);
}

}  // namespace pipebench
