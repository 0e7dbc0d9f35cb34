// Moves nothing: what remains is the price of the harness itself.
#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class NullWriter {
 public:
  explicit NullWriter(const CaseSpec& spec) : places_({.bytes = spec.buffer_bytes, .count = spec.buffers, .touch = false}) {}
  ssize_t step(int /*pipe*/, Piece rest) noexcept { return static_cast<ssize_t>(rest.size); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return places_; }

 private:
  BufferSet places_;
};

}  // namespace

extern const StrategyDescriptor writer_null = {
    .info = {.name = "null", .summary = "moves nothing; shows what the harness costs", .role = Role::writer, .moves_bytes = false},
    .probe = always_available,
    .make = make_end<Role::writer, NullWriter>,
};

}  // namespace pipebench
