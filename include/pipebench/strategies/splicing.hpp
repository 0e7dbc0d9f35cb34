// What the strategies that move pages share.
#pragma once

#include <fcntl.h>
#include <sys/uio.h>

#include <cerrno>
#include <string>

#include "pipebench/strategies/loops.hpp"

namespace pipebench {

/// vmsplice(2) of one piece of memory into a pipe; bytes, or -1 and errno.
inline ssize_t send_pages(int pipe, Piece piece, unsigned flags) noexcept {
  const iovec element{.iov_base = piece.data, .iov_len = piece.size};
  return ::vmsplice(pipe, &element, 1, flags);
}

/// All of `piece`, into a pipe that has room for it. Throws SystemError.
void send_all_pages(const Pipe& pipe, Piece piece);

/// Repeats a call until it has moved all of `bytes`, which are there: `move(done, rest)` gives bytes, or -1 and errno.
/// Returns `bytes`, or -1 and errno.
template <class Move>
ssize_t move_all(ssize_t bytes, const Move& move) noexcept {
  for (ssize_t done = 0; done < bytes;) {
    const ssize_t moved = move(static_cast<std::size_t>(done), static_cast<std::size_t>(bytes - done));
    if (moved > 0) done += moved;
    if (moved < 0 && errno != EINTR && errno != EAGAIN) return -1;
  }
  return bytes;
}

/// Why vmsplice() does not take SPLICE_F_GIFT here, as a sentence; empty when it does.
[[nodiscard]] std::string why_no_gift();

/// Does vmsplice() on this kernel pass pages on, or a copy of them? Empty when it does not work at all.
[[nodiscard]] std::optional<bool> vmsplice_is_zero_copy();

/// Looks at what lies in a pipe without taking it out: tee(2) into a pipe of its own, and read(2) from there.
class Peek {
 public:
  /// Up to a buffer's bytes at once, out of pipes of the case's capacity.
  explicit Peek(const EndSetup& setup);
  /// Copies up to `limit` of the first bytes of `pipe`; their number, 0 at the end of file, or -1 and errno as tee().
  ssize_t look(int pipe, std::size_t limit, unsigned flags) noexcept;
  [[nodiscard]] const std::byte* data() const noexcept { return copy_.start(0); }

 private:
  Pipe probe_;
  BufferSet copy_;
};

/// For descriptors of readers that have a Peek when they verify.
[[nodiscard]] BufferRequest peek_buffer(const CaseSpec& spec, Purpose purpose, const PageSizes& sizes);

/// Opens /dev/null for writing. Throws SystemError.
[[nodiscard]] UniqueFd open_null();

}  // namespace pipebench
