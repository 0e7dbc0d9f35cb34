// Help, man page, shell completion and the tables of docs/output.md, made from the tables of commands, options and
// keys.
#pragma once

#include <string>

#include "app/command.hpp"

namespace pipebench {

[[nodiscard]] std::string help_text(const Command& command);
[[nodiscard]] std::string version_text();
/// roff, section 1.
[[nodiscard]] std::string man_page();
[[nodiscard]] std::string bash_completion();
[[nodiscard]] std::string zsh_completion();
[[nodiscard]] std::string fish_completion();
/// The tables of docs/output.md: Markdown, each between the marks that it has there.
[[nodiscard]] std::string key_tables();

}  // namespace pipebench
