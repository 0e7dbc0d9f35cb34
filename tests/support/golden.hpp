// Comparing with the files in tests/golden/.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "source_directory.hpp"

namespace pipebench {

inline std::string read_text(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// PIPEBENCH_REWRITE_GOLDEN=1 writes the file anew: look at the difference before it is kept.
inline void expect_golden(const std::string& name, const std::string& text) {
  const std::string file = (tests_directory() / "golden" / name).string();
  if (std::getenv("PIPEBENCH_REWRITE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << text;
    GTEST_SKIP() << file << " is written anew";
  }
  EXPECT_EQ(text, read_text(file)) << "If that is meant, PIPEBENCH_REWRITE_GOLDEN=1 writes " << file << " anew.";
}

}  // namespace pipebench
