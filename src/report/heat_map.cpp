#include "report/heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipebench/report/grid.hpp"
#include "pipebench/stats/stats.hpp"
#include "report/figures.hpp"

namespace pipebench {
namespace {

constexpr unsigned least_legend = 40;
constexpr std::size_t figure_width = 6;
constexpr std::size_t label_width = 6;  // "  8191"

// From slow to fast: dark blue, green, yellow (256 colours), each with a legible text colour.
struct Shade {
  int background;
  int text;
};
constexpr std::array<Shade, 10> shades{
    {{17, 15}, {18, 15}, {24, 15}, {30, 15}, {36, 0}, {71, 0}, {77, 0}, {112, 0}, {184, 0}, {226, 0}}};

// Tenths of the fastest; 9 means nine tenths or more.
std::size_t tenths(double speed, double fastest) {
  return fastest > 0 ? std::min<std::size_t>(static_cast<std::size_t>(10 * speed / fastest), 9) : 0;
}

std::string shaded(const std::string& text, std::size_t tenth, bool color) {
  if (!color) return text;
  return fmt::format("\033[48;5;{};38;5;{}m{}\033[0m", shades[tenth].background, shades[tenth].text, text);
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

}  // namespace

std::vector<int> HeatMap::cpus() const {
  std::vector<int> all;
  for (const auto& [pair, speed] : cells_) {
    all.push_back(pair.first);
    all.push_back(pair.second);
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

double HeatMap::fastest() const {
  double most = 0;
  for (const auto& [pair, speed] : cells_) most = std::max(most, speed);
  return most;
}

std::string HeatMap::render(unsigned width, bool color) const {
  const bool fits = label_width + cpus().size() * figure_width <= width;
  return fits ? as_figures(color) : as_digits(width, color);
}

std::string HeatMap::as_figures(bool color) const {
  const std::vector<int> all = cpus();
  const double most = fastest();
  std::string text = fmt::format("{:>{}}", "w\\r", label_width);
  for (const int reader : all) text += fmt::format("{:>{}}", reader, figure_width);
  text += '\n';
  for (const int writer : all) {
    std::string row = fmt::format("{:>{}}", writer, label_width);
    for (const int reader : all) {
      const auto cell = cells_.find({writer, reader});
      row += cell == cells_.end() ? fmt::format("{:>{}}", "-", figure_width)
                                  : shaded(fmt::format("{:>{}}", three_digits(cell->second), figure_width),
                                           tenths(cell->second, most), color);
    }
    text += row + '\n';
  }
  return text + "GiB/s; writers down, readers across.\n";
}

std::string HeatMap::as_digits(unsigned width, bool color) const {
  const std::size_t room = width > label_width + 1 ? width - label_width - 1 : 1;
  const std::vector<int> all = cpus();
  const std::size_t together = (all.size() + room - 1) / room;  // CPUs that share a cell, in each direction
  const auto cell_of = [&](int cpu) {
    return static_cast<std::size_t>(std::ranges::lower_bound(all, cpu) - all.begin()) / together;
  };
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> speeds;
  for (const auto& [pair, speed] : cells_) speeds[{cell_of(pair.first), cell_of(pair.second)}].push_back(speed);
  std::map<std::pair<std::size_t, std::size_t>, double> medians;
  double most = 0;
  for (const auto& [cell, values] : speeds) most = std::max(most, medians[cell] = median(values));

  std::vector<int> firsts;
  for (std::size_t i = 0; i < all.size(); i += together) firsts.push_back(all[i]);
  std::string text = upright(firsts);
  for (std::size_t row = 0; row < firsts.size(); ++row) {
    text += fmt::format("{:>{}} ", firsts[row], label_width);
    for (std::size_t column = 0; column < firsts.size(); ++column) {
      const auto cell = medians.find({row, column});
      const std::size_t tenth = cell == medians.end() ? 0 : tenths(cell->second, most);
      text += cell == medians.end() ? "." : shaded(std::to_string(tenth), tenth, color);
    }
    text += '\n';
  }
  const std::string several =
      together > 1 ? fmt::format(" A cell is the median of {} by {} neighbouring CPUs.", together, together) : "";
  return text +
         wrap_text(fmt::format("Writers down, readers across. 9: at least 90 % of the fastest, {} GiB/s; 0: below "
                               "10 %; a dot: not measured.{}",
                               three_digits(most), several),
                   std::max(width, least_legend), 0, "");
}

}  // namespace pipebench
