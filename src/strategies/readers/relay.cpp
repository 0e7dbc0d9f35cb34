// splice(2) on into a second pipe, and from there to /dev/null: what a filter that passes pages on pays.
#include <unistd.h>

#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/splicing.hpp"

namespace pipebench {
namespace {

class Relay {
 public:
  explicit Relay(const EndSetup& setup)
      : second_(*setup.spec.pipe_bytes, setup.spec.wait != Wait::block),
        sink_(open_null()),
        reader_delay_(setup.reader_delay),
        flags_(splice_flags(setup.spec, SPLICE_F_MOVE)),
        copy_(further_buffer(setup)),
        looks_(!copy_.starts().empty()) {}
  // The second pipe is empty between steps, so whatever is taken fits. Consumers look at what comes out of its far end.
  ssize_t step(PipeEnd pipe, std::size_t limit) noexcept {
    const ssize_t moved = ::splice(pipe.fd, nullptr, second_.write_fd(), nullptr, limit, flags_);
    if (moved > 0 && reader_delay_) reader_delay_(static_cast<std::size_t>(moved));
    return move_all(moved, [this](std::size_t done, std::size_t rest) {
      if (looks_) return ::read(second_.read_fd(), copy_.start(0) + done, rest);
      return ::splice(second_.read_fd(), nullptr, sink_.get(), nullptr, rest, SPLICE_F_NONBLOCK);
    });
  }
  [[nodiscard]] const std::byte* seen(std::uint64_t /*offset*/) const noexcept { return copy_.start(0); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return nothing_; }

 private:
  BufferSet nothing_{{}};
  Pipe second_;
  UniqueFd sink_;
  std::function<void(std::size_t)> reader_delay_;
  unsigned flags_;
  BufferSet copy_;
  bool looks_;
};

BufferRequest copy_to_look_at(const CaseSpec& spec, Purpose purpose, const PageSizes& /*sizes*/) {
  const bool looks = purpose == Purpose::verify || spec.consume != Consume::none;
  return {.bytes = spec.buffer_bytes, .count = looks ? 1U : 0U};
}

}  // namespace

extern const StrategyDescriptor reader_relay = {
    .info = {.name = "relay",
             .summary = "splice(2) into a second pipe, and from there to /dev/null",
             .role = Role::reader,
             .copies_to_consume = 1,
             .release = Release::passed_on,
             .takes_skb = true,
             .uses = {.gift = true},
             .further = copy_to_look_at,
             .system_call = "splice"},
    .make = make_end<Role::reader, Relay>,
};

}  // namespace pipebench
