#include "pipebench/report/heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipebench/base/distinct.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/stats/stats.hpp"
#include "report/figures.hpp"

namespace pipebench {
namespace {

constexpr unsigned least_legend = 40;
constexpr std::size_t figure_width = 6;
constexpr std::size_t label_width = 6;  // "  8191"

// From bad to good: dark blue, green, yellow (256 colours), each with a legible text colour.
struct Shade {
  int background;
  int text;
};
constexpr std::array<Shade, 10> shades{
    {{17, 15}, {18, 15}, {24, 15}, {30, 15}, {36, 0}, {71, 0}, {77, 0}, {112, 0}, {184, 0}, {226, 0}}};

double largest(const auto& cells) {
  double most = 0;
  for (const auto& [pair, figure] : cells) most = std::max(most, figure);
  return most;
}

// Of the largest figure; 9 means nine tenths or more.
std::size_t tenths(double figure, double most) {
  return most > 0 ? std::min<std::size_t>(static_cast<std::size_t>(10 * figure / most), 9) : 0;
}

// CPU numbers, written downwards over columns that are one character wide.
std::string upright(const std::vector<int>& numbers) {
  std::size_t digits = 1;
  for (const int number : numbers) digits = std::max(digits, std::to_string(number).size());
  std::string lines;
  for (std::size_t row = 0; row < digits; ++row) {
    lines += std::string(label_width + 1, ' ');
    for (const int number : numbers) lines += fmt::format("{:>{}}", number, digits)[row];
    lines.erase(lines.find_last_not_of(' ') + 1);
    lines += '\n';
  }
  return lines;
}

std::string legend(const std::string& text, unsigned width) {
  return wrap_text(text, std::max(width, least_legend), 0, "");
}

}  // namespace

std::vector<int> HeatMap::cpus() const {
  std::vector<int> all;
  for (const auto& [pair, figure] : cells_) {
    all.push_back(pair.first);
    all.push_back(pair.second);
  }
  return sorted_distinct(std::move(all));
}

std::string HeatMap::shaded(const std::string& text, std::size_t tenth, bool color) const {
  if (!color) return text;
  const Shade& shade = shades[kind_.less_is_better ? shades.size() - 1 - tenth : tenth];
  return fmt::format("\033[48;5;{};38;5;{}m{}\033[0m", shade.background, shade.text, text);
}

std::string HeatMap::render(unsigned width, bool color) const {
  const bool fits = label_width + cpus().size() * figure_width <= width;
  return fits ? as_figures(width, color) : as_digits(width, color);
}

std::string HeatMap::as_figures(unsigned width, bool color) const {
  const std::vector<int> all = cpus();
  const double most = largest(cells_);
  std::string text = fmt::format("{:>{}}", kind_.corner, label_width);
  for (const int column : all) text += fmt::format("{:>{}}", column, figure_width);
  text += '\n';
  for (const int row : all) {
    text += fmt::format("{:>{}}", row, label_width);
    for (const int column : all) {
      const auto cell = cells_.find({row, column});
      text += cell == cells_.end() ? fmt::format("{:>{}}", "-", figure_width)
                                   : shaded(fmt::format("{:>{}}", three_digits(cell->second), figure_width),
                                            tenths(cell->second, most), color);
    }
    text += '\n';
  }
  return text + legend(fmt::format("{}.", kind_.figure), width);
}

// Of cells of so many CPUs in each direction.
HeatMap::Cells HeatMap::medians(const std::vector<int>& all, std::size_t together) const {
  const auto cell_of = [&](int cpu) {
    return static_cast<std::size_t>(std::ranges::lower_bound(all, cpu) - all.begin()) / together;
  };
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> figures;
  for (const auto& [pair, figure] : cells_) figures[{cell_of(pair.first), cell_of(pair.second)}].push_back(figure);
  Cells cells;
  for (const auto& [cell, values] : figures) cells[cell] = median(values);
  return cells;
}

std::string HeatMap::as_digits(unsigned width, bool color) const {
  const std::size_t room = width > label_width + 1 ? width - label_width - 1 : 1;
  const std::vector<int> all = cpus();
  const std::size_t together = (all.size() + room - 1) / room;
  const Cells cells = medians(all, together);
  const double most = largest(cells);
  std::vector<int> firsts;
  for (std::size_t i = 0; i < all.size(); i += together) firsts.push_back(all[i]);
  std::string text = upright(firsts);
  for (std::size_t row = 0; row < firsts.size(); ++row) {
    text += fmt::format("{:>{}} ", firsts[row], label_width);
    for (std::size_t column = 0; column < firsts.size(); ++column) {
      const auto cell = cells.find({row, column});
      const std::size_t tenth = cell == cells.end() ? 0 : tenths(cell->second, most);
      text += cell == cells.end() ? "." : shaded(std::to_string(tenth), tenth, color);
    }
    text += '\n';
  }
  const std::string several =
      together > 1 ? fmt::format(" A cell is the median of {} by {} neighbouring CPUs.", together, together) : "";
  return text + legend(fmt::format("{}. 9: at least 90 % of {}, {}; 0: below 10 %; a dot: not measured.{}",
                                   kind_.figure, kind_.largest, three_digits(most), several),
                       width);
}

}  // namespace pipebench
