#include "pipebench/report/heat_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "pipebench/base/distinct.hpp"
#include "pipebench/base/printable.hpp"
#include "pipebench/report/grid.hpp"
#include "pipebench/stats/stats.hpp"
#include "report/figures.hpp"

namespace pipebench {
namespace {

constexpr unsigned least_legend = 40;
constexpr std::size_t least_column = 6;
constexpr std::size_t least_label = 6;  // "  8191"

// From bad to good: dark blue, green, yellow (256 colours), each with a legible text colour.
struct Shade {
  int background;
  int text;
};
constexpr std::array<Shade, 10> shades{
    {{17, 15}, {18, 15}, {24, 15}, {30, 15}, {36, 0}, {71, 0}, {77, 0}, {112, 0}, {184, 0}, {226, 0}}};

struct MarkMeaning {
  char mark;
  std::string_view meaning;
};
constexpr std::array<MarkMeaning, 6> mark_meanings{{
    {cell_marks::doubt, "in doubt"},
    {cell_marks::replay, "replay"},
    {cell_marks::unsafe, "unsafe"},
    {cell_marks::failed, "failed"},
    {cell_marks::skipped, "skipped"},
    {cell_marks::unmeasured, "not measured"},
}};

double figure_of(const MapCell& cell) { return cell.figure.value_or(0); }
double figure_of(double figure) { return figure; }

double largest(const auto& cells) {
  double most = 0;
  for (const auto& [place, cell] : cells) most = std::max(most, figure_of(cell));
  return most;
}

// Of the largest figure; 9 means nine tenths or more.
std::size_t tenths(double figure, double most) {
  return most > 0 ? std::min<std::size_t>(static_cast<std::size_t>(10 * figure / most), 9) : 0;
}

std::string blanks(std::size_t width, std::string_view text) {
  const std::size_t columns = display_width(text);
  return std::string(width > columns ? width - columns : 0, ' ');
}

std::string right_aligned(std::string_view text, std::size_t width) {
  return fmt::format("{}{}", blanks(width, text), text);
}

std::string without_trailing_blanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

// The name in lines of at most `width` columns, broken after hyphens only.
std::vector<std::string> broken_name(const std::string& name, std::size_t width) {
  std::vector<std::string> lines{""};
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t hyphen = name.find('-', at);
    const std::string piece = name.substr(at, hyphen == std::string::npos ? hyphen : hyphen + 1 - at);
    at += piece.size();
    if (!lines.back().empty() && display_width(lines.back() + piece) > width) lines.emplace_back();
    lines.back() += piece;
  }
  return lines;
}

std::size_t widest(const std::vector<std::string>& texts) {
  std::size_t most = 0;
  for (const std::string& text : texts) most = std::max(most, display_width(text));
  return most;
}

std::string figure_text(const MapCell& cell) { return cell.figure ? three_digits(*cell.figure) : cell.text; }

// Numbers, written downwards over columns that are one character wide.
std::string upright(const std::vector<std::string>& numbers, std::size_t label_width) {
  const std::size_t digits = widest(numbers);
  std::string lines;
  for (std::size_t row = 0; row < digits; ++row) {
    std::string line(label_width + 1, ' ');
    for (const std::string& number : numbers) line += right_aligned(number, digits)[row];
    lines += without_trailing_blanks(line) + '\n';
  }
  return lines;
}

std::string legend(const std::string& text, unsigned width) {
  return wrap_text(text, std::max(width, least_legend), 0, "");
}

std::vector<std::string> with_escapes(std::vector<std::string> names) {
  for (std::string& name : names) name = escaped(name);
  return names;
}

}  // namespace

// Of one column.
struct HeatMap::ColumnLayout {
  std::size_t width;  // with the blank before it
  std::size_t marks;
};

HeatMap::HeatMap(MapKind kind, std::vector<std::string> rows, std::vector<std::string> columns)
    : kind_(std::move(kind)), rows_(with_escapes(std::move(rows))), columns_(with_escapes(std::move(columns))) {}

std::size_t HeatMap::label_width() const { return std::max({least_label, widest(rows_), display_width(kind_.corner)}); }

std::vector<HeatMap::ColumnLayout> HeatMap::layouts() const {
  std::vector<ColumnLayout> columns(columns_.size(), {.width = 0, .marks = 0});
  for (const auto& [place, cell] : cells_) {
    ColumnLayout& column = columns[place.second];
    column.width = std::max(column.width, display_width(figure_text(cell)));
    column.marks = std::max(column.marks, cell.marks.size());
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::size_t name = widest(broken_name(columns_[i], 0));
    columns[i].width = std::max(least_column, 1 + std::max(columns[i].width + columns[i].marks, name));
  }
  return columns;
}

bool HeatMap::fits(unsigned width) const {
  std::size_t needed = label_width();
  for (const ColumnLayout& column : layouts()) needed += column.width;
  return needed <= width;
}

std::string HeatMap::shaded(const std::string& text, std::size_t tenth, bool color) const {
  if (!color) return text;
  const Shade& shade = shades[kind_.less_is_better ? shades.size() - 1 - tenth : tenth];
  return fmt::format("\033[48;5;{};38;5;{}m{}\033[0m", shade.background, shade.text, text);
}

std::string HeatMap::render(unsigned width, bool color) const {
  return kind_.of_neighbours && !fits(width) ? as_digits(width, color) : as_figures(width, color);
}

// The names of some columns, the last lines of all side by side.
std::string HeatMap::header(const std::vector<ColumnLayout>& layouts, std::size_t first, std::size_t end) const {
  std::vector<std::vector<std::string>> names;
  std::size_t height = 1;
  for (std::size_t i = first; i < end; ++i) {
    names.push_back(broken_name(columns_[i], layouts[i].width - 1));
    height = std::max(height, names.back().size());
  }
  std::string text;
  for (std::size_t left = height; left > 0; --left) {
    std::string line = right_aligned(left == 1 ? kind_.corner : "", label_width());
    for (std::size_t i = first; i < end; ++i) {
      const std::vector<std::string>& lines = names[i - first];
      line += right_aligned(lines.size() >= left ? lines[lines.size() - left] : "", layouts[i].width);
    }
    text += without_trailing_blanks(line) + '\n';
  }
  return text;
}

std::string HeatMap::cell_text(std::size_t row, std::size_t column, const ColumnLayout& layout, double most,
                               bool color) const {
  const auto at = cells_.find({row, column});
  const MapCell cell = at == cells_.end() ? MapCell{.text = "-"} : at->second;
  const std::string text = right_aligned(figure_text(cell), layout.width - layout.marks) + cell.marks +
                           std::string(layout.marks - cell.marks.size(), ' ');
  return cell.figure ? shaded(text, tenths(*cell.figure, most), color) : text;
}

// What the marks mean that any cell has.
std::string HeatMap::marks_text() const {
  std::string text;
  for (const MarkMeaning& known : mark_meanings) {
    const bool is_used = std::ranges::any_of(cells_, [&](const auto& entry) {
      const MapCell& cell = entry.second;
      return cell.marks.find(known.mark) != std::string::npos ||
             (!cell.figure && cell.text == std::string(1, known.mark));
    });
    if (is_used) text += fmt::format("{}{}: {}", text.empty() ? " " : "; ", known.mark, known.meaning);
  }
  return text.empty() ? text : text + '.';
}

std::string HeatMap::as_figures(unsigned width, bool color) const {
  const std::vector<ColumnLayout> all = layouts();
  const double most = largest(cells_);
  std::string text;
  std::size_t parts = 0;
  for (std::size_t first = 0, end = 0; first < all.size(); first = end, ++parts) {
    std::size_t used = label_width();
    for (end = first; end < all.size() && (end == first || used + all[end].width <= width); ++end)
      used += all[end].width;
    if (parts > 0) text += '\n';
    text += header(all, first, end);
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      std::string line = right_aligned(rows_[row], label_width());
      for (std::size_t column = first; column < end; ++column) line += cell_text(row, column, all[column], most, color);
      text += without_trailing_blanks(line) + '\n';
    }
  }
  const std::string split = parts > 1 ? fmt::format(" In {} parts, as not all columns have room.", parts) : "";
  return text + legend(fmt::format("{}.{}{}", kind_.figure, split, marks_text()), width);
}

// Of cells of so many neighbours in each direction.
HeatMap::Figures HeatMap::medians(std::size_t together) const {
  std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> figures;
  for (const auto& [place, cell] : cells_) {
    if (cell.figure) figures[{place.first / together, place.second / together}].push_back(*cell.figure);
  }
  Figures cells;
  for (const auto& [place, values] : figures) cells[place] = median(values);
  return cells;
}

std::string HeatMap::as_digits(unsigned width, bool color) const {
  const std::size_t label = label_width();
  const std::size_t room = width > label + 1 ? width - label - 1 : 1;
  const std::size_t together = (columns_.size() + room - 1) / room;
  const Figures cells = medians(together);
  const double most = largest(cells);
  std::vector<std::string> firsts;
  for (std::size_t i = 0; i < columns_.size(); i += together) firsts.push_back(columns_[i]);
  std::string text = upright(firsts, label);
  for (std::size_t row = 0; row < firsts.size(); ++row) {
    text += right_aligned(firsts[row], label) + ' ';
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

HeatMap pair_map(const MapKind& kind, const PairCells& cells) {
  std::vector<int> cpus;
  for (const auto& [pair, cell] : cells) {
    cpus.push_back(pair.first);
    cpus.push_back(pair.second);
  }
  cpus = sorted_distinct(std::move(cpus));
  std::vector<std::string> names;
  for (const int cpu : cpus) names.push_back(std::to_string(cpu));
  const auto index_of = [&](int cpu) {
    return static_cast<std::size_t>(std::ranges::lower_bound(cpus, cpu) - cpus.begin());
  };
  HeatMap map(kind, names, names);
  for (const auto& [pair, cell] : cells) map.set(index_of(pair.first), index_of(pair.second), cell);
  return map;
}

}  // namespace pipebench
