// Moves nothing: what remains is the price of the harness itself. With --wait credit, a payload and a consumer it is
// two CPUs that share memory without any pipe: what a pipe can at best come near to.
#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class NullWriter {
 public:
  explicit NullWriter(const EndSetup& setup) : buffers_(request(setup)) {
    setup.exchange.sent_from.store(buffers_.start(0), std::memory_order_release);
  }
  ssize_t step(Lane /*lane*/, Piece rest) noexcept { return static_cast<ssize_t>(rest.size); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  // Only a payload needs memory; without one, the buffers are places that nobody touches.
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
