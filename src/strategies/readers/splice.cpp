// splice(2) to /dev/null: the pipe's slots are released; nobody looks at the bytes.
#include <fcntl.h>

#include "pipebench/base/error.hpp"
#include "pipebench/base/unique_fd.hpp"
#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class SpliceToNull {
 public:
  explicit SpliceToNull(const CaseSpec& spec)
      : nothing_({}),
        sink_(::open("/dev/null", O_WRONLY | O_CLOEXEC)),
        flags_((spec.wait == Wait::block ? 0U : SPLICE_F_NONBLOCK) | (spec.gift ? SPLICE_F_MOVE : 0U)) {
    if (!sink_) throw SystemError("open(/dev/null)", errno);
  }
  ssize_t step(int pipe, std::size_t limit) noexcept { return ::splice(pipe, nullptr, sink_.get(), nullptr, limit, flags_); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return nothing_; }

 private:
  BufferSet nothing_;
  UniqueFd sink_;
  unsigned flags_;
};

}  // namespace

extern const StrategyDescriptor reader_splice = {
    .info = {.name = "splice",
             .summary = "splice(2) to /dev/null: releases the pages unseen",
             .role = Role::reader,
             .copies = 0,
             .release = Release::discarded,
             .system_call = "splice"},
    .probe = always_available,
    .make = make_end<Role::reader, SpliceToNull>,
};

}  // namespace pipebench
