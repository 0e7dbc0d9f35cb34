#include "pipebench/system/topology.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <hwloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <utility>

#include "pipebench/base/error.hpp"
#include "pipebench/base/sanitizers.hpp"
#include "pipebench/base/unique_fd.hpp"
#include "pipebench/system/child.hpp"
#include "pipebench/system/page_sizes.hpp"
#include "system/kernel_text.hpp"

namespace pipebench {
namespace {

constexpr int most_cpus = 8192;  // what the largest Linux kernel is built for (NR_CPUS)
constexpr unsigned largest_os_index = 65535;
constexpr std::size_t largest_xml_bytes = 16U << 20U;
constexpr rlim_t most_seconds = 5;  // hwloc's time grows with the square of the children of one parent

struct TopologyDeleter {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
struct BitmapDeleter {
  void operator()(hwloc_bitmap_t bitmap) const { hwloc_bitmap_free(bitmap); }
};
using Handle = std::unique_ptr<hwloc_topology, TopologyDeleter>;
using Bitmap = std::unique_ptr<hwloc_bitmap_s, BitmapDeleter>;

/// Tells hwloc where the topology comes from; non-zero on failure.
using Source = std::function<int(hwloc_topology_t)>;

// ---------------------------------------------------------------------------------------------- loading

Handle load(const Source& source) {
  // What it says on stderr about files that are not there, pipebench says itself where it matters.
  ::setenv("HWLOC_HIDE_ERRORS", "2", 0);
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) throw SystemError("hwloc_topology_init()", errno);
  Handle handle(raw);
  // The x86 discovery moves this thread to every CPU in turn; Linux tells the same in /sys, without the noise.
  hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED | HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING);
  hwloc_topology_set_io_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_NONE);
  hwloc_topology_set_icache_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_NONE);
  hwloc_topology_set_type_filter(raw, HWLOC_OBJ_MISC, HWLOC_TYPE_FILTER_KEEP_NONE);
  if (source(raw) != 0 || hwloc_topology_load(raw) != 0) throw SystemError("hwloc_topology_load()", errno);
  return handle;
}

/// CPUs that exist but whose place hwloc does not know: offline ones, or those that a file leaves out.
Bitmap cpus_without_place(hwloc_topology_t topology) {
  Bitmap rest(hwloc_bitmap_alloc());
  if (!rest) throw std::bad_alloc();
  hwloc_bitmap_andnot(rest.get(), hwloc_topology_get_complete_cpuset(topology),
                      hwloc_topology_get_topology_cpuset(topology));
  return rest;
}

/// The rest of the program relies on bounded, distinct numbers, which hwloc does not guarantee.
void check_cpus(hwloc_topology_t topology) {
  Bitmap rest = cpus_without_place(topology);
  const int placed = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
  const int unplaced = hwloc_bitmap_weight(rest.get());
  if (placed < 1) throw UsageError("It has no CPU.");
  if (unplaced < 0 || placed > most_cpus || unplaced > most_cpus) {
    throw UsageError(fmt::format("It has more than {} CPUs.", most_cpus));
  }
  if (hwloc_bitmap_last(rest.get()) > static_cast<int>(largest_os_index)) {
    throw UsageError(fmt::format("It has a CPU with a number above {}.", largest_os_index));
  }
  for (hwloc_obj_t pu = nullptr; (pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu)) != nullptr;) {
    if (pu->os_index > largest_os_index) {
      throw UsageError(fmt::format("It has a CPU with a number above {}.", largest_os_index));
    }
    if (hwloc_bitmap_isset(rest.get(), pu->os_index) != 0) {
      throw UsageError(fmt::format("It has two CPUs with the number {}.", pu->os_index));
    }
    hwloc_bitmap_set(rest.get(), pu->os_index);
  }
}

// ---------------------------------------------------------------------------------------------- filling Machine

int logical_above(hwloc_topology_t topology, hwloc_obj_type_t type, hwloc_obj_t pu) {
  const hwloc_obj_t object = hwloc_get_ancestor_obj_by_type(topology, type, pu);
  return object != nullptr ? static_cast<int>(object->logical_index) : -1;
}

/// Rank of the core kind; -1 with a single kind, and where hwloc could not rank them.
int kind_of(hwloc_topology_t topology, hwloc_obj_t pu) {
  if (hwloc_cpukinds_get_nr(topology, 0) < 2) return -1;
  const int kind = hwloc_cpukinds_get_by_cpuset(topology, pu->cpuset, 0);
  if (kind < 0) return -1;
  int efficiency = -1;
  hwloc_cpukinds_get_info(topology, static_cast<unsigned>(kind), nullptr, &efficiency, nullptr, nullptr, 0);
  return efficiency;
}

Cpu cpu_of(hwloc_topology_t topology, hwloc_obj_t pu) {
  Cpu cpu;
  cpu.os = static_cast<int>(pu->os_index);
  cpu.logical = static_cast<int>(pu->logical_index);
  cpu.core = logical_above(topology, HWLOC_OBJ_CORE, pu);
  cpu.l2 = logical_above(topology, HWLOC_OBJ_L2CACHE, pu);
  cpu.l3 = logical_above(topology, HWLOC_OBJ_L3CACHE, pu);
  // Several nodes can be local (DRAM and HBM); the lowest number is the one with CPUs, which is the default.
  cpu.node = hwloc_bitmap_first(pu->nodeset);
  cpu.package = logical_above(topology, HWLOC_OBJ_PACKAGE, pu);
  cpu.kind = kind_of(topology, pu);
  return cpu;
}

void rule_out(Cpu& cpu, std::string_view why) {
  if (!cpu.allowed) return;  // the first reason is the strongest
  cpu.allowed = false;
  cpu.why_not = why;
}

/// Keeps the CPUs in the order of their OS numbers.
void add_unplaced(Machine& machine, int os, std::string_view why) {
  const auto at = std::ranges::lower_bound(machine.cpus, os, {}, &Cpu::os);
  if (at != machine.cpus.end() && at->os == os) return;
  Cpu cpu;
  cpu.os = os;
  cpu.logical = -1;
  rule_out(cpu, why);
  machine.cpus.insert(at, std::move(cpu));
}

/// `possible` CPUs that are not present belong to no machine, so offline ones are those present but not online.
void add_offline(Machine& machine, const std::filesystem::path& root) {
  const auto directory = root / "sys/devices/system/cpu";
  const auto present = parse_cpu_list(read_line(directory / "present").value_or("-"));
  const auto online = parse_cpu_list(read_line(directory / "online").value_or("-"));
  if (!present || !online) return;
  for (const int os : *present) {
    if (std::find(online->begin(), online->end(), os) == online->end()) add_unplaced(machine, os, "offline");
  }
}

/// The CPUs the calling thread may run on; hwloc's own view of what is allowed ends at the cpuset.
class AffinityMask {
 public:
  AffinityMask() {
    if (::sched_getaffinity(0, sizeof sets_, sets_.data()) != 0)
      throw SystemError(fmt::format("sched_getaffinity(0, {})", sizeof sets_), errno);
  }
  [[nodiscard]] bool has(int os) const {
    return os >= 0 && CPU_ISSET_S(static_cast<std::size_t>(os), sizeof sets_, sets_.data());
  }
  [[nodiscard]] int count() const { return CPU_COUNT_S(sizeof sets_, sets_.data()); }

 private:
  std::array<cpu_set_t, most_cpus / CPU_SETSIZE> sets_{};  // a mask smaller than the kernel's is EINVAL
};

void apply_limits(Machine& machine, hwloc_topology_t topology) {
  const hwloc_const_cpuset_t cpuset = hwloc_topology_get_allowed_cpuset(topology);
  for (Cpu& cpu : machine.cpus) {
    if (hwloc_bitmap_isset(cpuset, static_cast<unsigned>(cpu.os)) == 0) rule_out(cpu, "outside the cpuset");
  }
  if (!machine.is_this_machine) return;
  const AffinityMask affinity;
  for (Cpu& cpu : machine.cpus) {
    if (!affinity.has(cpu.os)) rule_out(cpu, "outside the affinity mask");
  }
}

/// Empty for a machine that is not symmetric (hybrid cores, a core switched off): such a string cannot describe it.
std::string describe(hwloc_topology_t topology) {
  std::string text(1024, '\0');
  for (;;) {
    const int length = hwloc_topology_export_synthetic(topology, text.data(), text.size(), 0);
    if (length < 0) return {};
    const bool whole = static_cast<std::size_t>(length) + 1 < text.size();
    if (whole) {
      text.resize(static_cast<std::size_t>(length));
      return text;
    }
    text.resize(text.size() * 4);
  }
}

/// Nothing can be bound to a node without memory; the cpuset of a container may exclude nodes.
std::vector<int> memory_nodes(hwloc_topology_t topology) {
  std::vector<int> nodes;
  for (hwloc_obj_t node = nullptr;
       (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)) != nullptr;) {
    const bool allowed = hwloc_bitmap_isset(hwloc_topology_get_allowed_nodeset(topology), node->os_index) != 0;
    if (allowed && node->attr->numanode.local_memory > 0) nodes.push_back(static_cast<int>(node->os_index));
  }
  std::ranges::sort(nodes);
  return nodes;
}

Machine machine_of(hwloc_topology_t topology, bool is_this_machine, const std::filesystem::path& root) {
  Machine machine;
  machine.is_this_machine = is_this_machine;
  for (hwloc_obj_t pu = nullptr; (pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu)) != nullptr;) {
    machine.cpus.push_back(cpu_of(topology, pu));
  }
  std::ranges::sort(machine.cpus, {}, &Cpu::os);
  machine.nodes = memory_nodes(topology);
  // Where the kernel reports no node, hwloc makes one up, without memory.
  if (machine.nodes.empty()) std::ranges::for_each(machine.cpus, [](Cpu& cpu) { cpu.node = -1; });
  if (is_this_machine) {
    add_offline(machine, root);
    machine.page_sizes = read_page_sizes(root);
    const auto pipe_max = parse_number<std::uint64_t>(read_line(root / "proc/sys/fs/pipe-max-size").value_or(""));
    machine.pipe_max_bytes = pipe_max.value_or(machine.pipe_max_bytes);
  } else {
    const Bitmap rest = cpus_without_place(topology);
    for (int os = hwloc_bitmap_first(rest.get()); os >= 0; os = hwloc_bitmap_next(rest.get(), os)) {
      add_unplaced(machine, os, "offline, or left out of the topology file");
    }
  }
  apply_limits(machine, topology);
  machine.topology = describe(topology);
  return machine;
}

// ---------------------------------------------------------------------------------------------- from outside

/// Sanitizers reserve terabytes of address space.
constexpr bool limit_memory = !has_address_sanitizer && !has_thread_sanitizer;

void limit(__rlimit_resource what, rlim_t most) {
  const rlimit value{.rlim_cur = most,
                     .rlim_max = most + 1};  // the signal that says why comes before the one that kills
  ::setrlimit(what, &value);
}

/// The child's part: does everything that the parent will do with the topology, and reports complaints. Never returns.
[[noreturn]] void run_trial(const Source& source, int complaints) {
  ::dup2(complaints, STDERR_FILENO);
  ::setenv("HWLOC_SYNTHETIC_VERBOSE", "1", 1);
  ::setenv("HWLOC_XML_VERBOSE", "1", 1);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, most_seconds);
  if (limit_memory) limit(RLIMIT_AS, rlim_t{1} << 30U);
  int code = 1;
  try {
    const Handle handle = load(source);
    check_cpus(handle.get());
    (void)machine_of(handle.get(), false, "/");
    code = 0;
  } catch (const UsageError& error) {
    fmt::print(stderr, "{}\n", error.what());
  } catch (const std::exception&) {
    // hwloc's own complaint, if any, says more than its errno.
  }
  std::fflush(stderr);
  ::_exit(code);
}

/// The child's output, in one line that a message can carry.
std::string complaint_from(int fd) {
  std::string said;
  std::array<char, 4096> block;
  // Read to the end although the first part is enough: the child must not be killed by SIGPIPE.
  for (ssize_t got = 0; (got = ::read(fd, block.data(), block.size())) > 0 || (got < 0 && errno == EINTR);) {
    if (got > 0 && said.size() < block.size()) said.append(block.data(), static_cast<std::size_t>(got));
  }
  std::string complaint;
  for (const std::string& line : split(said, '\n')) {
    // hwloc prints this for every description without a NUMA level; it is its only remark that is not a complaint.
    if (line.empty() || line.find("Inserting a NUMA level") != std::string::npos) continue;
    complaint += (complaint.empty() ? "" : " ") + line;
  }
  return std::string(beginning_within(escaped(complaint), 240));
}

struct Trial {
  bool succeeded = false;
  std::string complaint;
};

/// On some inputs hwloc crashes, fails an assertion or exhausts memory, and some it misreads silently. A child process
/// takes the damage, and captures the complaints, which in the parent would mix with its own output.
Trial try_in_child(const Source& source) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw SystemError("pipe2(O_CLOEXEC)", errno);
  const UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t child = fork_child();
  if (child == 0) run_trial(source, write_end.get());
  write_end.reset();
  Trial result;
  result.complaint = complaint_from(read_end.get());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw SystemError(fmt::format("waitpid({})", child), errno);
  }
  result.succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
    result.complaint = fmt::format("hwloc takes more than {} s to load it.", most_seconds);
  if (!result.succeeded && result.complaint.empty()) result.complaint = "hwloc cannot load it.";
  return result;
}

/// Throws UsageError with the reason when `source` cannot be used.
Handle load_from_others(const Source& source, const std::string& what, bool refuse_complaints) {
  const Trial trial = try_in_child(source);
  if (!trial.succeeded || (refuse_complaints && !trial.complaint.empty())) {
    const std::string& why = trial.complaint;
    throw UsageError(fmt::format("--topology: {} is not usable. {}{}", what, why, why.ends_with('.') ? "" : "."));
  }
  ::setenv("HWLOC_HIDE_ERRORS", "2", 0);  // the trial has its complaints already
  return load(source);
}

// ---------------------------------------------------------------------------------------------- descriptions and files

/// A description, shortened to what fits into a message.
std::string shown(std::string_view text) {
  const std::string whole = escaped(text);
  const std::string_view part = beginning_within(whole, 80);
  return fmt::format("'{}{}'", part, part.size() < whole.size() ? "..." : "");
}

/// The description without its "(attributes)" and "[memory]": only levels are left.
std::string levels_of(std::string_view description) {
  std::string levels;
  char closing = '\0';
  for (const char c : description) {
    if (closing != '\0') {
      if (c == closing) closing = '\0';
    } else if (c == '(' || c == '[') {
      closing = c == '(' ? ')' : ']';
    } else {
      levels += c;
    }
  }
  return levels;
}

/// Multiplies the counts before hwloc does, which would allocate whatever they come to. Also refuses a level without
/// a count, for which hwloc takes the next one's. Returns how many CPUs they come to.
int check_description(std::string_view description) {
  const auto refuse = [&](std::string_view why) {
    throw UsageError(
        fmt::format("--topology: the synthetic description {} {}; give levels from outside in with their counts, as in "
                    "'package:2 l3:2 core:4 pu:2'.",
                    shown(description), why));
  };
  if (description.size() > 1U << 16U) refuse("is longer than 64 KiB");
  if (std::any_of(description.begin(), description.end(), [](char c) { return c < ' ' || c > '~'; }))
    refuse("has a character that none may have");
  std::uint64_t cpus = 1;
  bool any = false;
  for (const std::string& level : split(levels_of(description), ' ')) {
    if (level.empty()) continue;
    any = true;
    const auto colon = level.find(':');
    const auto count =
        parse_number<std::uint32_t>(std::string_view(level).substr(colon == std::string::npos ? 0 : colon + 1));
    if (!count || *count == 0) refuse(fmt::format("has a level without a usable count, '{}'", level));
    cpus *= *count;
    if (cpus > most_cpus) refuse(fmt::format("has more than {} CPUs", most_cpus));
  }
  if (!any) refuse("names no level");
  return static_cast<int>(cpus);
}

std::string read_whole(const std::string& file) {
  const auto refuse = [&](std::string_view why) {
    throw UsageError(fmt::format("--topology: the file '{}' {}.", file, why));
  };
  const UniqueFd fd(
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // O_NONBLOCK: opening a FIFO must not wait
  if (!fd) refuse(fmt::format("cannot be opened: {}", describe_errno(errno)));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) refuse(fmt::format("cannot be read: {}", describe_errno(errno)));
  if (!S_ISREG(status.st_mode)) refuse("is not a regular file");
  if (static_cast<std::size_t>(status.st_size) > largest_xml_bytes) refuse("is larger than 16 MiB");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::read(fd.get(), text.data() + have, text.size() - have);
    if (got < 0) refuse(fmt::format("cannot be read: {}", describe_errno(errno)));
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

}  // namespace

// ---------------------------------------------------------------------------------------------- Topology

struct Topology::Impl {
  Handle handle;
  bool is_this_machine;
};

namespace {

void set_memory_policy(const Topology::Impl& impl, hwloc_const_nodeset_t nodes, hwloc_membind_policy_t policy,
                       const std::string& call) {
  if (!impl.is_this_machine) throw std::logic_error(call + ": the topology is not this machine's");
  constexpr int flags = HWLOC_MEMBIND_THREAD | HWLOC_MEMBIND_STRICT | HWLOC_MEMBIND_BYNODESET;
  if (hwloc_set_membind(impl.handle.get(), nodes, policy, flags) != 0) throw SystemError(call, errno);
}

}  // namespace

Topology::Topology(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Topology::Topology(Topology&&) noexcept = default;
Topology& Topology::operator=(Topology&&) noexcept = default;
Topology::~Topology() = default;

Topology Topology::of_this_machine() {
  Handle handle = load([](hwloc_topology_t) { return 0; });
  if (hwloc_topology_is_thissystem(handle.get()) == 0) {
    throw UsageError(
        "HWLOC_XMLFILE, HWLOC_SYNTHETIC, HWLOC_FSROOT or HWLOC_THISSYSTEM in the environment puts another machine's "
        "topology "
        "in the place of this one's; unset it, and use --topology to look at other machines.");
  }
  return Topology(std::make_unique<Impl>(Impl{std::move(handle), true}));
}

Topology Topology::synthetic(std::string_view description) {
  const int cpus = check_description(description);
  const std::string text(description);
  const Source source = [&](hwloc_topology_t topology) { return hwloc_topology_set_synthetic(topology, text.c_str()); };
  Handle handle = load_from_others(source, fmt::format("the synthetic description {}", shown(description)), true);
  if (hwloc_get_nbobjs_by_type(handle.get(), HWLOC_OBJ_PU) != cpus) {  // hwloc silently merges equal indexes
    throw UsageError(fmt::format("--topology: the synthetic description {} gives several CPUs the same number.",
                                 shown(description)));
  }
  return Topology(std::make_unique<Impl>(Impl{std::move(handle), false}));
}

Topology Topology::from_xml(const std::string& file) {
  const std::string text = read_whole(file);
  // Entities are of no use to hwloc, but some XML libraries follow them to other files.
  if (text.find('\0') != std::string::npos || text.find("<!ENTITY") != std::string::npos) {
    throw UsageError(fmt::format("--topology: the file '{}' is not one that `lstopo --of xml` writes.", file));
  }
  const Source source = [&](hwloc_topology_t topology) {
    return hwloc_topology_set_xmlbuffer(topology, text.c_str(), static_cast<int>(text.size() + 1));
  };
  Handle handle = load_from_others(source, fmt::format("the file '{}'", file), false);
  return Topology(std::make_unique<Impl>(Impl{std::move(handle), false}));
}

bool Topology::is_this_machine() const noexcept { return impl_->is_this_machine; }

Machine Topology::machine(const std::filesystem::path& root) const {
  return machine_of(impl_->handle.get(), impl_->is_this_machine, root);
}

void Topology::pin_this_thread(int os_cpu) const {
  // hwloc "binds" to a topology that is not this system's, and reports success.
  if (!is_this_machine()) throw std::logic_error("Topology::pin_this_thread: the topology is not this machine's");
  const std::string call = fmt::format("hwloc_set_cpubind(CPU {}, THREAD|STRICT)", os_cpu);
  const hwloc_topology_t topology = impl_->handle.get();
  const bool known = os_cpu >= 0 && hwloc_bitmap_isset(hwloc_topology_get_complete_cpuset(topology),
                                                       static_cast<unsigned>(os_cpu)) != 0;
  if (!known) throw SystemError(call, EINVAL);
  const Bitmap only(hwloc_bitmap_alloc());
  if (!only || hwloc_bitmap_only(only.get(), static_cast<unsigned>(os_cpu)) != 0) throw std::bad_alloc();
  if (hwloc_set_cpubind(topology, only.get(), HWLOC_CPUBIND_THREAD | HWLOC_CPUBIND_STRICT) != 0)
    throw SystemError(call, errno);
  const AffinityMask affinity;
  if (!affinity.has(os_cpu) || affinity.count() != 1)
    throw SystemError(call + ", after which sched_getaffinity(0) shows another mask,", EBUSY);
}

void Topology::bind_memory_of_this_thread(int os_node) const {
  const Bitmap node(hwloc_bitmap_alloc());
  if (!node || hwloc_bitmap_only(node.get(), static_cast<unsigned>(os_node)) != 0) throw std::bad_alloc();
  set_memory_policy(*impl_, node.get(), HWLOC_MEMBIND_BIND, fmt::format("hwloc_set_membind(node {})", os_node));
}

void Topology::interleave_memory_of_this_thread() const {
  set_memory_policy(*impl_, hwloc_topology_get_allowed_nodeset(impl_->handle.get()), HWLOC_MEMBIND_INTERLEAVE,
                    "hwloc_set_membind(all nodes, INTERLEAVE)");
}

}  // namespace pipebench
