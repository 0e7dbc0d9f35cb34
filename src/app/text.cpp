#include "app/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/version.hpp"
#include "pipebench/model/json.hpp"
#include "pipebench/report/grid.hpp"

namespace pipebench {
namespace {

constexpr unsigned width = 80;
constexpr unsigned help_column = 26;

struct Example {
  std::string_view command;
  std::string_view what;
};
constexpr std::array examples{
    Example{"pipebench", "the article's ladder, in well under a minute"},
    Example{"pipebench --writer vmsplice --reader splice --cpus 0,1", "one pair on two CPUs"},
    Example{"pipebench --writer all --reader all --wait busy", "every pair that works"},
    Example{"pipebench --buffer-size 4K..1M --pages 4k,thp", "a sweep: the lists multiply"},
    Example{"pipebench --config sizes --output sizes.json", "a bundled config, kept"},
    Example{"pipebench --writer write --reader read --dry-run", "what would be measured"},
};

std::vector<std::string> groups_of(const std::vector<Option>& options) {
  std::vector<std::string> groups;
  for (const Option& option : options) {
    if (std::ranges::find(groups, option.group) == groups.end()) groups.push_back(option.group);
  }
  return groups;
}

std::string spelling(const Option& option) {
  return fmt::format("{}--{}{}", option.letter == '\0' ? "" : fmt::format("-{}, ", option.letter), option.name,
                     option.value_name.empty() ? "" : " " + option.value_name);
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

std::string explanation(const Option& option) {
  std::string text = option.help;
  if (option.scope == Scope::axis && !option.flag && !option.choices.empty()) text += ": " + joined(option.choices);
  if (!option.fallback.empty()) text += fmt::format(" [{}]", option.fallback);
  return text;
}

std::string entry(const std::string& left, const std::string& right) {
  std::string first = "  " + left;
  if (first.size() + 2 > help_column)
    return first + '\n' + wrap_text(right, width, help_column, std::string(help_column, ' '));
  first.resize(help_column, ' ');
  return wrap_text(right, width, help_column, first);
}

std::string option_entries(const std::vector<Option>& options) {
  std::string text;
  for (const std::string& group : groups_of(options)) {
    text += '\n' + wrap_text(group + ":", width, 0, "");
    for (const Option& option : options) {
      if (option.group == group) text += entry(spelling(option), explanation(option));
    }
  }
  return text;
}

// A leading dot or quote is an instruction in roff, a backslash an escape; '-' is a hyphen unless escaped.
std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '-') escaped += '\\';
    escaped += c;
  }
  return escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" + escaped : escaped;
}

constexpr std::string_view sizes_and_exit =
    "Sizes: 4096, 4K or 4KiB (1024), 4kB (1000), up to G. Durations: 250ms, 2s, 1m. CPU numbers are OS numbers, as in "
    "taskset. "
    "Exit status: 0 fine; 1 a case failed or results were lost; 2 the command line, a config or a file is wrong; "
    "130 or 143 interrupted, with everything measured so far saved.";

}  // namespace

std::string help_text(const Verb& verb) {
  if (verb.name != "run")
    return fmt::format("Usage: pipebench {} [OPTIONS]\n  {}\n{}", verb.name, verb.summary,
                       option_entries(verb.options()));
  std::string text = "pipebench measures how fast bytes move through a Linux pipe.\n\nExamples:\n";
  for (const Example& example : examples) text += fmt::format("  {}\n      {}\n", example.command, example.what);
  text += "\nUsage: pipebench [COMMAND] [OPTIONS]\n\nCommands:\n";
  for (const Verb& other : verbs()) text += entry(std::string(other.name), std::string(other.summary));
  return text + option_entries(verb.options()) + '\n' + wrap_text(std::string(sizes_and_exit), width, 0, "");
}

std::string version_text() {
  const Tool tool = this_tool();
  return fmt::format("pipebench {} ({}{}, {})\n", tool.version, tool.commit.empty() ? "" : tool.commit + ", ",
                     tool.compiler, tool.flags);
}

std::string man_page() {
  const Verb& run = verbs()[0];
  std::string text = fmt::format(".TH PIPEBENCH 1 \"\" \"pipebench {}\" \"User Commands\"\n", this_tool().version);
  text += ".SH NAME\npipebench \\- measures how fast bytes move through a Linux pipe\n";
  text += ".SH SYNOPSIS\n.B pipebench\n[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]\n.SH COMMANDS\n";
  for (const Verb& verb : verbs()) text += fmt::format(".TP\n.B {}\n{}\n", verb.name, roff(std::string(verb.summary)));
  text += ".SH OPTIONS\n";
  for (const std::string& group : groups_of(run.options())) {
    text += fmt::format(".SS {}\n", roff(group));
    for (const Option& option : run.options()) {
      if (option.group == group)
        text += fmt::format(".TP\n.B {}\n{}\n", roff(spelling(option)), roff(explanation(option)));
    }
  }
  text += ".SH EXAMPLES\n";
  for (const Example& example : examples)
    text += fmt::format(".TP\n.B {}\n{}\n", roff(std::string(example.command)), roff(std::string(example.what)));
  return text + ".SH NOTES\n" + roff(std::string(sizes_and_exit)) +
         "\n.SH SEE ALSO\npipe(7), vmsplice(2), splice(2), tee(2), taskset(1)\n";
}

std::string bash_completion() {
  std::string cases;
  std::string words;
  for (const Option& option : verbs()[0].options()) {
    words += " --" + option.name;
    if (option.value_name.empty()) continue;
    if (!option.choices.empty()) {
      std::string values;
      for (const auto choice : option.choices) values += (values.empty() ? "" : " ") + std::string(choice);
      cases +=
          fmt::format("    --{}) COMPREPLY=($(compgen -W '{}' -- \"$current\")); return ;;\n", option.name, values);
    } else if (option.value_name == "FILE") {
      cases += fmt::format("    --{}) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n", option.name);
    }
  }
  std::string names;
  for (const Verb& verb : verbs()) names += std::string(verb.name) + ' ';
  return fmt::format(
      "# bash completion for pipebench\n_pipebench() {{\n  local current=${{COMP_WORDS[COMP_CWORD]}} "
      "previous=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  case $previous in\n{}  esac\n  local words='{}'\n  [ \"$COMP_CWORD\" = 1 ] && words=\"{}$words\"\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}}\ncomplete -F _pipebench pipebench\n",
      cases, words, names);
}

std::string zsh_completion() {
  std::string text = "#compdef pipebench\n_arguments \\\n";
  for (const Option& option : verbs()[0].options()) {
    std::string help;
    for (const char c : option.help)
      help += c == '\''                          ? std::string("'\\''")
              : c == '[' || c == ']' || c == ':' ? fmt::format("\\{}", c)
                                                 : std::string(1, c);
    std::string value;
    if (!option.value_name.empty()) {
      std::string choices;
      for (const auto choice : option.choices) choices += (choices.empty() ? "" : " ") + std::string(choice);
      value = fmt::format(":{}:{}", option.value_name,
                          !choices.empty()              ? "(" + choices + ")"
                          : option.value_name == "FILE" ? "_files"
                                                        : "");
    }
    text += fmt::format("  '{}--{}[{}]{}' \\\n", option.repeatable ? "*" : "", option.name, help, value);
  }
  std::string names;
  for (const Verb& verb : verbs()) names += (names.empty() ? "" : " ") + std::string(verb.name);
  return text + fmt::format("  '1:command:({})'\n", names);
}

std::string fish_completion() {
  std::string text;
  for (const Verb& verb : verbs()) {
    text += fmt::format("complete -c pipebench -f -n __fish_use_subcommand -a {} -d '{}'\n", verb.name, verb.summary);
  }
  for (const Option& option : verbs()[0].options()) {
    std::string help;
    for (const char c : option.help) help += c == '\'' ? std::string("\\'") : std::string(1, c);
    std::string choices;
    for (const auto choice : option.choices) choices += (choices.empty() ? "" : " ") + std::string(choice);
    const std::string value = option.value_name.empty()     ? ""
                              : !choices.empty()            ? fmt::format(" -x -a '{}'", choices)
                              : option.value_name == "FILE" ? " -r"
                                                            : " -x";
    text += fmt::format("complete -c pipebench -l {}{} -d '{}'\n", option.name, value, help);
  }
  return text;
}

std::string key_tables() {
  std::string text;
  for (const KeyGroup& group : documented_keys()) {
    const bool nullable = std::ranges::any_of(group.keys, [](const KeyText& key) { return !key.null_when.empty(); });
    text += fmt::format("<!-- keys: {} -->\n| key | what it is |{}\n| --- | --- |{}\n", group.name,
                        nullable ? " `null` when |" : "", nullable ? " --- |" : "");
    for (auto key = group.keys.begin(); key != group.keys.end();) {
      // Neighbours of which the same is said share a row.
      const auto same = [&](const KeyText& other) {
        return other.meaning == key->meaning && other.null_when == key->null_when;
      };
      const auto end = std::find_if_not(key, group.keys.end(), same);
      std::string keys;
      for (auto each = key; each != end; ++each) keys += fmt::format("{}`{}`", keys.empty() ? "" : ", ", each->key);
      text += fmt::format("| {} | {} |", keys, key->meaning);
      if (nullable) text += key->null_when.empty() ? " |" : fmt::format(" {} |", key->null_when);
      text += '\n';
      key = end;
    }
    text += "<!-- end -->\n";
  }
  return text;
}

}  // namespace pipebench
