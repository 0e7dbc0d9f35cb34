// Showing text from outside (arguments, file names, section names): what may be printed as it is, and how wide it is.
#pragma once

#include <clocale>
#include <cstddef>
#include <string>
#include <string_view>

namespace pipebench {

/// `text` with \xNN for each byte that must not reach a terminal or a page: control characters, characters that reverse
/// the direction of text, anything unprintable or not UTF-8. Where the C library has no locale C.UTF-8, that is
/// everything but ASCII.
[[nodiscard]] std::string escaped(std::string_view text);

/// Does it contain control characters: ASCII's, or Unicode's U+0080 to U+009F?
[[nodiscard]] bool has_control_characters(std::string_view text) noexcept;

/// Columns of a terminal that `text`, escaped, takes: 2 for a wide character, 0 for one that combines (wcwidth(3)).
[[nodiscard]] std::size_t display_width(std::string_view text);

/// The longest beginning of `text`, escaped, that fits into so many columns; whole characters.
[[nodiscard]] std::string_view beginning_within(std::string_view text, std::size_t columns);

/// As bash and zsh read it as one word, with nothing in it that must not be shown: $'...' has escapes for that.
[[nodiscard]] std::string shell_quoted(const std::string& argument);

/// While it exists, the calling thread classifies characters by the locale C.UTF-8, for libraries that ask how wide
/// they are. Does nothing where there is no such locale.
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
