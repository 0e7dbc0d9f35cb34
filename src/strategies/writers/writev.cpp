// writev(2) with one element for each 4 KiB: what a program that gathers scattered blocks pays.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/vectors.hpp"

namespace pipebench {
namespace {

class Writev {
 public:
  explicit Writev(const EndSetup& setup) : buffers_(writer_buffers(setup)), vector_(setup.spec.buffer_bytes) {}
  ssize_t step(PipeEnd pipe, Piece rest) noexcept {
    const auto elements = vector_.fill(rest);
    return ::writev(pipe.fd, elements.data(), static_cast<int>(elements.size()));
  }
  [[nodiscard]] std::size_t asked() const noexcept { return vector_.asked(); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
  BlockVector vector_;
};

constexpr Recipe recipe{
    .transfer = "writev(out, block, blocks)",
    .prepare =
        "struct iovec block[SIZE / 4096 < 1024 ? SIZE / 4096 + 1 : 1024];\n"
        "int blocks = 0;\n"
        "for (size_t done = 0; done < left && blocks < 1024; done += 4096)\n"
        "  block[blocks++] = (struct iovec){at + done, left - done < 4096 ? left - done : 4096};\n"};

}  // namespace

extern const StrategyDescriptor writer_writev = {
    .info = {.name = "writev",
             .summary = "writev(2), one element per 4 KiB: gathers scattered blocks",
             .role = Role::writer,
             .copies = 1,
             .touches = true,
             .reuse = Reuse::at_once,
             .uses = {.contiguous = true, .no_touch = true, .lock = true, .buffers = true},
             .system_call = "writev",
             .recipe = recipe},
    .make = make_end<Role::writer, Writev>,
};

}  // namespace pipebench
