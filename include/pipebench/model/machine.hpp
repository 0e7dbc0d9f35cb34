// What the plan needs to know of a machine. Plain data, so that tests can make one up.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "pipebench/base/named.hpp"

namespace pipebench {

/// How near two logical CPUs are, nearest first.
enum class Relation : std::uint8_t { same_cpu, smt, l2, l3, numa, package, cross_package, unknown };
/// With what the two share.
template <>
inline constexpr std::array<Named<Relation>, 8> names<Relation>{{
    {Relation::same_cpu, "same-cpu", "one logical CPU runs both ends"},
    {Relation::smt, "smt", "two threads of one core"},
    {Relation::l2, "l2", "two cores with a common second-level cache"},
    {Relation::l3, "l3", "two cores with a common third-level cache"},
    {Relation::numa, "numa", "no common cache, the same NUMA node"},
    {Relation::package, "package", "the same package, different NUMA nodes"},
    {Relation::cross_package, "cross-package", "different packages"},
    {Relation::unknown, "unknown", "the kernel does not tell what they share"},
}};

/// One logical CPU. Groups are numbered by hwloc's logical index; -1: there is none, or it is not known.
struct Cpu {
  int os = 0;  ///< the number that taskset and /proc/cpuinfo use
  int logical = 0;
  int core = -1;
  int l2 = -1;
  int l3 = -1;
  int node = -1;  ///< NUMA node, OS number
  int package = -1;
  int kind = -1;  ///< rank of the core kind, 0 the most efficient; -1 when there is only one
  bool allowed = true;
  std::string why_not;  ///< a phrase ("offline", "outside the affinity mask"), empty when allowed
};

/// Sizes of the pages that a kernel has, in bytes. Everything that counts slots, pages or huge pages takes them from
/// here.
struct PageSizes {
  std::uint64_t base = 4096;                    ///< of ordinary pages; one of them takes a slot of a pipe
  std::uint64_t thp = std::uint64_t{2} << 20U;  ///< of transparent huge pages
  std::vector<std::uint64_t> hugetlb{std::uint64_t{2} << 20U,
                                     std::uint64_t{1} << 30U};  ///< that can be reserved, ascending
};

struct Machine {
  std::vector<Cpu> cpus;        ///< ascending OS numbers; offline ones included where they are known
  std::vector<int> nodes;       ///< NUMA nodes with memory that may be used, ascending OS numbers
  bool is_this_machine = true;  ///< false for a synthetic or loaded topology: plan only
  PageSizes page_sizes;
  std::uint64_t pipe_max_bytes = 1048576;  ///< /proc/sys/fs/pipe-max-size: what `auto` stays within
  std::uint64_t pipe_limit_bytes =
      1048576;                     ///< what F_SETPIPE_SZ grants this user; more than the above with CAP_SYS_RESOURCE
  std::uint64_t free_huge_2m = 0;  ///< reserved huge pages that are not in use
  std::uint64_t free_huge_1g = 0;
  std::uint64_t reserved_huge_2m = 0;  ///< in use or not: nr_hugepages
  std::uint64_t reserved_huge_1g = 0;
  std::string no_more_huge_2m;  ///< why --reserve-huge got no more, a sentence; empty: it was not tried
  std::string no_more_huge_1g;
  /// What processes can still allocate without swapping: MemAvailable, or what the cgroup leaves.
  std::uint64_t available_bytes = std::numeric_limits<std::uint64_t>::max();
  bool counts_hardware_events = false;  ///< for this user: at least one of those that results have
  std::string topology;                 ///< hwloc's synthetic description, may be empty

  /// The CPU with this OS number, or nullptr.
  [[nodiscard]] const Cpu* find(int os) const noexcept {
    const auto at = std::ranges::lower_bound(cpus, os, {}, &Cpu::os);
    return at != cpus.end() && at->os == os ? &*at : nullptr;
  }
};

/// How near `a` and `b` are. Different packages are `cross_package` whatever else they share.
[[nodiscard]] Relation relation_between(const Cpu& a, const Cpu& b) noexcept;

}  // namespace pipebench
