// What measured, and on what machine.
#include "model/fields/tables.hpp"

namespace pipebench {
namespace {

Json warnings(const Host& host) {
  Json sentences = Json::array();
  for (const Finding& finding : host.findings) sentences.push_back(sentence_of(finding));
  return sentences;
}

}  // namespace

template <>
std::span<const Field<Tool>> fields_of<Tool>() {
  static constexpr std::array table{
      field<&Tool::version>("version", "of pipebench"),
      field<&Tool::commit>("commit", "git commit of the build, with `-dirty` when files had been changed",
                           "built outside a git checkout"),
      field<&Tool::compiler>("compiler", "name and version"),
      field<&Tool::flags>("flags", "optimisation flags of the build"),
  };
  return table;
}

namespace {

/// What a reader looks for first.
constexpr std::array first_host_fields{
    field<&Host::hostname>("hostname", "what the machine calls itself, as `uname -n`", "it cannot be read"),
    field<&Host::kernel>("kernel", "release, as `uname -r`", "it cannot be read"),
    field<&Host::cpu_model>("cpu_model", "of the first CPU, from /proc/cpuinfo", "it has no such line"),
    field<&Host::hypervisor>("hypervisor",
                             "what the machine runs under, as its firmware or device tree names it; `\"unknown "
                             "hypervisor\"` in a virtual machine that does not say",
                             "on bare metal"),
    field<&Host::topology>("topology", "hwloc's synthetic description of packages, caches, cores, CPUs",
                           "hwloc cannot describe it that way"),
    field<&Host::page_size_bytes>("page_size_bytes", "of an ordinary page"),
    field<&Host::thp>("thp", "transparent huge pages: `always`, `madvise` or `never`", "the kernel has none"),
    field<&Host::pipe_max_size_bytes>("pipe_max_size_bytes", "/proc/sys/fs/pipe-max-size", "it cannot be read"),
    field<&Host::psi>("psi",
                      "first figure of /proc/pressure/cpu, `some avg10=` percent of the last 10 s in which a thread "
                      "waited for a CPU",
                      "the kernel does not keep it"),
    field<&Host::mitigations>("mitigations",
                              "each weakness of the processor and what the kernel does about it; `\"none needed\"`",
                              "/sys does not tell"),
    field<&Host::governor>("governor",
                           "frequency governor of the CPUs; each of them, `performance, powersave`, where they differ",
                           "there is none, as in most virtual machines"),
    field<&Host::load_average>("load_average", "over 1, 5 and 15 minutes, before the run", "it cannot be read"),
};

/// The processor, and what is around it.
constexpr std::array processor_fields{
    field<&Host::microcode>("microcode", "revision, as the kernel writes it", "the kernel does not tell"),
    field<&Host::caches>("caches", "of CPU 0, with their sizes: `L1d 32K, L1i 32K, L2 1024K`", "/sys does not tell"),
    field<&Host::smt>("smt", "threads of one core: `on`, `off` or `not there`", "/sys does not tell"),
    field<&Host::container>("container",
                            "`docker`, `podman`, `lxc`, `systemd-nspawn`, `kubernetes`, ...: what left its traces, as "
                            "systemd-detect-virt(1) looks for them",
                            "outside containers"),
};

/// How the kernel is set.
constexpr std::array kernel_fields{
    field<&Host::clock_source>("clock_source", "what the kernel's clock goes by: `tsc`, `hpet`, ...",
                               "/sys does not tell"),
    field<&Host::turbo>("turbo", "may clock rates go above the nominal one?", "the driver does not tell"),
    field<&Host::thp_defrag>("thp_defrag", "transparent_hugepage/defrag: how hard the kernel tries",
                             "/sys does not tell"),
    field<&Host::thp_shmem>("thp_shmem", "transparent_hugepage/shmem_enabled, which counts for memfds",
                            "/sys does not tell"),
    field<&Host::psi_accounting>("psi_accounting",
                                 "does the kernel account for pressure? `on`, `off`, `not compiled in`",
                                 "neither /proc nor /boot tells"),
    field<&Host::pipe_user_pages_soft>(
        "pipe_user_pages_soft", "/proc/sys/fs/pipe-user-pages-soft, in pages; 0 is no limit", "it cannot be read"),
    field<&Host::pipe_user_pages_hard>("pipe_user_pages_hard", "likewise, pipe-user-pages-hard", "it cannot be read"),
    field<&Host::max_map_count>("max_map_count", "/proc/sys/vm/max_map_count: mappings that a process may have",
                                "it cannot be read"),
    field<&Host::perf_event_paranoid>("perf_event_paranoid", "the sysctl kernel.perf_event_paranoid",
                                      "it cannot be read"),
    field<&Host::kptr_restrict>("kptr_restrict", "the sysctl kernel.kptr_restrict", "it cannot be read"),
    field<&Host::io_uring_disabled>("io_uring_disabled", "the sysctl kernel.io_uring_disabled",
                                    "the kernel has none (before 6.6)"),
};

/// What this process may do and have.
constexpr std::array rights_fields{
    field<&Host::cgroup>("cgroup", "versions of control groups: `v1`, `v2`, `v1 and v2`", "it cannot be read"),
    field<&Host::cgroup_memory_limit_bytes>("cgroup_memory_limit_bytes",
                                            "the least that this process's control group and those above it allow",
                                            "there is no limit, or `cgroup` is null"),
    field<&Host::cgroup_cpu_quota>("cgroup_cpu_quota", "likewise, in CPUs", "there is no quota, or `cgroup` is null"),
    field<&Host::memlock_limit_bytes>("memlock_limit_bytes", "memory that may be locked (`ulimit -l`)",
                                      "unlimited, or it cannot be read"),
    field<&Host::nofile_limit>("nofile_limit", "descriptors (`ulimit -n`)", "unlimited, or it cannot be read"),
    field<&Host::address_space_limit_bytes>("address_space_limit_bytes", "address space (`ulimit -v`)",
                                            "unlimited, or it cannot be read"),
    field<&Host::seccomp>("seccomp", "mode: `off`, `strict` or `filter`", "/proc does not tell"),
    field<&Host::capabilities>("capabilities",
                               "those of `IPC_LOCK`, `SYS_ADMIN`, `SYS_NICE`, `SYS_RESOURCE`, `SYSLOG`, `PERFMON` "
                               "that this process has; `\"none\"`",
                               "/proc does not tell"),
};

constexpr std::array finding_fields{
    derived<Host>("warnings", "array of sentences: `findings` in words", warnings),
    field<&Host::findings>("findings",
                           "array: what is missing and why, and what on this machine makes results less "
                           "trustworthy, [below](#findings)"),
};

}  // namespace

template <>
std::span<const Field<Host>> fields_of<Host>() {
  static constexpr auto table =
      joined(first_host_fields, processor_fields, kernel_fields, rights_fields, finding_fields);
  return table;
}

template <>
std::span<const Field<Finding>> fields_of<Finding>() {
  static constexpr std::array table{
      field<&Finding::severity>("severity", "{meanings}"),
      field<&Finding::figures>("figures", "array: the keys that are `null`, or `unknown`, because of it"),
      field<&Finding::about>("about", "what it is about, in a word or two: `governor`", "`figures` say it"),
      field<&Finding::what>("what", "a sentence: what was found"),
      field<&Finding::why>("why", "a sentence: why it matters", "`what` says it"),
      field<&Finding::mend>("mend", "a command that mends it, for the shell of root", "there is none"),
      field<&Finding::advice>("advice", "a sentence: what helps where no command does, or none does all of it",
                              "there is nothing to add"),
  };
  return table;
}

}  // namespace pipebench
