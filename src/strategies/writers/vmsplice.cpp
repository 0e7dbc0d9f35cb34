// vmsplice(2): the pipe refers to the buffer's own pages; nothing is copied.
#include <fcntl.h>
#include <sys/uio.h>

#include "pipebench/base/error.hpp"
#include "pipebench/strategies/loops.hpp"
#include "pipebench/system/pipe.hpp"

namespace pipebench {
namespace {

class Vmsplice {
 public:
  explicit Vmsplice(const CaseSpec& spec)
      : buffers_(writer_buffers(spec)),
        // vmsplice() does not look at O_NONBLOCK.
        flags_((spec.wait == Wait::block ? 0U : SPLICE_F_NONBLOCK) | (spec.gift ? SPLICE_F_GIFT : 0U)) {}
  ssize_t step(int pipe, Piece rest) noexcept {
    const iovec element{.iov_base = rest.data, .iov_len = rest.size};
    return ::vmsplice(pipe, &element, 1, flags_);
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
  unsigned flags_;
};

// Seccomp profiles of containers refuse vmsplice with EPERM or ENOSYS.
std::string probe() {
  const Pipe pipe(4096, true);
  char byte = 'x';
  const iovec element{.iov_base = &byte, .iov_len = 1};
  if (::vmsplice(pipe.write_fd(), &element, 1, SPLICE_F_NONBLOCK) == 1) return {};
  return "vmsplice() fails with " + describe_errno(errno) + "; a seccomp profile or the kernel forbids it.";
}

}  // namespace

extern const StrategyDescriptor writer_vmsplice = {
    .info = {.name = "vmsplice",
             .summary = "vmsplice(2): the pipe refers to the buffer's own pages",
             .role = Role::writer,
             .copies = 0,
             .reuse = Reuse::after_pipe,
             .whole_pages = true,
             .system_call = "vmsplice"},
    .probe = probe,
    .make = make_end<Role::writer, Vmsplice>,
};

}  // namespace pipebench
