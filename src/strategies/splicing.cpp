#include "pipebench/strategies/splicing.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <stdexcept>
#include <string_view>

#include "pipebench/base/error.hpp"
#include "pipebench/system/page_sizes.hpp"

namespace pipebench {

void send_all_pages(const Pipe& pipe, Piece piece) {
  while (piece.size > 0) {
    const ssize_t moved = send_pages(pipe.write_fd(), piece, SPLICE_F_NONBLOCK);
    if (moved <= 0)
      throw SystemError(fmt::format("vmsplice(pipe of {} bytes, {} bytes)", pipe.capacity(), piece.size), errno);
    piece = {piece.data + moved, piece.size - static_cast<std::size_t>(moved)};
  }
}

std::string why_no_gift() {
  const std::size_t bytes = page_sizes_here().base;
  const Pipe pipe(bytes, true);
  const BufferSet page({.bytes = bytes, .count = 1});
  if (send_pages(pipe.write_fd(), {page.start(0), bytes}, SPLICE_F_NONBLOCK | SPLICE_F_GIFT) > 0) return {};
  return fmt::format("vmsplice(SPLICE_F_GIFT) fails with {}; this kernel does not take gifts.", describe_errno(errno));
}

std::optional<bool> vmsplice_is_zero_copy() {
  const std::size_t bytes = page_sizes_here().base;
  const Pipe pipe(bytes, true);
  const BufferSet buffer({.bytes = bytes, .count = 1});
  *buffer.start(0) = std::byte{'a'};
  if (send_pages(pipe.write_fd(), {buffer.start(0), 1}, SPLICE_F_NONBLOCK) != 1) return std::nullopt;
  *buffer.start(0) = std::byte{'b'};
  std::byte arrived{};
  if (::read(pipe.read_fd(), &arrived, 1) != 1) return std::nullopt;
  return arrived == std::byte{'b'};
}

Peek::Peek(const EndSetup& setup)
    : probe_(*setup.spec.pipe_bytes, setup.spec.wait != Wait::block), copy_(further_buffer(setup)) {}

ssize_t Peek::look(int pipe, std::size_t limit, unsigned flags) noexcept {
  const ssize_t there = ::tee(pipe, probe_.write_fd(), limit, flags);
  return move_all(
      there, [&](std::size_t done, std::size_t rest) { return ::read(probe_.read_fd(), copy_.start(0) + done, rest); });
}

BufferRequest peek_buffer(const CaseSpec& spec, Purpose purpose, const PageSizes& /*sizes*/) {
  return {.bytes = spec.buffer_bytes, .count = purpose == Purpose::verify ? 1U : 0U};
}

// In containers it is sometimes missing, or a file that somebody made by writing to it, which would fill the disk.
UniqueFd open_null() {
  constexpr std::string_view mend = "as root: `rm -f /dev/null; mknod -m 666 /dev/null c 1 3`";
  UniqueFd sink(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!sink) throw std::runtime_error(fmt::format("/dev/null cannot be opened: {}; {}", describe_errno(errno), mend));
  struct stat status {};
  const bool is_null = ::fstat(sink.get(), &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
  if (!is_null) throw std::runtime_error(fmt::format("/dev/null is not the null device; {}", mend));
  return sink;
}

}  // namespace pipebench
