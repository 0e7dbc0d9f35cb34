#include "app/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/printable.hpp"

namespace pipebench {
namespace {

namespace po = boost::program_options;

constexpr std::string_view defaults_name = "defaults";
constexpr std::size_t largest_file = std::size_t{1} << 20U;

// Gives Boost one line at a time, so that an error can name the line.
class Parser {
 public:
  explicit Parser(const std::string& name) { config_.name = name; }

  void line(const std::string& text) {
    ++number_;
    if (const auto command = as_command(text)) return store(command->first, command->second);
    const std::string content(trim(text.substr(0, text.find('#'))));
    if (content.empty()) return;
    if (content.front() == '[') {
      open_section(content);
    } else {
      add_key(content);
    }
  }
  [[nodiscard]] Config take() {
    if (config_.sections.empty())
      throw UsageError(fmt::format("{}: no section; begin a group of cases with [NAME].", config_.name));
    return std::move(config_);
  }

 private:
  [[nodiscard]] std::string here() const { return fmt::format("{}:{}", config_.name, number_); }

  void open_section(const std::string& content) {
    const std::string name(trim(content.substr(1, content.size() - 2)));
    if (!content.ends_with(']') || name.empty())
      throw UsageError(fmt::format("{}: '{}' is not a section; write [NAME].", here(), content));
    if (has_control_characters(name))
      throw UsageError(
          fmt::format("{}: the section name '{}' has control characters; write it without.", here(), name));
    const auto [known, is_new] = lines_.try_emplace(name, number_);
    if (!is_new) {
      throw UsageError(fmt::format("{}: section [{}] is there already, on line {}; give one of them another name.",
                                   here(), name, known->second));
    }
    section_ = name;
    if (name != defaults_name) config_.sections.push_back({name, {}});
  }

  // The key and the value of a line whose value is a command. Boost would take a `#` in it for the beginning of a
  // comment.
  static std::optional<std::pair<std::string, std::string>> as_command(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string key(trim(text.substr(0, equals)));
    const auto option = std::ranges::find(run_options(), key, &Option::name);
    if (option == run_options().end() || !option->command) return std::nullopt;
    return std::pair(key, std::string(trim(text.substr(equals + 1))));
  }

  void add_key(const std::string& content) {
    std::istringstream stream(content);
    po::parsed_options parsed(nullptr);
    try {
      parsed = po::parse_config_file(stream, po::options_description{}, true);
    } catch (const po::error&) {
      throw UsageError(fmt::format("{}: '{}' is not valid in a config; write KEY = VALUE, [SECTION] or # COMMENT.",
                                   here(), content));
    }
    for (const po::option& given : parsed.options) store(given.string_key, given.value.at(0));
  }

  void store(const std::string& key, const std::string& value) {
    if (section_.empty())
      throw UsageError(
          fmt::format("{}: '{} = {}' comes before any section; begin one with [NAME].", here(), key, value));
    const std::string origin = fmt::format("{}: [{}] {}", here(), section_, key);
    const Option& option = find_option(key, origin);
    if (option.scope == Scope::run && section_ != defaults_name) {
      throw UsageError(fmt::format("{}: this applies to the whole run; put it in [{}] or on the command line.", origin,
                                   defaults_name));
    }
    OptionTexts& options = section_ == defaults_name ? config_.defaults : config_.sections.back().options;
    if (options.contains(key) && !option.repeatable)
      throw UsageError(fmt::format("{}: this section has that key already; give it once.", origin));
    options[key].push_back({.text = value, .origin = origin});
  }

  static const Option& find_option(const std::string& key, const std::string& origin) {
    std::vector<std::string_view> known;
    for (const Option& option : run_options()) {
      if (option.scope == Scope::cli) continue;
      if (option.name == key) return option;
      known.push_back(option.name);
    }
    throw UsageError(unknown_name(origin, "key", key, known));
  }

  Config config_;
  std::string section_;                                 // the one that lines belong to; empty: none yet
  std::unordered_map<std::string, std::size_t> lines_;  // where each section begins
  std::size_t number_ = 0;
};

std::string read_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    const int code = errno;
    std::vector<std::string_view> known;
    for (const BundledConfig& bundled : bundled_configs()) known.push_back(bundled.name);
    const auto nearest = nearest_name(file, known);
    throw UsageError(fmt::format("--config: '{}' is neither a readable file ({}) nor a bundled config.{} Bundled: {}.",
                                 file, describe_errno(code),
                                 nearest.empty() ? "" : fmt::format(" Did you mean '{}'?", nearest), joined(known)));
  }
  std::string text(largest_file + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) throw UsageError(fmt::format("--config: '{}' cannot be read: is it a directory?", file));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > largest_file)
    throw UsageError(fmt::format("--config: '{}' is larger than 1 MiB; no config is.", file));
  return text;
}

}  // namespace

Config parse_config(const std::string& text, const std::string& name) {
  Parser parser(name);
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // some editors begin a file with it
  const std::string_view content = text.starts_with(byte_order_mark) ? std::string_view(text).substr(3) : text;
  for (const std::string& line : split(content, '\n')) parser.line(line);
  return parser.take();
}

Config load_config(const std::string& name_or_file) {
  for (const BundledConfig& bundled : bundled_configs()) {
    if (bundled.name == name_or_file)
      return parse_config(std::string(bundled.text), fmt::format("{}.ini", bundled.name));
  }
  return parse_config(read_file(name_or_file), name_or_file);
}

std::string BundledConfig::summary() const {
  const auto first = text.substr(0, text.find('\n'));
  return std::string(trim(first.substr(std::min(first.find_first_not_of("# "), first.size()))));
}

}  // namespace pipebench
