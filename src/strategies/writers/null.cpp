// Moves nothing: what remains is the cost of the harness itself. With --wait credit, a payload and a consumer it is two
// CPUs that share memory without a pipe: the upper bound for a pipe.
#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class NullWriter {
 public:
  explicit NullWriter(const EndSetup& setup) : buffers_(request(setup)) {
    setup.exchange.sent_from.store(buffers_.start(0), std::memory_order_release);
  }
  ssize_t step(PipeEnd /*pipe*/, Piece rest) noexcept { return static_cast<ssize_t>(rest.size); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  // Memory is needed only for a payload or a consumer; otherwise the buffers are not touched.
  static BufferRequest request(const EndSetup& setup) {
    BufferRequest wanted = writer_buffers(setup);
    wanted.contiguous = true;
    wanted.touch = setup.spec.payload != Payload::fixed || setup.spec.consume != Consume::none;
    return wanted;
  }

  BufferSet buffers_;
};

}  // namespace

extern const StrategyDescriptor writer_null = {
    .info = {.name = "null",
             .summary = "moves nothing; shows what the harness costs",
             .role = Role::writer,
             .uses = {.buffers = true},
             .moves_bytes = false},
    .make = make_end<Role::writer, NullWriter>,
};

}  // namespace pipebench
