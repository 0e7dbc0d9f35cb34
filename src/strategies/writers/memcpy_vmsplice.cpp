// Copies each message into a ring of its own and vmsplices that. It keeps the contract of write(2), the caller's buffer
// is free on return, but copies once in user space into hot huge pages, where write(2) copies in the kernel into pages
// that it has to allocate.
#include <algorithm>
#include <cstring>

#include "pipebench/base/rounding.hpp"
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

// The ring is divided into places of one chunk. Buffers are cut into as few chunks as possible, of whole pages and one
// size, but for the last.
class CopyRing {
 public:
  CopyRing(const CaseSpec& spec, const PageSizes& sizes)
      : page_(sizes.base),
        stripes_(spec.stripe),
        pipe_(*spec.pipe_bytes),
        buffer_(round_up(spec.buffer_bytes, page_)),
        chunks_(divide_up(buffer_, largest_chunk)),
        chunk_(round_up(divide_up(buffer_, chunks_), page_)) {
    chunks_ = divide_up(buffer_, chunk_);
    // A place is written to again when all the others have been sent after it: more than the pipes hold.
    places_ = most_chunks(in_pipes()) + 2;
    // A reader that passes pages on sees that at once, or never: it must not depend on which end is faster.
    if (!is_overrun_at_once()) places_ = std::max(places_, most_chunks(in_pipes() + held() - page_) + 2);
  }
  [[nodiscard]] std::uint64_t chunk_bytes() const { return chunk_; }
  [[nodiscard]] std::uint64_t bytes() const { return places_ * chunk_; }
  /// Is a place written to again while a reader that passes pages on still holds its chunk? Seen with the first buffer
  /// that it takes, when it holds that until the writer can do no more.
  [[nodiscard]] bool is_overrun_at_once() const { return first_chunks(first_in_pipes() + held()) >= places_; }
  /// Does it hold `count` whole buffers?
  [[nodiscard]] bool holds(std::uint64_t count) const { return count * chunks_ <= places_; }

 private:
  // Small enough to stay in the second-level cache until it is sent.
  static constexpr std::uint64_t largest_chunk = 128 * 1024;

  /// Bytes that such a reader holds: no more than it can take at once.
  [[nodiscard]] std::uint64_t held() const { return std::min(buffer_, pipe_); }
  // With stripes, what lies in the pipes are whole buffers and parts of two: the reader's and the writer's. A single
  // pipe is simply full.
  [[nodiscard]] std::uint64_t whole_buffers() const { return stripes_ * (pipe_ / buffer_) * buffer_; }
  [[nodiscard]] std::uint64_t in_pipes() const { return whole_buffers() + (stripes_ > 1 ? 2 : 1) * (pipe_ % buffer_); }
  [[nodiscard]] std::uint64_t first_in_pipes() const { return whole_buffers() + pipe_ % buffer_; }
  /// Chunks that are whole in the first `bytes` of the stream.
  [[nodiscard]] std::uint64_t first_chunks(std::uint64_t bytes) const {
    return bytes / buffer_ * chunks_ + bytes % buffer_ / chunk_;
  }
  /// The same, at most, of any `bytes` that begin with a chunk: the small one at the end of a buffer may be among them.
  [[nodiscard]] std::uint64_t most_chunks(std::uint64_t bytes) const {
    return first_chunks(bytes) + (buffer_ % chunk_ == 0 ? 0 : 1);
  }

  std::uint64_t page_;
  std::uint64_t stripes_;
  std::uint64_t pipe_;
  std::uint64_t buffer_;  // in whole pages, as it lies in ring and pipes
  std::uint64_t chunks_;  // of a buffer
  std::uint64_t chunk_;
  std::uint64_t places_ = 0;
};

class MemcpyVmsplice {
 public:
  explicit MemcpyVmsplice(const EndSetup& setup)
      : buffers_(writer_buffers(setup)),
        shape_(setup.spec, setup.page_sizes),
        ring_(further_buffer(setup)),
        flags_(splice_flags(setup.spec)) {}

  // A call that cannot send all that was copied keeps the rest: `staged_` bytes at `at_`.
  void stage(Piece rest) noexcept {
    if (staged_ > 0) return;
    at_ = next_;
    next_ = at_ + 2 * chunk_ > ring_bytes_ ? 0 : at_ + chunk_;
    staged_ = std::min(rest.size, chunk_);
    std::memcpy(ring_.start(0) + at_, rest.data, staged_);
  }
  ssize_t step(PipeEnd pipe, Piece /*rest*/) noexcept {
    asked_ = staged_;
    const ssize_t moved = send_pages(pipe.fd, {ring_.start(0) + at_, staged_}, flags_);
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
  CopyRing shape_;
  std::size_t chunk_ = shape_.chunk_bytes();
  std::size_t ring_bytes_ = shape_.bytes();
  BufferSet ring_;
  unsigned flags_;
  std::size_t next_ = 0;  // the place of the next chunk
  std::size_t at_ = 0;
  std::size_t staged_ = 0;
  std::size_t asked_ = 0;
};

BufferRequest ring_of(const CaseSpec& spec, Purpose /*purpose*/, const PageSizes& sizes) {
  return {.bytes = CopyRing(spec, sizes).bytes(), .count = 1, .pages = spec.pages};
}

bool is_long_enough(const CaseSpec& spec, bool counted, const PageSizes& sizes) {
  const CopyRing ring(spec, sizes);
  return !ring.is_overrun_at_once() || (counted && ring.holds(spec.total_buffers()));
}

// A page is written to again when as many others have been sent after it as the pipe holds.
constexpr Recipe recipe{
    .transfer = "vmsplice(out, &(struct iovec){from, staged}, 1, FLAGS)",
    .setup =
        "enum { CHUNK = SIZE < 131072 ? SIZE : 131072, RING = (PIPE / PAGE + 2 * (CHUNK / PAGE + 1)) * PAGE };\n"
        "char *ring = aligned_alloc(ALIGN, (RING + ALIGN - 1) / ALIGN * ALIGN), *from = ring;\n"
        "if (ring == NULL) return -1;\n"
        "madvise(ring, RING, ADVICE);\n"
        "size_t next = 0, staged = 0;\n",
    .prepare =
        "if (staged == 0) {\n"
        "if (next + CHUNK > RING) next = 0;\n"
        "from = ring + next;\n"
        "staged = left < CHUNK ? left : CHUNK;\n"
        "memcpy(from, at, staged);\n"
        "next += (staged + PAGE - 1) / PAGE * PAGE;\n"
        "}\n",
    .after =
        "from += n;\n"
        "staged -= (size_t)n;\n"};

}  // namespace

extern const StrategyDescriptor writer_memcpy_vmsplice = {
    .info = {.name = "memcpy-vmsplice",
             .summary = "copies into a ring and vmsplices that: the contract of write, without its price",
             .role = Role::writer,
             .copies = 1,
             .touches = true,
             .reuse = Reuse::own_ring,
             .uses = {.contiguous = true, .no_touch = true, .lock = true, .buffers = true},
             .further = ring_of,
             .ring_is_long_enough = is_long_enough,
             .system_call = "vmsplice",
             .recipe = recipe},
    .make = make_end<Role::writer, MemcpyVmsplice>,
};

}  // namespace pipebench
