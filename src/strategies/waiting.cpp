#include "pipebench/strategies/waiting.hpp"

#include <poll.h>

#include <cerrno>
#include <ctime>

namespace pipebench {
namespace {

// Until poll() reports anything, or the phase is aborted. The next transfer says which error it was, if any.
void spin_on_poll(pollfd& entry, const Link& link, Tally& tally) noexcept {
  while (::poll(&entry, 1, 0) == 0 && !link.aborted()) ++tally.waits;
}

}  // namespace

void pause_briefly(std::uint32_t times) noexcept {
  const std::uint64_t ns = std::uint64_t{times} * 50'000;
  const timespec time{.tv_sec = static_cast<time_t>(ns / 1'000'000'000),
                      .tv_nsec = static_cast<long>(ns % 1'000'000'000)};
  ::nanosleep(&time, nullptr);
}

Turn turn_after_failure(long result, const Link& link, Tally& tally) noexcept {
  const int code = errno;
  if (result == 0) tally.end_of_file = true;
  if (result < 0 && code != EINTR && code != EAGAIN) tally.error = code;
  if (result < 0 && code == EAGAIN) ++tally.would_block;
  return tally.end_of_file || tally.error != 0 || link.aborted() ? Turn::over : Turn::blocked;
}

bool recover_slowly(long result, Wait wait, int fd, short events, const Link& link, Tally& tally) noexcept {
  const bool interrupted = result < 0 && errno == EINTR;
  if (turn_after_failure(result, link, tally) == Turn::over) return false;
  if (interrupted) return true;
  ++tally.waits;
  pollfd entry{.fd = fd, .events = events, .revents = 0};
  switch (wait) {
    case Wait::busy:
      break;  // in recover()
    case Wait::credit:
      relax();
      break;
    case Wait::busy_poll:
      spin_on_poll(entry, link, tally);
      break;
    // A blocking end gets here when what it splices into does not block (splice-socket).
    case Wait::block:
    case Wait::poll:
      ::poll(&entry, 1, -1);
      break;  // a signal (abort) ends it; the turn goes on and sees why
  }
  return true;
}

}  // namespace pipebench
