// Where results go: stdout and files, without losing any.
#pragma once

#include <string>
#include <vector>

#include "pipebench/base/unique_fd.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

/// Writes to stdout, all of it. Throws SystemError (a full disk, a reader that went away).
void print(const std::string& text);

/// Throws UsageError when nothing can be written to stdout: it is closed, or a pipe that nobody reads. A full disk
/// shows only when something is written.
void check_stdout();

/// A file that will hold results. Opened before anything is measured, so that a path that cannot be written is found
/// then; a regular file is replaced only when its successor is complete.
class OutputFile {
 public:
  /// Throws UsageError: an ending that no format has, a directory that does not exist or cannot be written.
  explicit OutputFile(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  /// Removes what is unfinished.
  ~OutputFile();

  /// Writes the results and puts the file into its place. Throws SystemError.
  void write(const Document& document);

 private:
  void open_beside();

  std::string path_;
  std::string temporary_;  ///< empty: written in place (a device, a FIFO), or done
  UniqueFd file_;
  const Format* format_ = nullptr;
};

}  // namespace pipebench
