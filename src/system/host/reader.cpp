#include "system/host/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pipebench {

namespace fs = std::filesystem;

bool HostReader::exists(const std::string& file) const {
  std::error_code ignored;
  return fs::exists(path(file), ignored);
}

std::optional<std::string> HostReader::entry(const std::string& file, std::string_view key) const {
  std::ifstream stream(path(file));
  for (std::string line; std::getline(stream, line);) {
    const std::string_view text = line;
    if (text.starts_with(key) && text.substr(key.size()).starts_with(':'))
      return escaped(trim(text.substr(key.size() + 1)));
  }
  return std::nullopt;
}

std::optional<std::string> HostReader::choice(const std::string& file) const {
  const std::string text = line(file).value_or("");
  const auto open = text.find('[');
  const auto close = text.find(']', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) return std::nullopt;
  return text.substr(open + 1, close - open - 1);
}

std::vector<std::string> HostReader::names_in(const std::string& directory) const {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(path(directory), error), end; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::ranges::sort(names);
  return names;
}

std::optional<std::string> HostReader::wanted(std::string_view figure, const std::string& file,
                                              std::string_view consequence) {
  auto text = line(file);
  if (!text) missing(figure, file, consequence);
  return text;
}

std::optional<std::uint64_t> HostReader::wanted_number(std::string_view figure, const std::string& file,
                                                       std::string_view consequence) {
  const auto value = number(file);
  if (!value) missing(figure, file, consequence);
  return value;
}

void HostReader::missing(std::string_view figure, const std::string& file, std::string_view consequence) {
  add({.figures = {std::string(figure)},
       .what = fmt::format("{} {}.", file, exists(file) ? "cannot be read or understood" : "is not there"),
       .why = std::string(consequence)});
}

}  // namespace pipebench
