// readv(2) with one element for each 4 KiB: what a program pays that scatters into blocks.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/vectors.hpp"

namespace pipebench {
namespace {

class Readv {
 public:
  explicit Readv(const CaseSpec& spec) : buffer_(reader_buffer(spec)), vector_(spec.buffer_bytes) {}
  ssize_t step(int pipe, std::size_t limit) noexcept {
    const auto elements = vector_.fill({buffer_.start(0), limit});
    return ::readv(pipe, elements.data(), static_cast<int>(elements.size()));
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffer_; }

 private:
  BufferSet buffer_;
  BlockVector vector_;
};

}  // namespace

extern const StrategyDescriptor reader_readv = {
    .info = {.name = "readv",
             .summary = "readv(2), one element per 4 KiB: scatters into blocks",
             .role = Role::reader,
             .copies = 1,
             .system_call = "readv"},
    .probe = always_available,
    .make = make_end<Role::reader, Readv>,
};

}  // namespace pipebench
