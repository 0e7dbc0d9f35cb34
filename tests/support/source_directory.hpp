// Where the tests' files lie: golden files, recordings.
#pragma once

#include <filesystem>

namespace pipebench {

/// tests/ in the source tree.
[[nodiscard]] std::filesystem::path tests_directory();

}  // namespace pipebench
