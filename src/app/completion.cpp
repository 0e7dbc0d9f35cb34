// Shell completion of every command.
#include <fmt/format.h>

#include <string_view>

#include "app/text.hpp"
#include "pipebench/base/names.hpp"

namespace pipebench {
namespace {

std::string command_names() {
  std::vector<std::string_view> names;
  for (const Command* command : all_commands()) names.push_back(command->name);
  return joined(names, " ");
}

bool takes_file(const Option& option) { return option.value_name == "FILE"; }
bool takes_files(const Command& command) { return command.operands.most > 0; }

/// `text` with `before` in front of each `special` character.
std::string with_escaped(std::string_view text, std::string_view special, std::string_view before) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) result += before;
    result += c;
  }
  return result;
}

// ---------------------------------------------------------------------------------------------- bash

/// The words and the values of one command, chosen in a `case` by its name.
std::string bash_case(const Command& command) {
  std::string words;
  std::string values;
  for (const Option& option : command.options()) {
    words += (words.empty() ? "--" : " --") + option.name;
    if (option.value_name.empty()) continue;
    const std::string how = !option.choices.empty() ? fmt::format("-W '{}'", joined(option.choices, " "))
                            : takes_file(option)    ? "-f"
                                                    : "";
    if (!how.empty())
      values += fmt::format("        --{}) COMPREPLY=($(compgen {} -- \"$current\")); return ;;\n", option.name, how);
  }
  return fmt::format("    {})\n      words='{}'\n      files={}\n      case $previous in\n{}      esac ;;\n",
                     command.name, words, takes_files(command) ? "1" : "", values);
}

// ---------------------------------------------------------------------------------------------- zsh

std::string zsh_option(const Option& option) {
  std::string value;
  if (!option.value_name.empty()) {
    const std::string how = !option.choices.empty() ? "(" + joined(option.choices, " ") + ")"
                            : takes_file(option)    ? "_files"
                                                    : "";
    value = fmt::format(":{}:{}", option.value_name, how);
  }
  std::string help;
  for (const char c : option.help) help += c == '\'' ? "'\\''" : with_escaped(std::string(1, c), "[]:", "\\");
  return fmt::format("'{}--{}[{}]{}'", option.repeatable ? "*" : "", option.name, help, value);
}

std::string zsh_case(const Command& command) {
  std::string text = fmt::format("    {})\n      _arguments", command.name);
  for (const Option& option : command.options()) text += " \\\n        " + zsh_option(option);
  if (takes_files(command)) text += " \\\n        '*:file:_files'";
  return text + " ;;\n";
}

// ---------------------------------------------------------------------------------------------- fish

std::string fish_option(const Option& option, std::string_view condition) {
  const std::string value = option.value_name.empty() ? ""
                            : !option.choices.empty() ? fmt::format(" -x -a '{}'", joined(option.choices, " "))
                            : takes_file(option)      ? " -r"
                                                      : " -x";
  return fmt::format("complete -c pipebench -n '{}' -l {}{} -d '{}'\n", condition, option.name, value,
                     with_escaped(option.help, "'", "\\"));
}

/// The default command also goes without its name.
std::string fish_condition(const Command& command) {
  if (&command != all_commands().front()) return fmt::format("__fish_seen_subcommand_from {}", command.name);
  std::string others;
  for (const Command* other : all_commands()) {
    if (other != &command) others += fmt::format(" {}", other->name);
  }
  return "not __fish_seen_subcommand_from" + others;
}

}  // namespace

std::string bash_completion() {
  std::string cases;
  for (const Command* command : all_commands()) cases += bash_case(*command);
  return fmt::format(
      "# bash completion for pipebench\n_pipebench() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words files command={0}\n"
      "  case \" {1} \" in *\" ${{COMP_WORDS[1]}} \"*) command=${{COMP_WORDS[1]}} ;; esac\n"
      "  case $command in\n{2}  esac\n"
      "  [ \"$COMP_CWORD\" = 1 ] && words=\"{1} $words\"\n"
      "  COMPREPLY=($(compgen -W \"$words\" ${{files:+-f}} -- \"$current\"))\n"
      "}}\ncomplete -F _pipebench pipebench\n",
      all_commands().front()->name, command_names(), cases);
}

std::string zsh_completion() {
  std::string cases;
  for (const Command* command : all_commands()) cases += zsh_case(*command);
  return fmt::format(
      "#compdef pipebench\n_pipebench() {{\n  local command={0}\n"
      "  if [[ ' {1} ' == *\" $words[2] \"* ]]; then\n    command=$words[2]\n    shift words\n    (( CURRENT-- ))\n"
      "  elif (( CURRENT == 2 )); then\n    compadd {1}\n  fi\n"
      "  case $command in\n{2}  esac\n}}\n_pipebench \"$@\"\n",
      all_commands().front()->name, command_names(), cases);
}

std::string fish_completion() {
  std::string text;
  for (const Command* command : all_commands()) {
    text += fmt::format("complete -c pipebench -f -n __fish_use_subcommand -a {} -d '{}'\n", command->name,
                        with_escaped(command->summary, "'", "\\"));
  }
  for (const Command* command : all_commands()) {
    const std::string condition = fish_condition(*command);
    for (const Option& option : command->options()) text += fish_option(option, condition);
    if (takes_files(*command)) text += fmt::format("complete -c pipebench -n '{}' -F\n", condition);
  }
  return text;
}

}  // namespace pipebench
