#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/text.hpp"
#include "app/version.hpp"
#include "pipebench/base/names.hpp"
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
    Example{"pipebench profile --writer write --reader read", "what the time of both ends goes to"},
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

std::string explanation(const Option& option) {
  std::string text = option.help;
  if (option.scope == Scope::axis && !option.flag && !option.choices.empty())
    text += fmt::format(": {}", fmt::join(option.choices, ", "));
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

// roff takes a dot or a quote at the start of a line for a request, a backslash for an escape, '-' for a hyphen, and
// quotes for those of print: what people copy has to be ASCII (groff_char(7)).
std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '\\':
        escaped += "\\e";
        break;
      case '-':
        escaped += "\\-";
        break;
      case '\'':
        escaped += "\\(aq";
        break;
      case '`':
        escaped += "\\(ga";
        break;
      case '"':
        escaped += "\\(dq";
        break;
      case '^':
        escaped += "\\(ha";
        break;
      case '~':
        escaped += "\\(ti";
        break;
      default:
        escaped += c;
    }
  }
  return escaped.starts_with('.') ? "\\&" + escaped : escaped;
}

std::string roff_options(const std::vector<Option>& options) {
  std::string text;
  for (const std::string& group : groups_of(options)) {
    text += fmt::format(".SS {}\n", roff(group));
    for (const Option& option : options) {
      if (option.group == group)
        text += fmt::format(".TP\n.B {}\n{}\n", roff(spelling(option)), roff(explanation(option)));
    }
  }
  return text;
}

// " FILE", " FILE FILE...", " [FILE...]"
std::string operands_text(const Operands& operands) {
  std::string text;
  for (std::size_t i = 0; i < operands.least; ++i) text += fmt::format(" {}", operands.name);
  if (operands.most > operands.least) text += fmt::format(" [{}...]", operands.name);
  return text;
}

constexpr std::string_view sizes_and_exit =
    "Sizes: 4096, 4K or 4KiB (1024), 4kB (1000), up to G. Durations: 250ms, 2s, 1m. CPU numbers are OS numbers, as in "
    "taskset. "
    "Exit status: 0 fine; 1 a case failed or results were lost; 2 the command line, a config or a file is wrong; "
    "130 or 143 interrupted, with everything measured so far saved.";

}  // namespace

std::string help_text(const Command& command) {
  if (&command != all_commands().front())
    return fmt::format("Usage: pipebench {}{} [OPTIONS]\n{}{}", command.name, operands_text(command.operands),
                       wrap_text(std::string(command.summary), width, 2, "  "), option_entries(command.options()));
  std::string text = "pipebench measures how fast bytes move through a Linux pipe.\n\nExamples:\n";
  for (const Example& example : examples) text += fmt::format("  {}\n      {}\n", example.command, example.what);
  text += "\nUsage: pipebench [COMMAND] [OPTIONS]\n\nCommands:\n";
  for (const Command* other : all_commands()) text += entry(std::string(other->name), std::string(other->summary));
  return text + option_entries(command.options()) + '\n' + wrap_text(std::string(sizes_and_exit), width, 0, "");
}

std::string version_text() {
  const Tool tool = this_tool();
  return fmt::format("pipebench {} ({}{}, {})\n", tool.version, tool.commit.empty() ? "" : tool.commit + ", ",
                     tool.compiler, tool.flags);
}

std::string man_page() {
  std::string text = fmt::format(".TH PIPEBENCH 1 \"\" \"pipebench {}\" \"User Commands\"\n", this_tool().version);
  text += ".SH NAME\npipebench \\- measures how fast bytes move through a Linux pipe\n";
  text += ".SH SYNOPSIS\n.B pipebench\n[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]\n.SH COMMANDS\n";
  for (const Command* command : all_commands()) {
    text += fmt::format(".TP\n.B {}{}\n{}\n", command->name, roff(operands_text(command->operands)),
                        roff(std::string(command->summary)));
  }
  for (const Command* command : all_commands())
    text += fmt::format(".SH OPTIONS OF {}\n", command->name) + roff_options(command->options());
  text += ".SH EXAMPLES\n";
  for (const Example& example : examples)
    text += fmt::format(".TP\n.B {}\n{}\n", roff(std::string(example.command)), roff(std::string(example.what)));
  return text + ".SH NOTES\n" + roff(std::string(sizes_and_exit)) +
         "\n.SH SEE ALSO\npipe(7), vmsplice(2), splice(2), tee(2), taskset(1)\n";
}

}  // namespace pipebench
