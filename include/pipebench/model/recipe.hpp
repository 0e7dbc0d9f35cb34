// How a program does in C what a strategy does: the part of a descriptor that is put together by report/recipe.hpp.
#pragma once

#include <string_view>

namespace pipebench {

/// Pieces of C11, each of whole lines but for `transfer`. They may use the constants SIZE and COUNT (bytes of a buffer,
/// and how many there are), PIPE (its capacity), PAGE, FLAGS (of splice(2) and vmsplice(2)), ALIGN and ADVICE (of
/// pages of the case's kind); a failure is `return -1;`. The buffers are `memory`, SIZE * COUNT bytes; of a reader
/// there is one.
struct Recipe {
  /// An expression: bytes, or -1 and errno. Writers: sends some of the `left` bytes that begin at `at` into `out`.
  /// Readers: takes up to SIZE bytes out of `in`. Empty: there is no recipe.
  std::string_view transfer = {};
  std::string_view setup = {};    ///< before the first transfer
  std::string_view renew = {};    ///< writers: before the buffer at `at` is filled
  std::string_view prepare = {};  ///< before each transfer
  std::string_view after = {};    ///< after each that moved `n` bytes
  bool in_file = false;           ///< `memory` is a mapping of a memfd, `file`
  [[nodiscard]] constexpr bool exists() const { return !transfer.empty(); }
};

}  // namespace pipebench
