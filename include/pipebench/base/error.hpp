// The two kinds of errors that a user can do something about, and what is thrown when work is cancelled.
#pragma once

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pipebench {

/// What the user gave (command line, config, file) cannot be used. The text is one or more whole
/// sentences: what was given, what is allowed, what to do. `main` prints it and exits with 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A system call failed. The text names the call, its arguments and errno's name and meaning.
class SystemError : public std::runtime_error {
 public:
  /// `call` as in source code: "fcntl(pipe, F_SETPIPE_SZ, 2097152)". `code` is an errno value.
  SystemError(std::string_view call, int code);
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

/// Work was cancelled because its result is no longer needed. Not to be reported.
class Cancelled : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "cancelled"; }
};

/// "EPERM (Operation not permitted)".
[[nodiscard]] std::string describe_errno(int code);

}  // namespace pipebench
