#include "pipebench/system/perf/event.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "pipebench/base/error.hpp"
#include "system/kernel_text.hpp"
#include "system/perf/group.hpp"
#include "system/user_namespace.hpp"

namespace pipebench {
namespace {

bool is_filtered(const std::filesystem::path& root) { return status_entry(root, "Seccomp") == "2"; }

Finding not_allowed(std::string_view event, const std::filesystem::path& root) {
  // Above 1 the kernel's part is closed to users without CAP_PERFMON (perf_allow_kernel() in kernel/events/core.c).
  constexpr int highest_with_kernel = 1;
  const auto level = read_line(root / "proc/sys/kernel/perf_event_paranoid");
  const int paranoid = level ? parse_number<int>(*level).value_or(0) : 0;
  const bool is_closed = paranoid > highest_with_kernel && !may_sample_kernel(root);
  std::vector<std::string> causes;
  Finding finding{.what = fmt::format("perf_event_open(2) does not allow {}.", event)};
  if (is_closed) {
    causes.push_back(
        fmt::format("kernel.perf_event_paranoid is {}: the kernel's part is for CAP_PERFMON alone.", paranoid));
    finding.mend = fmt::format("sysctl -w kernel.perf_event_paranoid={}", highest_with_kernel);
  }
  if (is_filtered(root))
    causes.push_back(
        fmt::format("A seccomp filter is in force{}; in a container, --cap-add=PERFMON or --security-opt "
                    "seccomp=unconfined usually lifts it.",
                    is_closed ? ", too, and may refuse it whatever the sysctl says" : ""));
  if (causes.empty()) causes.emplace_back("A security module may be the cause.");
  finding.why = fmt::format("{}", fmt::join(causes, " "));
  return finding;
}

std::pair<PerfObstacle, Finding> obstacle_of(std::string_view event, int code, const std::filesystem::path& root) {
  switch (code) {
    case ENOENT:
    case ENODEV:
    case EOPNOTSUPP:
      return {PerfObstacle::no_such_event,
              {.what = fmt::format("This machine does not count {}.", event),
               .why = "Virtual machines often have no counters of the processor (PMU)."}};
    case EACCES:
    case EPERM:
      return {PerfObstacle::not_allowed, not_allowed(event, root)};
    case ENOSYS:
      return {PerfObstacle::no_perf,
              {.what = fmt::format("There is no perf_event_open(2) here to count {}.", event),
               .why = "The kernel is built without CONFIG_PERF_EVENTS, or a seccomp filter hides it."}};
    case EMFILE:
      return {PerfObstacle::no_descriptor,
              {.what = fmt::format("Too many files are open to count {}.", event), .mend = "ulimit -n 65536"}};
    default:
      return {PerfObstacle::other,
              {.what = fmt::format("perf_event_open(2) refuses {}: {}.", event, describe_errno(code))}};
  }
}

void control(int fd, unsigned long request, const char* name) {
  if (::ioctl(fd, request, PERF_IOC_FLAG_GROUP) < 0)
    throw SystemError(fmt::format("ioctl(perf event, {})", name), errno);
}

}  // namespace

bool may_sample_kernel(const std::filesystem::path& root) {
  constexpr unsigned perfmon = 38, sys_admin = 21;
  return is_capable_of_any(capability_bit(perfmon) | capability_bit(sys_admin), root);
}

PerfRefusal explain_refusal(std::string_view event, int code, const std::filesystem::path& root) {
  auto [obstacle, finding] = obstacle_of(event, code, root);
  return {.obstacle = obstacle, .code = code, .finding = std::move(finding)};
}

PerfEvent::PerfEvent(perf_event_attr attr, int thread, int cpu, int group) noexcept {
  attr.size = sizeof attr;
  fd_.reset(static_cast<int>(::syscall(SYS_perf_event_open, &attr, thread, cpu, group, PERF_FLAG_FD_CLOEXEC)));
  if (!fd_) error_ = errno;
}

PerfEvent PerfEvent::of_this_thread(const perf_event_attr& attr, const PerfEvent* group) noexcept {
  return {attr, 0, -1, group == nullptr ? -1 : group->fd()};
}

PerfEvent PerfEvent::of_cpu(const perf_event_attr& attr, int cpu) noexcept { return {attr, -1, cpu, -1}; }

void PerfEvent::enable() const { control(fd(), PERF_EVENT_IOC_ENABLE, "PERF_EVENT_IOC_ENABLE"); }
void PerfEvent::disable() const { control(fd(), PERF_EVENT_IOC_DISABLE, "PERF_EVENT_IOC_DISABLE"); }
void PerfEvent::reset() const { control(fd(), PERF_EVENT_IOC_RESET, "PERF_EVENT_IOC_RESET"); }

std::size_t PerfEvent::read(std::span<std::uint64_t> values) const {
  const ssize_t bytes = ::read(fd(), values.data(), values.size_bytes());
  if (bytes < 0) throw SystemError(fmt::format("read(perf event, {} B)", values.size_bytes()), errno);
  return static_cast<std::size_t>(bytes) / sizeof(std::uint64_t);
}

CounterGroup::CounterGroup(std::span<const CountedEvent> events, const std::filesystem::path& root) {
  events_.reserve(events.size());  // leader_ points into it
  for (std::size_t i = 0; i < events.size(); ++i) {
    perf_event_attr attr{};
    attr.type = events[i].type;
    attr.config = events[i].config;
    attr.read_format = group_read_format;
    attr.disabled = leader_ == nullptr;  // the others go with their leader
    attr.exclude_hv = 1;
    const PerfEvent& event = events_.emplace_back(PerfEvent::of_this_thread(attr, leader_));
    if (!event) {
      missing_.push_back({.event = i, .refusal = explain_refusal(events[i].name, event.error(), root)});
    } else if (leader_ == nullptr) {
      leader_ = &event;
    }
  }
}

void CounterGroup::start() {
  if (leader_ == nullptr) return;
  leader_->reset();
  start_ = read();
  leader_->enable();
}

void CounterGroup::stop() {
  if (leader_ != nullptr) leader_->disable();
}

std::vector<std::uint64_t> CounterGroup::read() const {
  std::vector<std::uint64_t> words(words_before_values + events_.size());
  words.resize(leader_->read(words));
  return words;
}

std::vector<std::optional<CounterGroup::Count>> CounterGroup::counts() const {
  std::vector<std::optional<Count>> counts(events_.size());
  if (leader_ == nullptr) return counts;
  const std::vector<Count> found = decode_group(start_, read());
  std::size_t next = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (events_[i]) counts[i] = found.at(next++);
  }
  return counts;
}

std::vector<CounterGroup::Count> decode_group(std::span<const std::uint64_t> before,
                                              std::span<const std::uint64_t> after) {
  if (std::min(before.size(), after.size()) < words_before_values) throw SystemError("read(perf event)", EIO);
  const auto seconds = [&](std::size_t word) { return static_cast<double>(after[word] - before[word]) * 1e-9; };
  std::vector<CounterGroup::Count> counts;
  for (const std::uint64_t value : after.subspan(words_before_values))
    counts.push_back({.value = value, .enabled_seconds = seconds(1), .running_seconds = seconds(2)});
  return counts;
}

}  // namespace pipebench
