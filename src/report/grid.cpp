#include "pipebench/report/grid.hpp"

#include <fmt/format.h>
#include <libsmartcols.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "pipebench/base/names.hpp"

namespace pipebench {
namespace {

struct UnrefTable {
  void operator()(libscols_table* table) const noexcept { scols_unref_table(table); }
};
using TablePointer = std::unique_ptr<libscols_table, UnrefTable>;

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string markdown_field(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c == '\n' ? ' ' : c);
  return escaped;
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ",") + csv_field(fields[i]);
  return line + '\n';
}

// Control characters in a name must not reach a terminal; what is not ASCII has no width that is known here.
std::string escaped(std::string_view text, bool ascii_only) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x20 && byte != 0x7f && (byte < 0x80 || !ascii_only);
    result += plain ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return result;
}

// The text in lines of at most `width`, broken after a blank or a separator where there is one.
std::string broken(std::string_view text, std::size_t width) {
  std::string lines;
  while (text.size() > width) {
    const auto last = text.substr(0, width).find_last_of(" ,:/-");
    const std::size_t cut = last == std::string_view::npos || last == 0 ? width : last + 1;
    lines += std::string(text.substr(0, cut)) + '\n';
    text.remove_prefix(cut);
  }
  return lines += text;
}

Grid escaped(Grid grid) {
  for (auto& row : grid.rows) {
    for (std::string& field : row) field = escaped(field, true);
  }
  return grid;
}

// What the other columns leave to the one that wraps; enough to be read in any case.
std::size_t room_for(const Grid& grid, std::size_t wrapped, unsigned width) {
  std::size_t others = 0;
  for (std::size_t i = 0; i < grid.columns.size(); ++i) {
    if (i == wrapped) continue;
    std::size_t widest = grid.columns[i].header.size();
    for (const auto& row : grid.rows) widest = std::max(widest, row[i].size());
    others += widest + 1;
  }
  constexpr std::size_t least = 16;
  return std::max(least, width > others ? width - others : 0);
}

// Words, those that are longer than a line in pieces.
std::vector<std::string> words_of(const std::string& text, std::size_t longest) {
  std::vector<std::string> words;
  for (const std::string& word : split(text, ' ')) {
    for (std::string& piece : split(broken(escaped(word, false), longest), '\n')) words.push_back(std::move(piece));
  }
  return words;
}

std::string without_trailing_blanks(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') result.erase(result.find_last_not_of(' ') + 1);
    result += c;
  }
  if (result.ends_with('\n')) return result;
  return result.erase(result.find_last_not_of(' ') + 1) + '\n';
}

}  // namespace

std::string grid_as_text(const Grid& given, unsigned width) {
  const Grid grid = escaped(given);
  const TablePointer table(scols_new_table());
  if (!table) throw std::bad_alloc();
  // The width is given, whatever stdout is: a file looks like the terminal, and tests are deterministic.
  scols_table_set_termforce(table.get(), SCOLS_TERMFORCE_ALWAYS);
  scols_table_set_termwidth(table.get(), width);
  // It would write the line breaks of a column that wraps as \x0a; what needs an escape has one already.
  scols_table_enable_noencoding(table.get(), 1);
  std::size_t room = 0;  // of the column that wraps
  for (std::size_t i = 0; i < grid.columns.size(); ++i) {
    const Column& column = grid.columns[i];
    const int flags = (column.right ? SCOLS_FL_RIGHT : 0) | (column.wrap ? SCOLS_FL_WRAP : 0);
    libscols_column* made = scols_table_new_column(table.get(), column.header.c_str(), 0, flags);
    if (made == nullptr) throw std::bad_alloc();
    if (!column.wrap) continue;
    room = room_for(grid, i, width);
    scols_column_set_wrapfunc(made, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, nullptr);
  }
  for (const auto& row : grid.rows) {
    libscols_line* line = scols_table_new_line(table.get(), nullptr);
    if (line == nullptr) throw std::bad_alloc();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string text = grid.columns[i].wrap ? broken(row[i], room) : row[i];
      if (scols_line_set_data(line, i, text.c_str()) != 0) throw std::bad_alloc();
    }
  }
  char* text = nullptr;
  if (scols_print_table_to_string(table.get(), &text) != 0) throw std::bad_alloc();
  const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
  return without_trailing_blanks(text);
}

std::string grid_as_markdown(const Grid& grid) {
  std::string text = "|";
  std::string rule = "|";
  for (const Column& column : grid.columns) {
    text += ' ' + markdown_field(column.header) + " |";
    rule += column.right ? " ---: |" : " --- |";
  }
  text += '\n' + rule + '\n';
  for (const auto& row : grid.rows) {
    text += '|';
    for (const std::string& field : row) text += ' ' + markdown_field(field) + " |";
    text += '\n';
  }
  return text;
}

std::string grid_as_csv(const Grid& grid) {
  std::vector<std::string> header;
  for (const Column& column : grid.columns) header.push_back(column.header);
  std::string text = csv_line(header);
  for (const auto& row : grid.rows) text += csv_line(row);
  return text;
}

std::string wrap_text(const std::string& text, unsigned width, unsigned indent, const std::string& first) {
  std::string result;
  std::string line = first;
  bool empty = true;  // nothing on the line but its lead
  for (const std::string& word : words_of(text, std::max(width, indent + 1) - indent)) {
    if (!empty && line.size() + 1 + word.size() > width) {
      result += line + '\n';
      line = std::string(indent, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + word;
    empty = false;
  }
  return result + line + '\n';
}

}  // namespace pipebench
