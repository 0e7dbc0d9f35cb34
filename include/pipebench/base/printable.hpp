// Text from outside (arguments, file names, sections) on its way to a person: what may be shown as it is, and how wide
// that is.
#pragma once

#include <clocale>
#include <cstddef>
#include <string>
#include <string_view>

namespace pipebench {

/// `text` with \xNN for each byte of what must not reach a terminal or a page: control characters, those that turn the
/// direction of text round, what is not printable, what is no UTF-8. Where the C library has no locale C.UTF-8, that is
/// all but ASCII.
[[nodiscard]] std::string escaped(std::string_view text);

/// Does it hold ASCII's control characters, or those of Unicode's second row (U+0080 to U+009F)?
[[nodiscard]] bool has_control_characters(std::string_view text) noexcept;

/// Columns of a terminal that `text`, escaped, takes: 2 for a wide character, 0 for one that combines (wcwidth(3)).
[[nodiscard]] std::size_t display_width(std::string_view text);

/// The longest beginning of `text`, escaped, that fits into so many columns; whole characters.
[[nodiscard]] std::string_view beginning_within(std::string_view text, std::size_t columns);

/// For as long as it lives, the calling thread has the locale C.UTF-8 as to characters: for libraries that ask it how
/// wide they are. Does nothing where there is no such locale.
class Utf8Characters {
 public:
  Utf8Characters() noexcept;
  ~Utf8Characters();
  Utf8Characters(const Utf8Characters&) = delete;
  Utf8Characters& operator=(const Utf8Characters&) = delete;

 private:
  locale_t before_;
};

}  // namespace pipebench
