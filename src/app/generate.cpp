// Prints the man page, a shell's completion or the tables of docs/output.md. Run by the build and the tests only.
#include <cstdio>
#include <string_view>

#include "app/text.hpp"

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  const std::string text = what == "man"    ? pipebench::man_page()
                           : what == "bash" ? pipebench::bash_completion()
                           : what == "zsh"  ? pipebench::zsh_completion()
                           : what == "fish" ? pipebench::fish_completion()
                           : what == "keys" ? pipebench::key_tables()
                                            : "";
  return !text.empty() && std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}
