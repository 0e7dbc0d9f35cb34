// tee(2) from a template pipe that is filled once: only references move, and always to the same pages.
#include "pipebench/strategies/kept_pages.hpp"

namespace pipebench {
namespace {

class Tee {
 public:
  explicit Tee(const EndSetup& setup)
      : pages_(setup),
        template_(setup.info.kept_pipe_bytes(setup.spec, setup.page_sizes), setup.spec.wait != Wait::block),
        flags_(splice_flags(setup.spec)) {
    pages_.put_into(template_, 0);
  }
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    const ssize_t moved = ::tee(template_.read_fd(), pipe.fd, rest.size, flags_);
    if (moved != 0) [[likely]]
      return moved;
    errno = EAGAIN;  // another writer filled the pipe after tee() had waited for room (link_pipe() in fs/splice.c)
    return -1;
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return pages_.buffers(); }
  [[nodiscard]] std::optional<ObtainedPages> obtained_pages(const Smaps& smaps) const {
    return pages_.obtained_pages(smaps);
  }

 private:
  KeptPages pages_;
  Pipe template_;
  unsigned flags_;
};

std::uint64_t template_bytes(const CaseSpec& spec, const PageSizes& sizes) {
  return pipe_bytes_to_keep(1, spec, sizes);
}

}  // namespace

extern const StrategyDescriptor writer_tee = {
    .info = {.name = "tee",
             .summary = "tee(2) from a pipe that is filled once: sends the same pages again and again",
             .role = Role::writer,
             .replay = true,
             .reuse = Reuse::after_pipe,
             .whole_pages = true,
             .takes_skb = true,
             .uses = {.no_touch = true, .lock = true},
             .kept_pipe_bytes = template_bytes,
             .system_call = "tee"},
    .make = make_end<Role::writer, Tee>,
};

}  // namespace pipebench
