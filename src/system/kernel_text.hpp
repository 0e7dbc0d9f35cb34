// Small texts under /proc and /sys. Reading them never throws: no run ends because one is missing.
#pragma once

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/base/names.hpp"
#include "pipebench/base/printable.hpp"

namespace pipebench {

/// The text before the first `end`, escaped (firmware tables hold anything), without white space at its ends; empty
/// when the file is missing, unreadable or blank.
[[nodiscard]] inline std::optional<std::string> read_until(const std::filesystem::path& file, char end) {
  std::ifstream stream(file);
  std::string text;
  if (!std::getline(stream, text, end)) return std::nullopt;
  text = escaped(trim(text));
  if (text.empty()) return std::nullopt;
  return text;
}
[[nodiscard]] inline std::optional<std::string> read_line(const std::filesystem::path& file) {
  return read_until(file, '\n');
}
/// Of a property of a device tree, which is a list of strings.
[[nodiscard]] inline std::optional<std::string> read_first_string(const std::filesystem::path& file) {
  return read_until(file, '\0');
}

/// What follows "KEY:" in a line of `root`/proc/self/status; empty where there is none.
[[nodiscard]] inline std::string status_entry(const std::filesystem::path& root, std::string_view key) {
  std::ifstream status(root / "proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key) && line.substr(key.size()).starts_with(':'))
      return std::string(trim(std::string_view(line).substr(key.size() + 1)));
  }
  return {};
}

/// The whole of `text` as a number; empty otherwise.
template <class Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// CPU numbers of a kernel list such as "0-3,8" (cpuset(7), "List format"); empty when it is not one.
[[nodiscard]] inline std::optional<std::vector<int>> parse_cpu_list(std::string_view text) {
  constexpr int largest = 65535;  // far above any kernel's NR_CPUS; bounds what a strange file can make us allocate
  std::vector<int> cpus;
  for (const std::string& part : split(text, ',')) {
    const auto dash = part.find('-');
    const auto first = parse_number<int>(std::string_view(part).substr(0, dash));
    const auto last = dash == std::string::npos ? first : parse_number<int>(std::string_view(part).substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first || *last > largest) return std::nullopt;
    for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace pipebench
