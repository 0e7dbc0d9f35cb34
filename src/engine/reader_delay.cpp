#include "engine/reader_delay.hpp"

#include <poll.h>
#include <sys/ioctl.h>

#include <utility>

#include "pipebench/strategies/waiting.hpp"

namespace pipebench {
namespace {

bool is_full(int pipe) noexcept {
  pollfd entry{.fd = pipe, .events = POLLOUT, .revents = 0};
  return ::poll(&entry, 1, 0) == 0;
}

}  // namespace

ReaderDelay::ReaderDelay(const Link& link, std::uint64_t buffer_bytes, std::vector<int> pipes) noexcept
    : link_(&link), buffer_bytes_(buffer_bytes), pipes_(std::move(pipes)) {}

void ReaderDelay::operator()(std::size_t held) noexcept {
  constexpr std::uint64_t always = 64;
  constexpr std::uint64_t one_in = 17;
  constexpr int spins = 20;
  if (calls_++ >= always && calls_ % one_in != 0) return;
  for (int turn = 0; !link_->aborted() && !writer_is_blocked(held); ++turn) {
    if (turn >= spins) pause_briefly();  // the writer may need this CPU
  }
}

// Only this thread takes bytes out of the pipes, so a full pipe stays full and the number of bytes in them only grows:
// if it is the same before and after the check of the pipe, nothing moved in between.
bool ReaderDelay::writer_is_blocked(std::size_t held) const noexcept {
  const std::uint64_t consumed = link_->consumed.bytes.load(std::memory_order_relaxed);
  if (link_->intent.awaits.load(std::memory_order_acquire) > consumed) return true;
  const std::uint64_t in_pipes = bytes_in_pipes();
  const std::uint64_t sent = consumed + held + in_pipes;
  if (sent >= link_->control.final_bytes.load(std::memory_order_acquire)) return true;
  return is_full(pipes_[sent / buffer_bytes_ % pipes_.size()]) && bytes_in_pipes() == in_pipes && is_sending(sent);
}

// A write(2) that is larger than the pipe has room for sends a part and sleeps, so the next byte may lie in the middle
// of what the call sends.
bool ReaderDelay::is_sending(std::uint64_t offset) const noexcept {
  return link_->intent.begin.load(std::memory_order_acquire) <= offset &&
         offset < link_->intent.end.load(std::memory_order_acquire);
}

// FIONREAD, pipe(7). The writer's own count would be late: it changes when the call has returned.
std::uint64_t ReaderDelay::bytes_in_pipes() const noexcept {
  std::uint64_t sum = 0;
  for (const int pipe : pipes_) {
    int bytes = 0;
    if (::ioctl(pipe, FIONREAD, &bytes) == 0) sum += static_cast<std::uint64_t>(bytes);
  }
  return sum;
}

}  // namespace pipebench
