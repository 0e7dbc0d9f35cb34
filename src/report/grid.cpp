#include "pipebench/report/grid.hpp"

#include <fmt/format.h>
#include <libsmartcols.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <new>

#include "pipebench/base/names.hpp"
#include "pipebench/base/printable.hpp"

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

// Would it be markup there? An underscore within a word is none, nor is a lone & or backslash. A tilde ends nothing
// that none begins.
bool is_markup(char c, char before, char after) {
  const auto is_word = [](char each) { return std::isalnum(static_cast<unsigned char>(each)) != 0 || each == '_'; };
  if (c == '_') return !is_word(before) || !is_word(after);
  if (c == '&') return is_word(after) || after == '#';
  if (c == '\\') return std::ispunct(static_cast<unsigned char>(after)) != 0;
  if (c == '~') return after != ' ';
  return std::string_view("<[]*`").find(c) != std::string_view::npos;
}

// Where a heading, a quotation, a rule or an element of a list would begin: the character that makes it one. npos: none
// does. A lone - is what tables have for no figure.
std::size_t block_mark(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return first;
  const std::string_view rest = text.substr(first);
  const char after = rest.size() > 1 ? rest[1] : '\0';
  if (rest[0] == '>') return first;
  if (rest[0] == '#') return after == ' ' || after == '#' || after == '\0' ? first : std::string_view::npos;
  if (rest[0] == '-' || rest[0] == '+') return after == ' ' || after == rest[0] ? first : std::string_view::npos;
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  const bool is_numbered =
      digits > 0 && digits + 1 < rest.size() && (rest[digits] == '.' || rest[digits] == ')') && rest[digits + 1] == ' ';
  return is_numbered ? first + digits : std::string_view::npos;
}

// How long the command in backticks is that `rest` begins with; 0: none.
std::size_t command_length(std::string_view before, std::string_view rest) {
  if (!rest.starts_with('`') || !(before.ends_with(": ") || before.ends_with('('))) return 0;
  const auto end = rest.find('`', 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

std::string markdown_field(const std::string& text) {
  std::string field;
  for (const char c : markdown_text(trim(text))) field += c == '|' ? std::string("\\|") : std::string(1, c);
  return field;
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ",") + csv_field(fields[i]);
  return line + '\n';
}

// Where a line is best broken: after its last blank, or else after its last separator. 0: nowhere.
std::size_t break_in(std::string_view line) {
  auto last = line.find_last_of(' ');
  if (last == std::string_view::npos) last = line.find_last_of(",:/-");
  return last == std::string_view::npos || last == 0 ? 0 : last + 1;
}

// The text, escaped, in lines of at most `width` columns.
std::string broken(std::string_view text, std::size_t width) {
  std::string lines;
  // What does not fit is not measured, as it may be long.
  for (std::string_view line; (line = beginning_within(text, width)).size() < text.size();) {
    if (const std::size_t end = break_in(line); end != 0) line = line.substr(0, end);
    if (line.empty()) line = beginning_within(text, 2);  // a wide character where there is room for a narrow one
    lines += line;
    text.remove_prefix(line.size());
    if (!text.empty()) lines += '\n';
  }
  return lines += text;
}

Grid with_escaped_fields(Grid grid) {
  for (auto& row : grid.rows) {
    for (std::string& field : row) field = escaped(field);
  }
  return grid;
}

// The width that the other columns leave to the one that wraps, but never too little to read.
std::size_t room_for(const Grid& grid, std::size_t wrapped, unsigned width) {
  std::size_t others = 0;
  for (std::size_t i = 0; i < grid.columns.size(); ++i) {
    if (i == wrapped) continue;
    std::size_t widest = grid.columns[i].header.size();
    for (const auto& row : grid.rows) widest = std::max(widest, display_width(row[i]));
    others += widest + 1;
  }
  constexpr std::size_t least = 14;
  return std::max(least, width > others ? width - others : 0);
}

// The first word; text in backquotes counts as part of a word.
std::string_view first_word(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') quoted = !quoted && text.find('`', i + 1) != std::string_view::npos;
    if (text[i] == ' ' && !quoted) return text.substr(0, i);
  }
  return text;
}

// Fills lines with words.
class Paragraph {
 public:
  Paragraph(unsigned width, unsigned indent, std::string first)
      : width_(width), indent_(indent, ' '), line_(std::move(first)) {}

  void add_word(const std::string& word) {
    if (filled_ && display_width(line_) + 1 + display_width(word) > width_) end_line();
    line_ += (filled_ ? " " : "") + word;
    filled_ = true;
  }
  void add_line(const std::string& text) {
    end_line();
    lines_ += indent_ + "  " + text + '\n';
  }
  [[nodiscard]] std::string take() {
    if (filled_ || lines_.empty()) end_line();
    return std::move(lines_);
  }

 private:
  void end_line() {
    lines_ += line_ + '\n';
    line_ = indent_;
    filled_ = false;
  }

  std::size_t width_;
  std::string indent_;
  std::string lines_ = {};
  std::string line_;
  bool filled_ = false;  // line_ holds more than its lead
};

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
  const Grid grid = with_escaped_fields(given);
  const Utf8Characters utf8_characters;  // the library has no end with what it takes for no characters
  const TablePointer table(scols_new_table());
  if (!table) throw std::bad_alloc();
  // A fixed width, whatever stdout is: files look like the terminal, and tests are deterministic.
  scols_table_set_termforce(table.get(), SCOLS_TERMFORCE_ALWAYS);
  scols_table_set_termwidth(table.get(), width);
  // It would escape the line breaks of a column that wraps; everything else is escaped already.
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
  const std::string title = grid.title.empty() ? "" : wrap_text(grid.title + ":", width, 0, "");
  return title + without_trailing_blanks(text);
}

std::string markdown_text(std::string_view given) {
  const std::string whole = escaped(given);
  const std::string_view text = whole;
  const std::size_t mark = block_mark(text);
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t command = command_length(text.substr(0, i), text.substr(i)); command > 0) {
      result += text.substr(i, command);
      i += command;
      continue;
    }
    if (i == mark || is_markup(text[i], i > 0 ? text[i - 1] : ' ', i + 1 < text.size() ? text[i + 1] : ' '))
      result += '\\';
    result += text[i++];
  }
  return result;
}

std::string grid_as_markdown(const Grid& grid) {
  std::string text = (grid.title.empty() ? "" : markdown_text(grid.title) + ":\n\n") + "|";
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

std::vector<Passage> passages_of(std::string_view text) {
  constexpr std::string_view opening = ": `";
  std::vector<Passage> passages;
  while (!text.empty()) {
    const auto begin = text.find(opening);
    const auto end = begin == std::string_view::npos ? begin : text.find('`', begin + opening.size());
    if (end == std::string_view::npos) {
      passages.push_back({.prose = std::string(text), .command = {}});
      break;
    }
    const auto command = begin + opening.size();
    passages.push_back(
        {.prose = std::string(text.substr(0, begin + 1)), .command = std::string(text.substr(command, end - command))});
    text = trim(text.substr(end + 1));
  }
  return passages;
}

std::string wrap_text(const std::string& text, unsigned width, unsigned indent, const std::string& first) {
  Paragraph paragraph(width, indent, first);
  const std::size_t longest = std::max(width, indent + 1) - indent;
  for (const Passage& passage : passages_of(escaped(text))) {
    for (std::string_view rest = passage.prose; !rest.empty();) {
      const std::string_view word = first_word(rest);
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
      const bool quoted = word.find('`') != std::string_view::npos;
      for (const std::string& piece : split(quoted ? std::string(word) : broken(word, longest), '\n'))
        paragraph.add_word(piece);
    }
    if (!passage.command.empty()) paragraph.add_line(passage.command);
  }
  return paragraph.take();
}

}  // namespace pipebench
