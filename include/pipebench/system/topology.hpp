// Which CPUs there are, how near they are to each other, and pinning to them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pipebench/model/machine.hpp"

namespace pipebench {

/// A loaded topology. After loading it may be used by several threads at once.
class Topology {
 public:
  /// The machine that this process runs on. Throws SystemError when hwloc cannot find out, and UsageError when a
  /// variable of the environment (HWLOC_XMLFILE, HWLOC_SYNTHETIC, HWLOC_FSROOT) puts another machine in its place.
  [[nodiscard]] static Topology of_this_machine();

  /// A made-up machine: levels from outside in, "package:2 l3:4 core:8 pu:2(indexes=...)", as in hwloc(7) "Synthetic
  /// topologies". At most 8192 logical CPUs. Throws UsageError for anything that hwloc complains about.
  [[nodiscard]] static Topology synthetic(std::string_view description);

  /// A machine written to a file by `lstopo --of xml`, at most 16 MiB. Throws UsageError when it cannot be read, or is
  /// not such a file; hwloc reads it in a child process first, so that a hostile file ends only that.
  [[nodiscard]] static Topology from_xml(const std::string& file);

  Topology(Topology&&) noexcept;
  Topology& operator=(Topology&&) noexcept;
  ~Topology();

  /// False for synthetic and loaded topologies, whatever HWLOC_THISSYSTEM says: nothing can be pinned there.
  [[nodiscard]] bool is_this_machine() const noexcept;

  /// Allowed CPUs are those of the cpuset (cgroup) that the calling thread's affinity mask holds too, so call this
  /// before any pinning. `root` holds the /proc and /sys that tell of offline CPUs, page sizes and the largest pipe;
  /// they are read for this machine only. For another one page_sizes and pipe_max_bytes keep their defaults.
  [[nodiscard]] Machine machine(const std::filesystem::path& root = "/") const;

  /// Moves the calling thread to this CPU (OS number) and nowhere else. Throws SystemError when the kernel does not
  /// do so (EINVAL: no such CPU, offline, outside the cpuset), std::logic_error when this is another machine.
  void pin_this_thread(int os_cpu) const;

  /// From now on takes the calling thread's memory, and what the kernel allocates for its calls, from this NUMA node
  /// (OS number) alone, or from all nodes in turn. Throws SystemError (EPERM where a seccomp profile forbids
  /// set_mempolicy(2)), std::logic_error when this is another machine.
  void bind_memory_of_this_thread(int os_node) const;
  void interleave_memory_of_this_thread() const;

  struct Impl;

 private:
  explicit Topology(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pipebench
