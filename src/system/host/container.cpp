// Containers, and the limits of control groups.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "system/host/parts.hpp"

namespace pipebench {
namespace {

/// Where detect_container() of systemd-detect-virt(1) looks, in its order.
std::optional<std::string> container(const HostReader& reader) {
  if (reader.exists("/proc/vz") && !reader.exists("/proc/bc")) return "openvz";
  const std::string release = reader.line("/proc/sys/kernel/osrelease").value_or("");
  if (release.find("Microsoft") != std::string::npos || release.find("WSL") != std::string::npos) return "wsl";
  if (auto name = reader.line("/run/host/container-manager")) return name;
  if (auto name = reader.line("/run/systemd/container")) return name;
  std::ifstream environment(reader.path("/proc/1/environ"));  // for root alone
  for (std::string variable; std::getline(environment, variable, '\0');)
    if (variable.starts_with("container=")) return escaped(variable.substr(variable.find('=') + 1));
  if (reader.exists("/run/secrets/kubernetes.io")) return "kubernetes";
  if (reader.exists("/run/.containerenv")) return "podman";
  if (reader.exists("/.dockerenv")) return "docker";
  return std::nullopt;
}

/// A limit, and the file that sets it.
struct GroupLimit {
  double value = 0;
  std::string file = {};
};

/// cpu.max of version 2: "50000 100000", or "max 100000" (Documentation/admin-guide/cgroup-v2.rst).
std::optional<GroupLimit> quota_2(const HostReader& reader, const std::string& group) {
  const std::string file = group + "/cpu.max";
  const auto words = split(reader.line(file).value_or(""), ' ');
  if (words.size() != 2) return std::nullopt;
  const auto quota = parse_number<double>(words[0]);
  const auto period = parse_number<double>(words[1]);
  if (!quota || !period || *period <= 0) return std::nullopt;
  return GroupLimit{*quota / *period, file};
}

/// Of version 1: -1 is none (Documentation/scheduler/sched-bwc.rst).
std::optional<GroupLimit> quota_1(const HostReader& reader, const std::string& group) {
  const std::string file = group + "/cpu.cfs_quota_us";
  const auto quota = parse_number<double>(reader.line(file).value_or(""));
  const auto period = parse_number<double>(reader.line(group + "/cpu.cfs_period_us").value_or(""));
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return GroupLimit{*quota / *period, file};
}

std::optional<GroupLimit> memory_in(const HostReader& reader, const std::string& file) {
  constexpr std::uint64_t unlimited = std::uint64_t{1} << 62U;  // version 1 writes the largest multiple of a page
  const auto bytes = reader.number(file);
  if (!bytes || *bytes >= unlimited) return std::nullopt;
  return GroupLimit{static_cast<double>(*bytes), file};
}
std::optional<GroupLimit> memory_2(const HostReader& reader, const std::string& group) {
  return memory_in(reader, group + "/memory.max");
}
std::optional<GroupLimit> memory_1(const HostReader& reader, const std::string& group) {
  return memory_in(reader, group + "/memory.limit_in_bytes");
}

/// The least that the group `path` or one above it allows. In a container, `path` may be none of its own names; the
/// folder itself is then its group.
template <class Read>
std::optional<GroupLimit> least(const HostReader& reader, const std::string& folder, std::filesystem::path path,
                                Read read) {
  std::optional<GroupLimit> found;
  for (path = path.relative_path();; path = path.parent_path()) {
    const auto limit = read(reader, path.empty() ? folder : folder + "/" + path.string());
    if (limit && (!found || limit->value < found->value)) found = limit;
    if (path.empty()) return found;
  }
}

struct Groups {
  bool any = false, version_1 = false, version_2 = false;
  std::optional<GroupLimit> quota = {}, memory = {};
};

/// Lines are "5:cpu,cpuacct:/user/job", or "0::/user/job" of version 2, cgroups(7).
Groups read_groups(const HostReader& reader) {
  Groups groups;
  std::ifstream stream(reader.path("/proc/self/cgroup"));
  for (std::string line; std::getline(stream, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    groups.any = true;
    const std::filesystem::path path = line.substr(second + 1);
    const auto names = split(line.substr(first + 1, second - first - 1), ',');
    const auto controls = [&](const char* name) { return std::ranges::find(names, name) != names.end(); };
    if (line.starts_with("0::")) {
      groups.version_2 = true;
      if (const auto quota = least(reader, "/sys/fs/cgroup", path, quota_2)) groups.quota = quota;
      if (const auto memory = least(reader, "/sys/fs/cgroup", path, memory_2)) groups.memory = memory;
      continue;
    }
    groups.version_1 = true;
    if (controls("cpu")) groups.quota = least(reader, "/sys/fs/cgroup/cpu", path, quota_1);
    if (controls("memory")) groups.memory = least(reader, "/sys/fs/cgroup/memory", path, memory_1);
  }
  return groups;
}

/// A group may have any name; only plain ones go into a command.
bool is_plain(const std::string& file) {
  return std::ranges::all_of(file, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-").find(c) != std::string_view::npos;
  });
}

void find_small_quota(const GroupLimit& quota, HostReader& reader) {
  constexpr double pair = 2;
  if (quota.value >= pair) return;
  const bool version_1 = quota.file.ends_with("cfs_quota_us");
  reader.add({.severity = Severity::warning,
              .about = "CPU quota",
              .what = fmt::format("The control group allows {:.2f} CPUs.", quota.value),
              .why = "Two threads that spin use two; both are stopped when the quota of a period is used up.",
              .mend = is_plain(quota.file) ? fmt::format("echo {} > {}", version_1 ? "-1" : "max", quota.file) : ""});
}

}  // namespace

void read_container(Host& host, HostReader& reader) {
  host.container = container(reader);
  const Groups groups = read_groups(reader);
  if (!groups.any) return reader.missing("cgroup", "/proc/self/cgroup", "What a control group allows is unknown.");
  host.cgroup = groups.version_1 ? groups.version_2 ? "v1 and v2" : "v1" : "v2";
  if (groups.memory) host.cgroup_memory_limit_bytes = static_cast<std::uint64_t>(groups.memory->value);
  if (!groups.quota) return;
  host.cgroup_cpu_quota = groups.quota->value;
  find_small_quota(*groups.quota, reader);
}

}  // namespace pipebench
