// No pipe, but something to compare with: a ring in memory that both ends map. No call of the kernel moves the bytes.
#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class CopyIntoRing {
 public:
  explicit CopyIntoRing(const EndSetup& setup)
      : buffers_(writer_buffers(setup)), pipes_(setup.exchange.pipes), sleeps_(setup.spec.wait == Wait::block) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    return pipes_[pipe.stripe].ring()->write(rest.data, rest.size, sleeps_);
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
  std::span<const Pipe> pipes_;
  bool sleeps_;
};

}  // namespace

extern const StrategyDescriptor writer_shm = {
    .info = {.name = "shm",
             .summary = "no pipe, to compare with: copies into a ring in shared memory",
             .role = Role::writer,
             .copies = 1,
             .touches = true,
             .reuse = Reuse::at_once,
             .uses = {.contiguous = true, .no_touch = true, .lock = true, .buffers = true},
             .transport = Transport::shared_memory,
             .partner = "shm",
             .system_call = "futex"},
    .make = make_end<Role::writer, CopyIntoRing>,
};

}  // namespace pipebench
