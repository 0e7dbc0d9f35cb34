// Where results go: stdout and files, without losing any.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.hpp"
#include "pipebench/base/unique_fd.hpp"
#include "pipebench/report/report.hpp"

namespace pipebench {

/// Writes to stdout, all of it, also where it has O_NONBLOCK. Throws SystemError (a full disk, a reader that went
/// away).
void print(const std::string& text);

/// Where stdout takes data: gives its descriptor, and lets what is printed go to stderr from now on. Throws UsageError
/// when that is closed.
[[nodiscard]] UniqueFd take_stdout();

/// Throws UsageError when nothing can be written to stdout: it is closed, or a pipe without a reader. A full disk
/// shows only when something is written.
void check_stdout();

/// A file of results, which may be written again and again and holds complete ones at every moment: they are written
/// beside it and synced, and then take its place. What is there keeps its owner, mode, ACL and links. Where that goes
/// only in place (a bind mount, a folder that takes no new file, several hard links, an owner that this user cannot
/// give), it is written in place, once there is room for it.
class OutputFile {
 public:
  /// Finds out what write() needs, and leaves nothing behind. Throws UsageError: an ending that no format has, a
  /// directory that does not exist or cannot be written, another user's link in a world-writable directory.
  explicit OutputFile(const std::string& path);
  /// The same for any ending; `option` is what errors call the option that names the file.
  OutputFile(const std::string& path, Render render, std::string_view option);

  /// Throws SystemError: a full disk, which leaves the file as it was. What broke off in place is whole in the copy
  /// beside it, if there could be one, and the error names that. A device or a FIFO gets one text after the other.
  void write(const Document& document, const View& view = {}) const;
  /// The same with a text that was rendered elsewhere.
  void write(const std::string& text) const;

  /// As write(), but does nothing where the file could only be written in place, as it is to hold complete results at
  /// every moment. For files that can_be_saved().
  void save(const Document& document) const;
  /// May it be written before the run is over? A device or a FIFO gets everything once.
  [[nodiscard]] bool can_be_saved() const noexcept { return can_be_read_ && !stream_; }
  /// As people call it.
  [[nodiscard]] const std::string& name() const noexcept { return given_; }
  /// Would one of them replace the other, whatever they are called? Not of devices and FIFOs.
  [[nodiscard]] bool is_same_as(const OutputFile& other) const;
  /// Would it replace the file that stdout goes to?
  [[nodiscard]] bool is_stdout() const;

 private:
  std::string given_;
  Render render_;
  bool can_be_read_ = false;
  std::filesystem::path path_;  ///< with links followed
  UniqueFd stream_;             ///< a device or a FIFO
};

/// The format of --format.
[[nodiscard]] const Format& format_named(const std::string& name);

/// How stdout shows things: as wide as its terminal.
[[nodiscard]] View stdout_view(const RunSettings& settings);

/// Prints what a command lists, in the format that its options ask for. Throws UsageError, SystemError.
void print_listing(const Listing& listing, const Invocation& invocation);

/// All places that results go to.
class Outputs {
 public:
  /// Opens the files. Throws UsageError, also for two that are the same.
  explicit Outputs(const RunSettings& settings);
  /// Writes the document to every file and to stdout. False: to some file it could not be written, which was said.
  /// Of a dry run, there are no samples to write. Throws SystemError when stdout cannot be written.
  [[nodiscard]] bool deliver(const Document& document);
  /// Is there a file that save() writes?
  [[nodiscard]] bool can_save() const;
  /// Writes the document of a run that goes on to the files that can be read again. Throws SystemError.
  void save(const Document& document) const;

 private:
  void refuse_same(const OutputFile& file, std::string_view option) const;

  const RunSettings& settings_;
  std::vector<OutputFile> files_;
  std::optional<OutputFile> folded_;
};

}  // namespace pipebench
