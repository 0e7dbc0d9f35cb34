// Help, man page and shell completion, all made from the tables of commands and options.
#pragma once

#include <string>

#include "app/command_line.hpp"

namespace pipebench {

[[nodiscard]] std::string help_text(const Verb& verb);
[[nodiscard]] std::string version_text();
/// roff, section 1.
[[nodiscard]] std::string man_page();
[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();

}  // namespace pipebench
