// The host's record, question by question. Each part fills its members of Host, and finds what is wrong with them.
#pragma once

#include "pipebench/model/results.hpp"
#include "system/host/reader.hpp"

namespace pipebench {

/// cpu_model, microcode, caches, smt, hypervisor, mitigations, clock_source.
void read_processor(Host& host, HostReader& reader);
/// governor, turbo.
void read_clock_speed(Host& host, HostReader& reader);
/// After read_rights(). thp, thp_defrag, thp_shmem, psi, psi_accounting, pipe limits, max_map_count,
/// io_uring_disabled; swap and KSM.
void read_kernel_settings(Host& host, HostReader& reader);
/// Limits of this process, seccomp, capabilities, CPUs that it may use; perf_event_paranoid, kptr_restrict, PMU.
void read_rights(Host& host, HostReader& reader);
/// container, cgroup and its limits.
void read_container(Host& host, HostReader& reader);
/// After read_rights(): does this process have it, in the first user namespace? "SYS_ADMIN"; false where that is not
/// known.
[[nodiscard]] bool has_capability(const Host& host, const HostReader& reader, std::string_view name);
/// A command that gives the kernel a parameter at each boot from now on, where this machine boots in a way for which
/// there is one; else empty.
[[nodiscard]] std::string kernel_parameter_command(const HostReader& reader, std::string_view parameter);
/// load_average; steal time and memory that is left.
void read_load(Host& host, HostReader& reader);

}  // namespace pipebench
