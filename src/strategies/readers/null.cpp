// Takes nothing: what remains is the price of the harness itself.
#include "pipebench/strategies/loops.hpp"

namespace pipebench {
namespace {

class NullReader {
 public:
  explicit NullReader(const CaseSpec& /*spec*/) : nothing_({}) {}
  ssize_t step(int /*pipe*/, std::size_t limit) noexcept { return static_cast<ssize_t>(limit); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return nothing_; }

 private:
  BufferSet nothing_;
};

}  // namespace

extern const StrategyDescriptor reader_null = {
    .info = {.name = "null", .summary = "takes nothing; shows what the harness costs", .role = Role::reader, .moves_bytes = false},
    .probe = always_available,
    .make = make_end<Role::reader, NullReader>,
};

}  // namespace pipebench
