#include "app/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>

#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"

namespace pipebench {
namespace {

namespace po = boost::program_options;

constexpr auto stray = "stray argument";  // no option can be named so

po::options_description describe(const std::vector<Option>& options) {
  po::options_description description;
  for (const Option& option : options) {
    const std::string spelling = option.letter == '\0' ? option.name : fmt::format("{},{}", option.name, option.letter);
    auto* value = po::value<std::vector<std::string>>();
    description.add_options()(spelling.c_str(), option.flag ? value->implicit_value({"on"}, "on") : value, "");
  }
  description.add_options()(stray, po::value<std::vector<std::string>>(), "");
  return description;
}

std::vector<std::string_view> names_of(const std::vector<Option>& options) {
  std::vector<std::string_view> names;
  for (const Option& option : options) names.push_back(option.name);
  return names;
}

std::string unknown_option(const Verb& verb, std::string given) {
  given = given.substr(0, given.find('='));
  const auto bare = given.substr(std::min(given.find_first_not_of('-'), given.size()));
  const auto names = names_of(verb.options());
  const auto nearest = nearest_name(bare, names);
  return fmt::format("Unknown option '{}' of `pipebench {}`.{} See `pipebench {}--help`.", given, verb.name,
                     nearest.empty() ? "" : fmt::format(" Did you mean '--{}'?", nearest),
                     verb.name == "run" ? "" : fmt::format("{} ", verb.name));
}

std::vector<po::option> parse(const Verb& verb, const std::vector<std::string>& arguments) try {
  using namespace po::command_line_style;
  const po::options_description description = describe(verb.options());
  po::positional_options_description positional;
  positional.add(stray, -1);
  constexpr int style =
      allow_long | long_allow_adjacent | long_allow_next | allow_short | short_allow_next | allow_dash_for_short;
  return po::command_line_parser(arguments).options(description).positional(positional).style(style).run().options;
} catch (const po::unknown_option& error) {
  throw UsageError(unknown_option(verb, error.get_option_name()));
} catch (const po::invalid_command_line_syntax& error) {
  throw UsageError(fmt::format("{} needs a value. See `pipebench --help`.", error.get_option_name()));
} catch (const po::error& error) {
  throw UsageError(fmt::format("{}. See `pipebench --help`.", error.what()));
}

void add(Layer& layer, const Verb& verb, const po::option& given) {
  const std::string& name = given.string_key;
  if (name == stray) {
    throw UsageError(fmt::format(
        "'{}' stands alone: it belongs to no option, and `pipebench {}` takes no arguments. See `pipebench --help`.",
        given.value.at(0), verb.name));
  }
  const auto& options = verb.options();
  const Option& option = *std::ranges::find(options, name, &Option::name);
  // Boost takes whatever comes next for the value.
  if (given.original_tokens.size() > 1 && given.value.at(0).starts_with("--")) {
    throw UsageError(
        fmt::format("--{} needs a value, but '{}' follows. See `pipebench --help`.", name, given.value[0]));
  }
  if (layer.contains(name) && !option.repeatable) {
    throw UsageError(fmt::format("--{} is given twice; give it once{}.", name,
                                 option.scope == Scope::axis ? ", with a comma list for several values" : ""));
  }
  layer[name].push_back({.text = given.value.empty() ? "on" : given.value[0], .origin = "--" + name});
}

const Verb& find_verb(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Verb& verb : verbs()) {
    if (verb.name == name) return verb;
    known.push_back(verb.name);
  }
  throw UsageError(unknown_name("Command line", "command", name, known) + " See `pipebench --help`.");
}

}  // namespace

Request parse_command_line(const std::vector<std::string>& arguments) {
  const bool named = !arguments.empty() && !arguments[0].starts_with('-');
  const Verb& verb = find_verb(named ? arguments[0] : "run");
  Request request{.command = &verb, .arguments = {}};
  for (const po::option& given : parse(verb, {arguments.begin() + (named ? 1 : 0), arguments.end()}))
    add(request.arguments, verb, given);
  return request;
}

}  // namespace pipebench
