// readv(2) with one element for each 4 KiB: what a program that scatters into blocks pays.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/vectors.hpp"

namespace pipebench {
namespace {

class Readv {
 public:
  explicit Readv(const EndSetup& setup) : buffer_(reader_buffer(setup)), vector_(setup.spec.buffer_bytes) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    const auto elements = vector_.fill({buffer_.start(0), limit});
    return ::readv(pipe.fd, elements.data(), static_cast<int>(elements.size()));
  }
  [[nodiscard]] std::size_t asked() const noexcept { return vector_.asked(); }
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept { return buffer_.start(0); }
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
             .touches = true,
             .receives = true,
             .takes_skb = true,
             .uses = {.no_touch = true, .lock = true},
             .system_call = "readv"},
    .make = make_end<Role::reader, Readv>,
};

}  // namespace pipebench
