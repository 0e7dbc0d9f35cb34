// No pipe, but something to compare with: a ring in memory that both ends map. No call of the kernel moves the bytes.
#include "pipebench/strategies/receiving.hpp"

namespace pipebench {
namespace {

class CopyOutOfRing : public Receiving {
 public:
  explicit CopyOutOfRing(const EndSetup& setup)
      : Receiving(setup), pipes_(setup.exchange.pipes), sleeps_(setup.spec.wait == Wait::block) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    return pipes_[pipe.stripe].ring()->read(buffer(), limit, sleeps_);
  }

 private:
  std::span<const Pipe> pipes_;
  bool sleeps_;
};

}  // namespace

extern const StrategyDescriptor reader_shm = {
    .info = receiving({.name = "shm",
                       .summary = "no pipe, to compare with: copies out of a ring in shared memory",
                       .role = Role::reader,
                       .transport = Transport::shared_memory,
                       .partner = "shm",
                       .system_call = "futex"}),
    .make = make_end<Role::reader, CopyOutOfRing>,
};

}  // namespace pipebench
