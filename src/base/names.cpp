#include "pipebench/base/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pipebench {
namespace {

/// Edit distance where a swap of neighbours counts one (optimal string alignment). Three rows of the table are
/// enough: a swap looks two back.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) current[j] = j;

  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(previous);
    previous.swap(current);
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
  }
  return current[b.size()];
}

/// Two edits turn any two letters into any other two, so at least one letter must survive.
[[nodiscard]] bool is_near(std::size_t distance, std::string_view given, std::string_view name) {
  return distance <= std::max<std::size_t>(2, name.size() / 3) && distance < std::min(given.size(), name.size());
}

/// More would not be read.
[[nodiscard]] std::string shortened(std::span<const std::string_view> names) {
  constexpr std::size_t most = 60;  // more than there are options
  const std::string text = joined(names.first(std::min(names.size(), most)));
  return names.size() > most ? fmt::format("{} and {} more", text, names.size() - most) : text;
}

}  // namespace

std::string_view nearest_name(std::string_view given, std::span<const std::string_view> known) {
  // Other programs accept the beginning of a name for the name.
  constexpr std::size_t least_beginning = 3;
  const auto begun = std::ranges::find_if(known, [&](std::string_view name) { return name.starts_with(given); });
  if (begun != known.end() && given.size() >= least_beginning) return *begun;
  std::string_view nearest;
  std::size_t nearest_distance = 0;
  for (const std::string_view name : known) {
    const std::size_t distance = edit_distance(given, name);
    if (!is_near(distance, given, name)) continue;
    if (nearest.empty() || distance < nearest_distance) {
      nearest = name;
      nearest_distance = distance;
    }
  }
  return nearest;
}

std::string unknown_name(std::string_view what, std::string_view kind, std::string_view given,
                         std::span<const std::string_view> known) {
  const std::string_view nearest = nearest_name(given, known);
  const std::string guess = nearest.empty() ? "." : fmt::format("; did you mean '{}'?", nearest);
  const std::string choice = known.empty() ? "" : fmt::format(" Known: {}.", shortened(known));
  return fmt::format("{}: unknown {} '{}'{}{}", what, kind, given, guess, choice);
}

// Not fmt::join, which for string_views makes g++ 12 with fmt 9 at -O3 warn wrongly (-Wstringop-overflow).
std::string joined(std::span<const std::string_view> parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view white_space = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

}  // namespace pipebench
