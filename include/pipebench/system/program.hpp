// Another program at the other end of a pipe, started for a sample.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace pipebench {

/// A command that /bin/sh runs, in a process group of its own.
class Program {
 public:
  /// Starts it with `end` as its standard output if it `writes`, else as its standard input; /dev/null is the other one
  /// of the two, and stderr is shared. `place` is called in the new process, before the shell is; should it throw, the
  /// exit code is 126. The calling thread must be the only one of its process, because nothing after fork(2) releases
  /// locks of others. The shell, but not what it has started, dies when the calling thread does. Throws SystemError
  /// when there can be no more processes.
  Program(const std::string& command, int end, bool writes, const std::function<void()>& place);
  Program(Program&& other) noexcept;
  Program& operator=(Program&&) = delete;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();  ///< kills what is left of it

  /// How it ended, as the end of a sentence ("exited with code 3", "was ended by signal 11 (Segmentation fault)");
  /// empty when it exited with 0. Waits for that at most `patience_seconds`, then kills it: nullopt.
  [[nodiscard]] std::optional<std::string> end(double patience_seconds);

 private:
  pid_t group_ = -1;
};

}  // namespace pipebench
