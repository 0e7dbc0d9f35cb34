// Text and tables as HTML, so that nothing in a text is taken for markup.
#pragma once

#include <string>
#include <string_view>

#include "pipebench/report/grid.hpp"

namespace pipebench {

/// For the content of an element, or for an attribute in double quotes.
[[nodiscard]] std::string html_text(std::string_view text);

/// A paragraph's content; a command in it (passages_of()) is a block of its own.
[[nodiscard]] std::string html_prose(std::string_view text);

[[nodiscard]] std::string html_table(const Grid& grid);

}  // namespace pipebench
