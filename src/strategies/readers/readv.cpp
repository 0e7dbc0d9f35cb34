// readv(2) with one element for each 4 KiB: what a program that scatters into blocks pays.
#include "pipebench/strategies/receiving.hpp"
#include "pipebench/strategies/vectors.hpp"

namespace pipebench {
namespace {

class Readv : public Receiving {
 public:
  explicit Readv(const EndSetup& setup) : Receiving(setup), vector_(setup.spec.buffer_bytes) {}
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    const auto elements = vector_.fill({buffer(), limit});
    return ::readv(pipe.fd, elements.data(), static_cast<int>(elements.size()));
  }
  [[nodiscard]] std::size_t asked() const noexcept { return vector_.asked(); }

 private:
  BlockVector vector_;
};

constexpr Recipe recipe{
    .transfer = "readv(in, block, blocks)",
    .setup =
        "struct iovec block[SIZE / 4096 < 1024 ? SIZE / 4096 + 1 : 1024];\n"
        "int blocks = 0;\n"
        "for (size_t done = 0; done < SIZE && blocks < 1024; done += 4096)\n"
        "  block[blocks++] = (struct iovec){memory + done, SIZE - done < 4096 ? SIZE - done : 4096};\n"};

}  // namespace

extern const StrategyDescriptor reader_readv = {
    .info = receiving({.name = "readv",
                       .summary = "readv(2), one element per 4 KiB: scatters into blocks",
                       .role = Role::reader,
                       .system_call = "readv",
                       .recipe = recipe}),
    .make = make_end<Role::reader, Readv>,
};

}  // namespace pipebench
