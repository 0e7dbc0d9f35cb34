// One place below a root directory to look things up, and to note what was not found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/model/finding.hpp"
#include "system/kernel_text.hpp"

namespace pipebench {

/// Files are named by their paths on a machine, "/proc/loadavg".
class HostReader {
 public:
  HostReader(std::filesystem::path root, std::vector<Finding>& findings)
      : root_(std::move(root)), findings_(findings) {}

  [[nodiscard]] std::filesystem::path path(const std::string& file) const { return root_ / file.substr(1); }
  [[nodiscard]] bool exists(const std::string& file) const;
  [[nodiscard]] std::optional<std::string> line(const std::string& file) const { return read_line(path(file)); }
  [[nodiscard]] std::optional<std::uint64_t> number(const std::string& file) const {
    return parse_number<std::uint64_t>(line(file).value_or(""));
  }
  /// What follows "KEY:" in a file of such lines: /proc/self/status, /proc/meminfo.
  [[nodiscard]] std::optional<std::string> entry(const std::string& file, std::string_view key) const;
  /// What is in brackets: "always [madvise] never".
  [[nodiscard]] std::optional<std::string> choice(const std::string& file) const;
  /// Names in a directory, sorted; none when it is missing.
  [[nodiscard]] std::vector<std::string> names_in(const std::string& directory) const;

  /// As `line`, with a finding when there is none: "governor: FILE is not there. The clock speed policy is unknown."
  [[nodiscard]] std::optional<std::string> wanted(std::string_view figure, const std::string& file,
                                                  std::string_view consequence);
  [[nodiscard]] std::optional<std::uint64_t> wanted_number(std::string_view figure, const std::string& file,
                                                           std::string_view consequence);
  void missing(std::string_view figure, const std::string& file, std::string_view consequence);
  void add(Finding finding) { findings_.push_back(std::move(finding)); }

 private:
  std::filesystem::path root_;
  std::vector<Finding>& findings_;
};

}  // namespace pipebench
