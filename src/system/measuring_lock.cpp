#include "pipebench/system/measuring_lock.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <fstream>
#include <iterator>
#include <tuple>

#include "pipebench/base/clock.hpp"
#include "pipebench/base/distinct.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/names.hpp"
#include "pipebench/base/printable.hpp"

namespace pipebench {
namespace {

/// The name of a CPU's lock. Abstract names begin with a zero byte, and their length is part of them.
class Name {
 public:
  Name(std::string_view family, int cpu) : text_(fmt::format("{}/cpu{}", family, cpu)) {
    address_.sun_family = AF_UNIX;
    text_.resize(std::min(text_.size(), sizeof address_.sun_path - 1));
    std::ranges::copy(text_, address_.sun_path + 1);
  }
  [[nodiscard]] const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&address_); }
  [[nodiscard]] socklen_t size() const {
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text_.size());
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  sockaddr_un address_{};
};

UniqueFd make_socket() {
  UniqueFd made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made) throw SystemError("socket(AF_UNIX, SOCK_STREAM)", errno);
  return made;
}

/// No descriptor: the name is taken.
UniqueFd bind_to(const Name& name) {
  UniqueFd made = make_socket();
  if (::bind(made.get(), name.address(), name.size()) < 0) {
    if (errno != EADDRINUSE) throw SystemError(fmt::format("bind(@{})", name.text()), errno);
    return {};
  }
  // Only who listens can be asked for its process.
  if (::listen(made.get(), SOMAXCONN) < 0) throw SystemError(fmt::format("listen(@{})", name.text()), errno);
  return made;
}

struct Bound {
  std::vector<UniqueFd> sockets;
  std::optional<int> refused = {};  ///< the first CPU that is taken; then there are no sockets
};

/// All, or nothing. CPUs always in the same order: of two processes that want some of the same, one gets all.
Bound bind_all(std::span<const int> ordered, std::string_view family) {
  std::vector<UniqueFd> sockets;
  for (const int cpu : ordered) {
    sockets.push_back(bind_to(Name(family, cpu)));
    if (!sockets.back()) return {.sockets = {}, .refused = cpu};
  }
  return {.sockets = std::move(sockets)};
}

struct Answer {
  bool held = false;
  LockHolder holder = {};
};

// SO_PEERCRED, unix(7), tells who called listen(2) or connect(2) at the other end. The PID is 0 where it is not
// visible.
LockHolder process_behind(const UniqueFd& socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
  return {.pid = credentials.pid > 0 ? std::optional(credentials.pid) : std::nullopt, .user = credentials.uid};
}

/// The holder empties its queue only when it looks for newcomers, so waiting must not ask again and again; when the
/// queue is full (EAGAIN), there is no answer.
Answer ask(const Name& name) {
  const UniqueFd question = make_socket();
  if (::connect(question.get(), name.address(), name.size()) < 0) return {.held = errno == EAGAIN};
  return {.held = true, .holder = process_behind(question)};
}

/// A process that only asks closes its end and sends nothing: there is no mark then. What was sent stays in the socket
/// when its sender has ended.
std::string announced_mark(const UniqueFd& question) {
  constexpr int longest_ms = 20;  // between its connect(2) and its send(2)
  pollfd readable{.fd = question.get(), .events = POLLIN, .revents = 0};
  std::array<char, 64> mark{};
  if (::poll(&readable, 1, longest_ms) <= 0) return {};
  const ssize_t size = ::recv(question.get(), mark.data(), mark.size(), MSG_DONTWAIT);
  return size > 0 ? std::string(mark.data(), static_cast<std::size_t>(size)) : std::string();
}

std::string command_of(int pid) {
  std::ifstream file(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  std::ranges::replace(text, '\0', ' ');
  return escaped(trim(text));
}

void add(std::vector<LockHolder>& holders, LockHolder found, int cpu) {
  const auto identity = [](const LockHolder& one) { return std::tie(one.pid, one.user, one.mark); };
  const auto known = std::ranges::find(holders, identity(found), identity);
  if (known == holders.end()) {
    if (found.pid) found.command = command_of(*found.pid);
    found.cpus = {cpu};
    holders.push_back(std::move(found));
  } else if (known->cpus.back() != cpu) {
    known->cpus.push_back(cpu);
  }
}

/// At least who has `refused`, though it may not answer: not yet, no more, or never, as it is no pipebench.
std::vector<LockHolder> holders_of(std::span<const int> ordered, int refused, std::string_view family) {
  std::vector<LockHolder> holders;
  for (const int cpu : ordered) {
    Answer answer = ask(Name(family, cpu));
    if (answer.held || cpu == refused) add(holders, std::move(answer.holder), cpu);
  }
  return holders;
}

std::vector<int> in_order(std::span<const int> cpus) {
  return sorted_distinct(std::vector<int>(cpus.begin(), cpus.end()));
}

void pause_50_ms() {
  const timespec pause{.tv_sec = 0, .tv_nsec = 50'000'000};
  ::nanosleep(&pause, nullptr);
}

}  // namespace

DescriptorRoom::DescriptorRoom(std::size_t count) {
  constexpr rlim_t negligible = 16;  // a sixteenth of the limit
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) return;
  const rlim_t usual = limit.rlim_cur;
  limit.rlim_cur = std::min<rlim_t>(usual + count, limit.rlim_max);
  if (limit.rlim_cur < usual + count && count > usual / negligible)
    throw SystemError(fmt::format("setrlimit(RLIMIT_NOFILE, {})", usual + count), EMFILE);
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) added_ = limit.rlim_cur - usual;
}

DescriptorRoom::~DescriptorRoom() {
  rlimit limit{};
  if (added_ == 0 || ::getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur -= added_;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

LockAttempt MeasuringLock::try_take(std::span<const int> cpus, std::string_view family) {
  static const std::atomic<int> no_interrupt{0};
  return wait_for(cpus, 0, no_interrupt, family);
}

LockAttempt MeasuringLock::wait_for(std::span<const int> cpus, double seconds, const std::atomic<int>& interrupt,
                                    std::string_view family) {
  const std::vector<int> ordered = in_order(cpus);
  const std::uint64_t since = monotonic_ns();
  for (;;) {
    DescriptorRoom room(ordered.size());
    Bound bound = bind_all(ordered, family);
    if (!bound.refused) return {.lock = MeasuringLock(std::move(room), ordered, std::move(bound.sockets))};
    const double waited = static_cast<double>(monotonic_ns() - since) * 1e-9;
    if (waited >= seconds || interrupt.load(std::memory_order_relaxed) != 0)
      return {.holders = holders_of(ordered, *bound.refused, family)};
    pause_50_ms();
  }
}

std::optional<MeasuringLock> MeasuringLock::take_if_free(std::span<const int> cpus, std::string_view family) {
  const std::vector<int> ordered = in_order(cpus);
  DescriptorRoom room(ordered.size());
  Bound bound = bind_all(ordered, family);
  if (bound.refused) return {};
  return MeasuringLock(std::move(room), ordered, std::move(bound.sockets));
}

void MeasuringLock::announce(std::span<const int> cpus, std::string_view mark, std::string_view family) {
  for (const int cpu : in_order(cpus)) {
    const Name name(family, cpu);
    const UniqueFd socket = make_socket();
    if (::connect(socket.get(), name.address(), name.size()) == 0)
      (void)!::send(socket.get(), mark.data(), mark.size(), MSG_NOSIGNAL);
  }
}

std::vector<LockHolder> MeasuringLock::newcomers() const {
  std::vector<LockHolder> newcomers;
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    while (const UniqueFd question{::accept4(sockets_[i].get(), nullptr, nullptr, SOCK_CLOEXEC)}) {
      LockHolder found = process_behind(question);
      found.mark = announced_mark(question);
      if (!found.mark.empty()) add(newcomers, std::move(found), cpus_[i]);
    }
  }
  return newcomers;
}

}  // namespace pipebench
