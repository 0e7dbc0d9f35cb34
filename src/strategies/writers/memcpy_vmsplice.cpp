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
        page_(setup.page_sizes.base),
        chunk_(setup.spec.copy_chunk_bytes(setup.page_sizes)),
        ring_bytes_(setup.spec.copy_ring_bytes(setup.page_sizes)),
        ring_(further_buffer(setup)),
        flags_(splice_flags(setup.spec)) {}

  // Each chunk begins on a page of its own. A call that cannot send all that was copied keeps the rest: `staged_` bytes
  // at `at_`.
  void stage(Piece rest) noexcept {
    if (staged_ > 0) return;
    at_ = round_up(at_, page_);
    if (at_ + chunk_ > ring_bytes_) at_ = 0;
    staged_ = std::min(rest.size, chunk_);
    std::memcpy(ring_.start(0) + at_, rest.data, staged_);
  }
  ssize_t step(Lane lane, Piece /*rest*/) noexcept {
    asked_ = staged_;
    const ssize_t moved = send_pages(lane.pipe, {ring_.start(0) + at_, staged_}, flags_);
    if (moved > 0) {
      at_ += static_cast<std::size_t>(moved);
      staged_ -= static_cast<std::size_t>(moved);
    }
    return moved;
  }
  [[nodiscard]] std::size_t asked() const noexcept { return asked_; }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  BufferSet buffers_;
  std::size_t page_;
  std::size_t chunk_;
  std::size_t ring_bytes_;
  BufferSet ring_;
  unsigned flags_;
  std::size_t at_ = 0;
  std::size_t staged_ = 0;
  std::size_t asked_ = 0;
};

BufferRequest ring_of(const CaseSpec& spec, Purpose /*purpose*/, const PageSizes& sizes) {
  return {.bytes = spec.copy_ring_bytes(sizes), .count = 1, .pages = spec.pages};
}

}  // namespace

extern const StrategyDescriptor writer_memcpy_vmsplice = {
    .info = {.name = "memcpy-vmsplice",
             .summary = "copies into a ring and vmsplices that: the contract of write, without its price",
             .role = Role::writer,
             .copies = 1,
             .touches = true,
             .reuse = Reuse::own_ring,
             .further = ring_of,
             .system_call = "vmsplice"},
    .make = make_end<Role::writer, MemcpyVmsplice>,
};

}  // namespace pipebench
