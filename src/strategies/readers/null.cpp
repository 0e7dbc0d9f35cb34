// Takes nothing: what remains is the cost of the harness itself. A consumer reads the writer's buffers in place.
#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class NullReader {
 public:
  explicit NullReader(const EndSetup& setup)
      : exchange_(setup.exchange), ring_bytes_(setup.spec.total_buffers() * setup.spec.buffer_bytes) {}
  ssize_t step(PipeEnd /*pipe*/, std::size_t limit) noexcept { return static_cast<ssize_t>(limit); }
  [[nodiscard]] const std::byte* seen(std::uint64_t offset) const noexcept {
    return exchange_.sent_from.load(std::memory_order_acquire) + offset % ring_bytes_;
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return nothing_; }

 private:
  Exchange exchange_;
  std::uint64_t ring_bytes_;
  BufferSet nothing_{{}};
};

}  // namespace

extern const StrategyDescriptor reader_null = {
    .info = {.name = "null",
             .summary = "takes nothing; shows what the harness costs",
             .role = Role::reader,
             .moves_bytes = false},
    .make = make_end<Role::reader, NullReader>,
};

}  // namespace pipebench
