#include "app/others.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "app/interrupt.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/base/plural.hpp"
#include "pipebench/base/printable.hpp"

namespace pipebench {
namespace {

// "CPU 3", "CPUs 0-7,16"; ascending numbers.
std::string listed(const std::vector<int>& cpus) {
  std::vector<std::string> ranges;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    ranges.push_back(last == i ? std::to_string(cpus[i]) : fmt::format("{}-{}", cpus[i], cpus[last]));
    i = last + 1;
  }
  return fmt::format("{} {}", plural(cpus.size(), "CPU"), fmt::join(ranges, ","));
}

std::string new_mark() {
  std::random_device device;
  return fmt::format("{} {:08x}{:08x}", ::getpid(), device(), device());
}

// As it is called there: what its mark begins with.
std::string own_pid(const LockHolder& holder) {
  const std::string digits = holder.mark.substr(0, holder.mark.find_first_not_of("0123456789"));
  return digits.empty() ? "" : ", process " + digits + " there";
}

// Processes that are not visible from here are told apart only when they announce themselves.
std::string_view one_of(const LockHolder& holder) {
  const bool may_be_several = !holder.pid && holder.mark.empty() && holder.cpus.size() > 1;
  return may_be_several ? "At least one other pipebench" : "Another pipebench";
}

std::string named(const LockHolder& holder) {
  constexpr std::size_t longest_command = 60;
  if (!holder.pid && !holder.user) return "it does not say which process it is";
  if (!holder.pid) return fmt::format("of user {} in another PID namespace{}", *holder.user, own_pid(holder));
  if (holder.command.empty()) return fmt::format("process {}", *holder.pid);
  const std::string_view beginning = beginning_within(holder.command, longest_command);
  return fmt::format("process {}, {}{}", *holder.pid, beginning, beginning.size() < holder.command.size() ? "..." : "");
}

Finding finding(std::string what) {
  return {.severity = Severity::warning, .what = std::move(what), .why = "Each slows the other down, and not evenly."};
}

Finding about_earlier(const LockHolder& other) {
  return finding(
      fmt::format("{} ({}) was measuring on {} when this run began.", one_of(other), named(other), listed(other.cpus)));
}

// Many may pass by: one finding for all.
Finding about_later(const std::vector<LockHolder>& others) {
  std::set<int> cpus;
  for (const LockHolder& other : others) cpus.insert(other.cpus.begin(), other.cpus.end());
  const std::string who = others.size() == 1
                              ? fmt::format("Another pipebench ({})", named(others.back()))
                              : fmt::format("{} other pipebenches (the last: {})", others.size(), named(others.back()));
  return finding(fmt::format("{} measured on {} during this run.", who, listed({cpus.begin(), cpus.end()})));
}

std::optional<MeasuringLock> wait_for(const std::vector<LockHolder>& holders, std::span<const int> cpus,
                                      std::string_view family) {
  for (const LockHolder& holder : holders)
    spdlog::warn("Waiting for another pipebench ({}), which is measuring on {}.", named(holder), listed(holder.cpus));
  constexpr double endless = std::numeric_limits<double>::infinity();
  return MeasuringLock::wait_for(cpus, endless, interrupt_signal(), family).lock;
}

}  // namespace

std::vector<int> cpus_to_measure_on(std::span<const CaseResult> cases, const Machine& machine) {
  std::set<int> cpus;
  const auto add = [&](std::optional<int> cpu) {
    if (cpu) return cpus.insert(*cpu), void();
    for (const Cpu& any : machine.cpus) {
      if (any.allowed) cpus.insert(any.os);
    }
  };
  for (const CaseResult& result : cases) {
    if (result.status != Status::planned) continue;
    add(result.spec.placement.writer_cpu);
    add(result.spec.placement.reader_cpu);
    for (const Placement& further : result.spec.further_placements) {
      if (further.writer_cpu) add(further.writer_cpu);
      if (further.reader_cpu) add(further.reader_cpu);
    }
  }
  return {cpus.begin(), cpus.end()};
}

CpuClaim claim_cpus(std::span<const int> cpus, bool wait, std::string_view family) try {
  CpuClaim claim{.cpus = {cpus.begin(), cpus.end()}, .family = std::string(family), .mark = new_mark()};
  LockAttempt attempt = MeasuringLock::try_take(cpus, family);
  claim.lock = std::move(attempt.lock);
  if (claim.lock) return claim;
  if (wait) {
    claim.lock = wait_for(attempt.holders, cpus, family);
    if (!claim.lock) claim.cpus.clear();  // interrupted: this one will not measure
    return claim;
  }
  for (const LockHolder& holder : attempt.holders) {
    claim.findings.push_back(about_earlier(holder));
    ++claim.earlier;
    spdlog::warn("{} Stop one of them, or use --wait-for-others.", sentence_of(claim.findings.back()));
  }
  MeasuringLock::announce(cpus, claim.mark, family);
  return claim;
} catch (const SystemError& error) {
  return {.findings = {
              {.what = fmt::format("Cannot tell whether another pipebench is using these CPUs: {}.", error.what())}}};
}

std::vector<Finding> CpuClaim::all_findings() const {
  std::vector<Finding> all = findings;
  if (!noticed.empty()) all.push_back(about_later(noticed));
  return all;
}

void CpuClaim::look_again() try {
  if (cpus.empty()) return;
  if (!lock) lock = MeasuringLock::take_if_free(cpus, family);
  if (!lock) return MeasuringLock::announce(cpus, mark, family);  // to a third that may have taken them
  notice(lock->newcomers());
} catch (const SystemError& error) {
  spdlog::debug("Looking for other pipebenches: {}.", error.what());
}

void CpuClaim::notice(const std::vector<LockHolder>& newcomers) {
  for (const LockHolder& other : newcomers) {
    const auto is_other = [&](const LockHolder& known) { return known.pid == other.pid && known.mark == other.mark; };
    if (std::ranges::any_of(noticed, is_other)) continue;
    noticed.push_back(other);
    spdlog::warn("{}", sentence_of(about_later({other})));
  }
}

}  // namespace pipebench
