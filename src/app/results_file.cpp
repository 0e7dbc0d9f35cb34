#include "app/results_file.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <span>
#include <system_error>

#include "pipebench/base/error.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/model/json.hpp"

namespace pipebench {

Document read_results(const std::string& path) {
  const bool is_stdin = path == "-";
  std::ifstream file;
  if (!is_stdin) {
    errno = 0;
    file.open(path, std::ios::binary);
    // A folder opens, and fails when it is read.
    if (!file || (file.peek() == std::ifstream::traits_type::eof() && file.bad()))
      throw UsageError(fmt::format("'{}' cannot be read: {}.", path, std::generic_category().message(errno)));
  }
  ReadDocument read = read_json(is_stdin ? std::cin : file, is_stdin ? "standard input" : path);
  constexpr std::size_t most_named = 20;
  if (!read.unknown_keys.empty())
    spdlog::warn("{}: {} that this version does not know, left out: {}", path, counted(read.unknown_keys.size(), "key"),
                 fmt::join(std::span(read.unknown_keys).first(std::min(most_named, read.unknown_keys.size())), ", "));
  return std::move(read.document);
}

std::vector<Document> read_all_results(const std::vector<std::string>& paths) {
  if (std::ranges::count(paths, "-") > 1) throw UsageError("Standard input ('-') can be read once; it is given twice.");
  std::vector<Document> documents;
  for (const std::string& path : paths) documents.push_back(read_results(path));
  return documents;
}

}  // namespace pipebench
