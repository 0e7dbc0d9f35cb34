#include "pipebench/base/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cwchar>

namespace pipebench {
namespace {

locale_t utf8() noexcept {
  static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", static_cast<locale_t>(nullptr));
  return locale;
}

// They make a terminal show text in another order than it is written ("Trojan Source", CVE-2021-42574).
bool turns_text_round(wchar_t character) {
  return (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

struct Character {
  std::size_t bytes;
  int columns;  // -1: must not be shown
};

// The character that `text`, not empty, begins with.
Character first_of(std::string_view text) {
  std::mbstate_t state{};
  wchar_t character = 0;
  const std::size_t bytes = std::mbrtowc(&character, text.data(), text.size(), &state);
  const bool decoded = bytes >= 1 && bytes <= text.size();
  if (!decoded) return {.bytes = 1, .columns = -1};
  return {.bytes = bytes, .columns = turns_text_round(character) ? -1 : ::wcwidth(character)};
}

// visit(character's text, columns) until it returns false.
template <class Visit>
void for_each_character(std::string_view text, const Visit& visit) {
  const Utf8Characters utf8_characters;
  while (!text.empty()) {
    const Character character = first_of(text);
    if (!visit(text.substr(0, character.bytes), character.columns)) return;
    text.remove_prefix(character.bytes);
  }
}

}  // namespace

Utf8Characters::Utf8Characters() noexcept
    : before_(utf8() == nullptr ? static_cast<locale_t>(nullptr) : ::uselocale(utf8())) {}

Utf8Characters::~Utf8Characters() {
  if (before_ != nullptr) ::uselocale(before_);
}

std::string escaped(std::string_view text) {
  std::string result;
  for_each_character(text, [&](std::string_view character, int columns) {
    if (columns >= 0) {
      result += character;
    } else {
      for (const char byte : character) result += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
    return true;
  });
  return result;
}

bool has_control_characters(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte < 0x20 || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next < 0xa0)) return true;
  }
  return false;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for_each_character(text, [&](std::string_view, int columns) {
    width += static_cast<std::size_t>(std::max(columns, 0));
    return true;
  });
  return width;
}

std::string_view beginning_within(std::string_view text, std::size_t columns) {
  std::size_t bytes = 0;
  std::size_t width = 0;
  for_each_character(text, [&](std::string_view character, int more) {
    width += static_cast<std::size_t>(std::max(more, 0));
    if (width > columns) return false;
    bytes += character.size();
    return true;
  });
  return text.substr(0, bytes);
}

std::string shell_quoted(const std::string& argument) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,.:/@%";
  if (!argument.empty() && argument.find_first_not_of(plain) == std::string::npos) return argument;
  const bool needs_escapes = escaped(argument) != argument;
  std::string text;
  for (const char c : argument) {
    if (c == '\'')
      text += needs_escapes ? "\\'" : "'\\''";
    else if (c == '\\' && needs_escapes)
      text += "\\\\";
    else
      text += c;
  }
  return needs_escapes ? fmt::format("$'{}'", escaped(text)) : fmt::format("'{}'", text);
}

}  // namespace pipebench
