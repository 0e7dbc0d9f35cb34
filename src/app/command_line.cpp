#include "app/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>

#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/plural.hpp"

namespace pipebench {
namespace {

namespace po = boost::program_options;

constexpr auto operand = "an operand";  // no option can have this name

po::options_description describe(const std::vector<Option>& options) {
  po::options_description description;
  for (const Option& option : options) {
    const std::string spelling = option.letter == '\0' ? option.name : fmt::format("{},{}", option.name, option.letter);
    auto* value = po::value<std::vector<std::string>>();
    description.add_options()(spelling.c_str(), option.flag ? value->implicit_value({"on"}, "on") : value, "");
  }
  description.add_options()(operand, po::value<std::vector<std::string>>(), "");
  return description;
}

std::vector<std::string_view> names_of(const std::vector<Option>& options) {
  std::vector<std::string_view> names;
  for (const Option& option : options) names.push_back(option.name);
  return names;
}

std::string see_help(const Command& command) {
  const bool is_default = &command == all_commands().front();
  return fmt::format("See `pipebench {}--help`.", is_default ? "" : fmt::format("{} ", command.name));
}

std::string unknown_option(const Command& command, std::string given) {
  given = given.substr(0, given.find('='));
  const auto bare = given.substr(std::min(given.find_first_not_of('-'), given.size()));
  const Command& run = *all_commands().front();
  if (&command != &run && std::ranges::count(run.options(), bare, &Option::name) > 0)
    return fmt::format("{} is an option of `pipebench {}`, not of `pipebench {}`. {}", given, run.name, command.name,
                       see_help(command));
  const auto names = names_of(command.options());
  const auto nearest = nearest_name(bare, names);
  std::string advice;
  if (!nearest.empty()) advice = fmt::format(" Did you mean '--{}'?", nearest);
  if (command.operands.most > 0)
    advice += fmt::format(" A file of that name is given as './{}', or after '--'.", given);
  return fmt::format("Unknown option '{}' of `pipebench {}`.{} {}", given, command.name, advice, see_help(command));
}

std::vector<po::option> parse(const Command& command, const std::vector<std::string>& arguments) try {
  using namespace po::command_line_style;
  const po::options_description description = describe(command.options());
  po::positional_options_description positional;
  positional.add(operand, -1);
  constexpr int style =
      allow_long | long_allow_adjacent | long_allow_next | allow_short | short_allow_next | allow_dash_for_short;
  return po::command_line_parser(arguments).options(description).positional(positional).style(style).run().options;
} catch (const po::unknown_option& error) {
  throw UsageError(unknown_option(command, error.get_option_name()));
} catch (const po::invalid_command_line_syntax& error) {
  throw UsageError(fmt::format("{} needs a value. {}", error.get_option_name(), see_help(command)));
} catch (const po::error& error) {
  throw UsageError(fmt::format("{}. {}", error.what(), see_help(command)));
}

void add(OptionTexts& options, const Command& command, const po::option& given) {
  const std::string& name = given.string_key;
  const Option& option = *std::ranges::find(command.options(), name, &Option::name);
  // Boost takes whatever comes next as the value.
  if (given.original_tokens.size() > 1 && given.value.at(0).starts_with("--"))
    throw UsageError(fmt::format("--{} needs a value, but '{}' follows. {}", name, given.value[0], see_help(command)));
  if (options.contains(name) && !option.repeatable) {
    throw UsageError(fmt::format("--{} is given twice; give it once{}.", name,
                                 option.takes_list() ? ", with a comma list for several values" : ""));
  }
  const Setting setting{.text = given.value.empty() ? "on" : given.value[0], .origin = "--" + name};
  // Lists are looked at where they are taken apart.
  const bool is_choice = !option.choices.empty() && !option.takes_list();
  if (is_choice && std::ranges::find(option.choices, trim(setting.text)) == option.choices.end())
    throw UsageError(unknown_name(setting.origin, "value", setting.text, option.choices));
  options[name].push_back(setting);
}

void check_operands(const Command& command, const std::vector<std::string>& operands) {
  const Operands& takes = command.operands;
  if (takes.most == 0 && !operands.empty()) {
    throw UsageError(fmt::format("unexpected argument '{}'; `pipebench {}` takes options alone. {}", operands[0],
                                 command.name, see_help(command)));
  }
  if (operands.size() < takes.least || operands.size() > takes.most) {
    const bool few = operands.size() < takes.least;
    const std::size_t limit = few ? takes.least : takes.most;
    throw UsageError(fmt::format("`pipebench {}` takes at {} {}, but got {}. {}", command.name, few ? "least" : "most",
                                 counted(limit, takes.name), operands.size(), see_help(command)));
  }
}

const Command& find_command(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Command* command : all_commands()) {
    if (command->name == name) return *command;
    known.push_back(command->name);
  }
  throw UsageError(unknown_name("Command line", "command", name, known) + " See `pipebench --help`.");
}

}  // namespace

Invocation parse_arguments(const Command& command, const std::vector<std::string>& arguments) {
  Invocation invocation{.command = &command, .options = {}, .operands = {}, .typed = arguments};
  for (const po::option& given : parse(command, arguments)) {
    if (given.string_key == operand) {
      invocation.operands.push_back(given.value.at(0));
    } else {
      add(invocation.options, command, given);
    }
  }
  // With --help, operands may be missing.
  if (!invocation.options.contains("help")) check_operands(command, invocation.operands);
  return invocation;
}

Invocation parse_command_line(const std::vector<std::string>& arguments) {
  const bool named = !arguments.empty() && !arguments[0].starts_with('-');
  const Command& command = named ? find_command(arguments[0]) : *all_commands().front();
  Invocation invocation = parse_arguments(command, {arguments.begin() + (named ? 1 : 0), arguments.end()});
  invocation.typed = arguments;
  return invocation;
}

}  // namespace pipebench
