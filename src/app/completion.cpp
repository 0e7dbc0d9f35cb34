// Shell completion of every command.
#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "app/config_file.hpp"
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
bool takes_list(const Option& option) { return option.takes_list() && !option.choices.empty(); }

/// What may stand where the value stands, besides files; the names of configs stand there in their place.
std::string words_of(const Option& option) {
  std::vector<std::string_view> words = option.choices;
  if (option.scope == Scope::axis && takes_list(option)) words.emplace_back("all");
  if (option.name == "config") {
    for (const BundledConfig& bundled : bundled_configs()) words.push_back(bundled.name);
  }
  return joined(words, " ");
}

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

// What completes the word that is typed, `current`. A comma list keeps what stands before its last comma.
constexpr std::string_view bash_functions =
    "_pipebench_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$current\"); }\n"
    "_pipebench_files() {\n"
    "  compopt -o filenames 2>/dev/null\n"
    "  mapfile -t COMPREPLY < <(compgen -W \"$1\" -f -- \"$current\")\n"
    "}\n"
    "_pipebench_list() {\n"
    "  local before=\n"
    "  [[ $current == *,* ]] && before=${current%,*},\n"
    "  mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$1\" -- \"${current##*,}\")\n"
    "}\n";

// Of a value that could be anything, there is nothing to say.
std::string bash_value(const Option& option) {
  const std::string_view kind = takes_file(option) ? "files" : takes_list(option) ? "list" : "words";
  const bool known = takes_file(option) || !option.choices.empty();
  return fmt::format("        --{}){} return ;;\n", option.name,
                     known ? fmt::format(" _pipebench_{} '{}';", kind, words_of(option)) : "");
}

/// The words and the values of one command, chosen in a `case` by its name.
std::string bash_case(const Command& command) {
  std::string words;
  std::string values;
  for (const Option& option : command.options()) {
    words += (words.empty() ? "--" : " --") + option.name;
    if (!option.value_name.empty()) values += bash_value(option);
  }
  return fmt::format("    {})\n      words='{}'\n      kind={}\n      case $previous in\n{}      esac ;;\n",
                     command.name, words, takes_files(command) ? "files" : "words", values);
}

// ---------------------------------------------------------------------------------------------- zsh

std::string zsh_value(const Option& option) {
  const std::string words = with_escaped(words_of(option), ":", "\\");
  const std::string how = takes_list(option)    ? "_sequence compadd - " + words
                          : !takes_file(option) ? (words.empty() ? "" : "(" + words + ")")
                          : words.empty()       ? "_files"
                                                : fmt::format("{{compadd {}; _files}}", words);
  return fmt::format(":{}:{}", option.value_name, how);
}

std::string zsh_option(const Option& option) {
  std::string help;
  for (const char c : option.help) help += c == '\'' ? "'\\''" : with_escaped(std::string(1, c), "[]:", "\\");
  const bool has_value = !option.value_name.empty();
  const std::string rest = fmt::format("[{}]{}'", help, has_value ? zsh_value(option) : "");
  const std::string name = fmt::format("--{}{}", option.name, has_value ? "=" : "");
  if (option.letter == '\0') return fmt::format("'{}{}{}", option.repeatable ? "*" : "", name, rest);
  const std::string letter = fmt::format("-{}{}", option.letter, has_value ? "+" : "");
  const std::string not_both = option.repeatable ? "*" : fmt::format("(-{} --{})", option.letter, option.name);
  return fmt::format("'{}'{{{},{}}}'{}", not_both, letter, name, rest);
}

std::string zsh_case(const Command& command) {
  std::string text = fmt::format("    {})\n      _arguments -s -S", command.name);
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
  const std::string letter = option.letter == '\0' ? "" : fmt::format(" -s {}", option.letter);
  return fmt::format("complete -c pipebench -n '{}' -l {}{}{} -d '{}'\n", condition, option.name, letter, value,
                     with_escaped(option.help, "'\\", "\\"));
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
      "# bash completion for pipebench\n{0}"
      "_pipebench() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words kind command={1}\n"
      "  COMPREPLY=()\n"
      "  if [[ $current == = ]]; then  # bash takes --name=value for three words\n"
      "    current=\n"
      "  elif [[ $previous == = ]]; then\n"
      "    previous=${{COMP_WORDS[COMP_CWORD-2]}}\n"
      "  fi\n"
      "  if ((COMP_CWORD > 1)); then\n"
      "    case \" {2} \" in *\" ${{COMP_WORDS[1]}} \"*) command=${{COMP_WORDS[1]}} ;; esac\n"
      "  fi\n"
      "  case $command in\n{3}  esac\n"
      "  ((COMP_CWORD > 1)) || words=\"{2} $words\"\n"
      "  _pipebench_$kind \"$words\"\n"
      "}}\ncomplete -F _pipebench pipebench\n",
      bash_functions, all_commands().front()->name, command_names(), cases);
}

std::string zsh_completion() {
  std::string cases;
  for (const Command* command : all_commands()) cases += zsh_case(*command);
  return fmt::format(
      "#compdef pipebench\n_pipebench() {{\n  local command={0}\n"
      "  if (( CURRENT > 2 )) && [[ ' {1} ' == *\" $words[2] \"* ]]; then\n    command=$words[2]\n    shift words\n    "
      "(( CURRENT-- ))\n"
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
