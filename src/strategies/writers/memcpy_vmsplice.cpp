// Copies each message into a ring of its own and vmsplices that: the contract of write(2) (the caller's buffer is free
// on return), with one copy in user space into hot huge pages instead of one in the kernel into pages it has to
// allocate.
#include <algorithm>
#include <cstring>

#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class MemcpyVmsplice {
 public:
  explicit MemcpyVmsplice(const EndSetup& setup)
      : buffers_(writer_buffers(setup)),
        chunk_(std::min<std::size_t>(round_to_page(setup.spec.buffer_bytes), largest_chunk)),
        ring_bytes_(bytes_between_uses(setup.spec) + 2 * chunk_),
        ring_({.bytes = ring_bytes_, .count = 1, .pages = setup.spec.pages}),
        flags_(splice_flags(setup.spec)) {}

  // A call that cannot send all that was copied keeps the rest: `staged_` bytes at `at_`.
  ssize_t step(Lane lane, Piece rest) noexcept {
    if (staged_ == 0) stage(rest);
    const ssize_t moved = send_pages(lane.pipe, {ring_.start(0) + at_, staged_}, flags_);
    if (moved > 0) {
      at_ += static_cast<std::size_t>(moved);
      staged_ -= static_cast<std::size_t>(moved);
    }
    return moved;
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  static constexpr std::size_t page = 4096;
  static constexpr std::size_t largest_chunk = 128 * 1024;  // stays in the second-level cache while it is sent
  static std::size_t round_to_page(std::size_t bytes) { return (bytes + page - 1) / page * page; }

  // What is sent after a page until a whole pipe's worth has followed it into its own pipe: the turns of the others
  // count too.
  static std::size_t bytes_between_uses(const CaseSpec& spec) {
    const std::size_t turns = (spec.granted_pipe_bytes() + spec.buffer_bytes - 1) / spec.buffer_bytes;
    return spec.granted_pipe_bytes() + turns * (spec.stripe - 1) * round_to_page(spec.buffer_bytes);
  }

  // Each chunk begins on a page of its own. When a chunk is written over an older one, all of the ring but the two has
  // been sent in between: enough to fill the pipe that the older one went into.
  void stage(Piece rest) noexcept {
    at_ = round_to_page(at_);
    if (at_ + chunk_ > ring_bytes_) at_ = 0;
    staged_ = std::min(rest.size, chunk_);
    std::memcpy(ring_.start(0) + at_, rest.data, staged_);
  }

  BufferSet buffers_;
  std::size_t chunk_;
  std::size_t ring_bytes_;
  BufferSet ring_;
  unsigned flags_;
  std::size_t at_ = 0;
  std::size_t staged_ = 0;
};

}  // namespace

extern const StrategyDescriptor writer_memcpy_vmsplice = {
    .info = {.name = "memcpy-vmsplice",
             .summary = "copies into a ring and vmsplices that: the contract of write, without its price",
             .role = Role::writer,
             .copies = 1,
             .touches = true,
             .reuse = Reuse::own_ring,
             .system_call = "vmsplice"},
    .probe = why_no_vmsplice,
    .make = make_end<Role::writer, MemcpyVmsplice>,
};

}  // namespace pipebench
