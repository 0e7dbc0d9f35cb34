// splice(2) of each page into a pipe that leads back to the writer. A consumer reads the pages in place, in the
// writer's memory. Their order tells which they are.
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class RecycleReader {
 public:
  explicit RecycleReader(const EndSetup& setup)
      : spec_(setup.spec), exchange_(setup.exchange), flags_(splice_flags(setup.spec, SPLICE_F_MOVE)) {
    if (setup.purpose == Purpose::verify) peek_.emplace(setup);
  }
  // Verification looks at what really lies in the pipe, and then moves exactly that.
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    if (peek_) {
      const ssize_t there = peek_->look(pipe.fd, limit, flags_);
      if (there <= 0) return there;
      limit = static_cast<std::size_t>(there);
    }
    // Up to the end of the ring, so that what was taken lies in one piece.
    asked_ = std::min(limit, ring_bytes() - place_);
    const ssize_t moved =
        ::splice(pipe.fd, nullptr, exchange_.returns[pipe.stripe].write_fd(), nullptr, asked_, flags_);
    if (moved > 0 && (place_ += static_cast<std::size_t>(moved)) == ring_bytes()) place_ = 0;
    return moved;
  }
  [[nodiscard]] std::size_t asked() const noexcept { return asked_; }
  [[nodiscard]] const std::byte* seen(std::uint64_t offset) const noexcept {
    if (peek_) return peek_->data();
    return exchange_.sent_from.load(std::memory_order_acquire) + offset % ring_bytes();
  }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return nothing_; }

 private:
  [[nodiscard]] std::size_t ring_bytes() const noexcept { return spec_.total_buffers() * spec_.buffer_bytes; }

  const CaseSpec& spec_;
  Exchange exchange_;
  unsigned flags_;
  BufferSet nothing_{{}};
  std::optional<Peek> peek_;
  std::size_t place_ = 0;  // in the ring of all buffers
  std::size_t asked_ = 0;
};

}  // namespace

extern const StrategyDescriptor reader_recycle = {
    .info = {.name = "recycle",
             .summary = "splice(2) back to the writer, which sends the pages again",
             .role = Role::reader,
             .release = Release::passed_on,
             .whole_pages = true,
             .takes_skb = true,
             .uses = {.gift = true},
             .further = peek_buffer,
             .partner = "recycle",
             .system_call = "splice"},
    .make = make_end<Role::reader, RecycleReader>,
};

}  // namespace pipebench
