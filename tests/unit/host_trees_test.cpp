// The host's record of other machines: trees of /proc and /sys as the kernel's documentation lays them out, one that
// was recorded, and ones that hold nonsense.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "pipebench/system/host.hpp"
#include "source_directory.hpp"
#include "temporary_directory.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;

/// Lays out a tree from tests/data/hosts: "== proc/loadavg", and below it what the file holds.
void lay_out(const TemporaryDirectory& root, const std::string& name) {
  std::ifstream file(tests_directory() / "data/hosts" / name);
  ASSERT_TRUE(file) << name;
  std::string path, text;
  const auto finish = [&] {
    if (!path.empty()) (void)root.write(path, text);
    text.clear();
  };
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("== ")) {
      finish();
      path = line.substr(3);
    } else {
      text += line + '\n';
    }
  }
  finish();
}

Host host_of(const std::string& name) {
  const TemporaryDirectory root;
  lay_out(root, name);
  return read_host(root.path());
}

/// What the host has been found to be about this; one that says nothing when there is none.
Finding about(const Host& host, const std::string& subject) {
  const auto found = std::ranges::find(host.findings, subject, &Finding::about);
  return found != host.findings.end() ? *found : Finding{};
}

/// Is a finding there for a figure that is missing?
bool explains(const Host& host, const std::string& figure) {
  return std::ranges::any_of(host.findings, [&](const Finding& finding) {
    return std::ranges::find(finding.figures, figure) != finding.figures.end();
  });
}

TEST(HostTrees, KnowsTwoSocketsWithSmt) {
  const Host host = host_of("two-sockets-smt.txt");
  EXPECT_EQ(host.smt, "on");
  EXPECT_EQ(host.microcode, "0x2007006");
  EXPECT_EQ(host.caches, "L1d 32K, L1i 32K, L2 1024K, L3 28160K");
  EXPECT_EQ(host.turbo, true);
  EXPECT_EQ(host.hypervisor, std::nullopt);
  EXPECT_EQ(host.container, std::nullopt);
  EXPECT_EQ(host.cgroup, "v2");
  EXPECT_EQ(host.capabilities, "none");
  EXPECT_EQ(host.memlock_limit_bytes, 65536U);
  EXPECT_EQ(host.nofile_limit, 1024U);
  EXPECT_EQ(host.address_space_limit_bytes, std::nullopt) << "unlimited";
  EXPECT_FALSE(explains(host, "address_space_limit_bytes"));
  EXPECT_EQ(about(host, "governor").severity, Severity::warning);
  EXPECT_EQ(about(host, "turbo").mend, "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo");
  EXPECT_EQ(about(host, "smt").mend, "echo off > /sys/devices/system/cpu/smt/control");
  EXPECT_EQ(about(host, "mitigations").what,
            "The kernel mitigates meltdown, retbleed, spectre_v2, mds at each entry, exit, return or indirect call.");
  EXPECT_EQ(about(host, "io_uring").mend, "sysctl -w kernel.io_uring_disabled=0");
  EXPECT_EQ(about(host, "perf events").severity, Severity::blocker);
  EXPECT_EQ(about(host, "kernel symbols").mend, "sysctl -w kernel.kptr_restrict=0 kernel.perf_event_paranoid=1");
  EXPECT_EQ(about(host, "swap").mend, "swapoff -a");
  EXPECT_EQ(about(host, "allowed CPUs").what, "");
}

TEST(HostTrees, KnowsAVirtualMachine) {
  const Host host = host_of("vm.txt");
  EXPECT_EQ(host.hypervisor, "Red Hat KVM");
  EXPECT_EQ(host.smt, "not there");
  EXPECT_EQ(host.microcode, "0x1");
  EXPECT_EQ(host.capabilities, "IPC_LOCK SYS_ADMIN SYS_NICE SYS_RESOURCE SYSLOG PERFMON");
  EXPECT_EQ(about(host, "clock source").mend,
            "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource");
  EXPECT_EQ(about(host, "steal time").what, "The hypervisor took 4.8 % of the CPU time since boot.");
  EXPECT_EQ(about(host, "thp").severity, Severity::blocker);
  EXPECT_EQ(about(host, "ksm").mend, "echo 2 > /sys/kernel/mm/ksm/run");
  EXPECT_EQ(about(host, "perf events").what, "") << "CAP_PERFMON is there";
  EXPECT_EQ(about(host, "kernel symbols").what, "") << "CAP_SYSLOG is there";
  EXPECT_TRUE(explains(host, "governor"));
  EXPECT_TRUE(explains(host, "turbo"));
}

TEST(HostTrees, KnowsAContainerWithoutRights) {
  const Host host = host_of("container.txt");
  EXPECT_EQ(host.container, "docker");
  EXPECT_EQ(host.cgroup, "v2");
  EXPECT_EQ(host.cgroup_cpu_quota, 1.5);
  EXPECT_EQ(host.cgroup_memory_limit_bytes, 512U << 20U);
  EXPECT_EQ(host.seccomp, "filter");
  EXPECT_EQ(host.capabilities, "none");
  EXPECT_EQ(about(host, "CPU quota").what, "The control group allows 1.50 CPUs.");
  EXPECT_EQ(about(host, "CPU quota").mend, "echo max > /sys/fs/cgroup/cpu.max");
  EXPECT_EQ(about(host, "memory").what, "112 MiB of memory are available.");
  EXPECT_EQ(about(host, "allowed CPUs").severity, Severity::warning);
  EXPECT_EQ(about(host, "pipe size").mend, "sysctl -w fs.pipe-max-size=1048576");
  EXPECT_EQ(about(host, "pipe pages").mend, "sysctl -w fs.pipe-user-pages-soft=16384");
  EXPECT_NE(about(host, "seccomp").what, "");
  EXPECT_EQ(about(host, "perf events").mend, "sysctl -w kernel.perf_event_paranoid=1");
}

TEST(HostTrees, KnowsControlGroupsOfVersion1) {
  const Host host = host_of("container-v1.txt");
  EXPECT_EQ(host.container, "kubernetes");
  EXPECT_EQ(host.cgroup, "v1 and v2");
  EXPECT_EQ(host.cgroup_cpu_quota, 0.5) << "of a group above";
  EXPECT_EQ(host.cgroup_memory_limit_bytes, 1U << 30U);
  EXPECT_EQ(about(host, "CPU quota").mend, "echo -1 > /sys/fs/cgroup/cpu/kubepods/cpu.cfs_quota_us");
  EXPECT_EQ(host.io_uring_disabled, std::nullopt);
  EXPECT_FALSE(explains(host, "io_uring_disabled")) << "such kernels have no such switch";
}

TEST(HostTrees, KnowsAKernelWithoutPressure) {
  const Host host = host_of("no-psi.txt");
  EXPECT_EQ(host.psi, std::nullopt);
  EXPECT_EQ(host.psi_accounting, "not compiled in");
  EXPECT_EQ(about(host, "psi").what, "");
  EXPECT_EQ(about(host, "turbo").mend, "echo 0 > /sys/devices/system/cpu/cpufreq/boost");
  EXPECT_EQ(about(host, "debug kernel").what, "The kernel was built with CONFIG_PROVE_LOCKING.");
}

TEST(HostTrees, KnowsPressureSwitchedOffAtBoot) {
  const TemporaryDirectory root;
  lay_out(root, "no-psi.txt");
  (void)root.write("boot/config-6.1.0-custom", "CONFIG_PSI=y\n");
  EXPECT_EQ(read_host(root.path()).psi_accounting, "off");
  fs::remove_all(root.path() / "boot");
  EXPECT_EQ(read_host(root.path()).psi_accounting, std::nullopt);
  EXPECT_TRUE(explains(read_host(root.path()), "psi_accounting"));
  (void)root.write("proc/cmdline", "quiet psi=0\n");
  EXPECT_EQ(read_host(root.path()).psi_accounting, "off");
}

TEST(HostTrees, ReadsThoseOfArm64) {
  const Host host = host_of("arm64.txt");
  EXPECT_EQ(host.cpu_model, "arm implementer 0x41 part 0xd0c");
  EXPECT_EQ(host.hypervisor, std::nullopt);
  EXPECT_EQ(host.smt, "not there");
  EXPECT_EQ(host.clock_source, "arch_sys_counter");
  EXPECT_EQ(about(host, "clock source").what, "");
  EXPECT_EQ(about(host, "mitigations").what,
            "The kernel mitigates spectre_v2 at each entry, exit, return or indirect call.");
  EXPECT_TRUE(explains(host, "microcode"));
}

TEST(HostTrees, ReadsRecordedOnes) {
  const Host host = host_of("recorded-vm-6.18.txt");
  EXPECT_EQ(host.cpu_model, "AMD EPYC");
  EXPECT_EQ(host.hypervisor, "unknown hypervisor");
  EXPECT_EQ(host.caches, "L1d 32K, L1i 32K, L2 1024K, L3 32768K");
  EXPECT_EQ(host.smt, "not there");
  EXPECT_EQ(host.capabilities, "IPC_LOCK SYS_ADMIN SYS_NICE SYSLOG PERFMON");
  EXPECT_EQ(host.psi_accounting, "on");
  EXPECT_EQ(about(host, "mitigations").what,
            "The kernel mitigates spec_rstack_overflow, spectre_v2 at each entry, exit, return or indirect call.")
      << "in vain, without microcode, but it costs as much";
}

TEST(HostTrees, KnowsContainersByTheirTraces) {
  const TemporaryDirectory root;
  EXPECT_EQ(read_host(root.path()).container, std::nullopt);
  (void)root.write(".dockerenv", "");
  EXPECT_EQ(read_host(root.path()).container, "docker");
  (void)root.write("run/.containerenv", "");
  EXPECT_EQ(read_host(root.path()).container, "podman");
  using namespace std::string_literals;
  (void)root.write("proc/1/environ", "HOME=/\0container=lxc\0"s);
  EXPECT_EQ(read_host(root.path()).container, "lxc");
  (void)root.write("run/systemd/container", "systemd-nspawn\n");
  EXPECT_EQ(read_host(root.path()).container, "systemd-nspawn");
}

TEST(HostTrees, PutsNoStrangeNameIntoACommand) {
  const TemporaryDirectory root;
  (void)root.write("proc/self/cgroup", "0::/a;reboot\n");
  (void)root.write("sys/fs/cgroup/a;reboot/cpu.max", "10000 100000\n");
  const Finding finding = about(read_host(root.path()), "CPU quota");
  EXPECT_EQ(finding.what, "The control group allows 0.10 CPUs.");
  EXPECT_EQ(finding.mend, "");
}

/// What is said of the mitigations of one weakness.
Finding mitigated(const std::string& weakness, const std::string& text) {
  const TemporaryDirectory root;
  (void)root.write("sys/devices/system/cpu/vulnerabilities/" + weakness, text + "\n");
  return about(read_host(root.path()), "mitigations");
}

TEST(HostTrees, KnowsMitigationsThatEachSystemCallPaysFor) {
  for (const auto& [weakness, text] :
       {std::pair{"retbleed", "Mitigation: IBPB; SMT disabled"}, std::pair{"retbleed", "Mitigation: Stuffing"},
        std::pair{"spec_rstack_overflow", "Mitigation: IBPB"},
        std::pair{"tsa", "Mitigation: Clear CPU buffers: user/kernel boundary"},
        std::pair{"indirect_target_selection", "Mitigation: Aligned branch/return thunks"},
        std::pair{"spectre_v2", "Mitigation: Enhanced / Automatic IBRS; RSB filling; BHI: SW loop, KVM: SW loop"},
        std::pair{"spectre_v2", "Mitigation: Retpolines; STIBP: disabled; BHI: Not affected"}})
    EXPECT_EQ(mitigated(weakness, text).what,
              "The kernel mitigates " + std::string(weakness) + " at each entry, exit, return or indirect call.")
        << text;
  EXPECT_NE(mitigated("retbleed", "Mitigation: IBPB; SMT disabled").why.find("(IBPB)"), std::string::npos);
  EXPECT_EQ(mitigated("tsa", "Mitigation: Clear CPU buffers").why.find("(IBPB)"), std::string::npos);
}

TEST(HostTrees, LeavesOutMitigationsThatConcernGuests) {
  for (const auto& [weakness, text] :
       {std::pair{"spec_rstack_overflow", "Mitigation: IBPB on VMEXIT only"},
        std::pair{"tsa", "Mitigation: Clear CPU buffers: VM"}, std::pair{"vmscape", "Mitigation: IBPB on VMEXIT"},
        std::pair{"spectre_v2", "Mitigation: Enhanced / Automatic IBRS; BHI: Vulnerable, KVM: SW loop"}})
    EXPECT_EQ(mitigated(weakness, text).what, "") << text;
}

TEST(HostTrees, SetsKernelParametersWhereACommandDoes) {
  const TemporaryDirectory root;
  lay_out(root, "two-sockets-smt.txt");
  const auto found = [&](const std::string& subject) { return about(read_host(root.path()), subject); };
  (void)root.write("usr/sbin/update-grub", "");
  EXPECT_EQ(found("psi").mend, "") << "it may be there, and not be what boots";
  EXPECT_EQ(found("psi").advice, "The kernel parameter psi=0 ends it, from the next boot on.");
  (void)root.write("proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro\n");
  EXPECT_EQ(found("psi").mend,
            "mkdir -p /etc/default/grub.d && echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX psi=0\"' > "
            "/etc/default/grub.d/psi.cfg && update-grub");
  (void)root.write("usr/sbin/grubby", "");
  EXPECT_EQ(found("psi").mend, "grubby --update-kernel=ALL --args=psi=0");
  EXPECT_EQ(found("mitigations").mend, "grubby --update-kernel=ALL --args=mitigations=off");
  EXPECT_NE(found("mitigations").advice.find("mitigations=off"), std::string::npos);
}

TEST(HostTrees, KnowsFilesWithoutHugePages) {
  const TemporaryDirectory root;
  const std::string file = "sys/kernel/mm/transparent_hugepage/shmem_enabled";
  const auto found = [&](const std::string& setting) {
    (void)root.write(file, setting + "\n");
    return about(read_host(root.path()), "thp of files");
  };
  for (const char* off : {"always within_size advise [never] deny force", "always advise never [deny]"}) {
    EXPECT_EQ(found(off).severity, Severity::note);
    EXPECT_NE(found(off).why.find("94 ns"), std::string::npos);
    EXPECT_EQ(found(off).mend, "echo advise > /" + file);
  }
  for (const char* on : {"always within_size [advise] never deny force", "[always] advise never", "nonsense"})
    EXPECT_EQ(found(on).what, "") << on;
}

TEST(HostTrees, KnowsWhoMayUseIoUring) {
  const TemporaryDirectory root;
  lay_out(root, "vm.txt");  // with all capabilities
  const auto found = [&](const std::string& setting) {
    (void)root.write("proc/sys/kernel/io_uring_disabled", setting + "\n");
    return about(read_host(root.path()), "io_uring").what;
  };
  EXPECT_EQ(found("1"), "");
  EXPECT_EQ(found("2"), "The sysctl kernel.io_uring_disabled is 2.");
  (void)root.write("proc/self/status", "Groups:\t10 990 \nCapEff:\t0000000000000000\n");
  (void)root.write("proc/sys/kernel/io_uring_group", "99\n");
  EXPECT_EQ(found("1"), "The sysctl kernel.io_uring_disabled is 1.");
  (void)root.write("proc/sys/kernel/io_uring_group", "990\n");
  EXPECT_EQ(found("1"), "");
  EXPECT_NE(found("2"), "");
}

TEST(HostTrees, KnowsTheHardLimitOfPipesToo) {
  const TemporaryDirectory root;
  lay_out(root, "two-sockets-smt.txt");  // without capabilities
  (void)root.write("proc/sys/fs/pipe-user-pages-soft", "0\n");
  EXPECT_EQ(about(read_host(root.path()), "pipe pages").what, "");
  (void)root.write("proc/sys/fs/pipe-user-pages-hard", "2\n");
  EXPECT_EQ(about(read_host(root.path()), "pipe pages").what,
            "The pipes of a user may have 2 pages in all (pipe-user-pages-hard).");
  EXPECT_EQ(about(read_host(root.path()), "pipe pages").mend, "sysctl -w fs.pipe-user-pages-hard=16384");
  (void)root.write("proc/self/status", "CapEff:\t0000000001000000\n");  // CAP_SYS_RESOURCE
  EXPECT_EQ(about(read_host(root.path()), "pipe pages").what, "") << "it holds for other users";
}

TEST(HostTrees, SaysHowFarTheClockSpeedMayGo) {
  const TemporaryDirectory root;
  lay_out(root, "two-sockets-smt.txt");
  const auto why = [&](const char* subject) { return about(read_host(root.path()), subject).why; };
  const auto clock = [&](const std::string& file, const std::string& value) {
    (void)root.write("sys/devices/system/cpu/cpu0/" + file, value + "\n");
  };
  EXPECT_EQ(why("governor"), "The clock speed may change during and between samples.") << "nothing tells";
  EXPECT_EQ(why("turbo").find("MHz"), std::string::npos);
  clock("cpufreq/scaling_min_freq", "800000");
  clock("cpufreq/scaling_max_freq", "3900000");
  EXPECT_EQ(why("governor"), "The clock speed may change during and between samples, from 800 to 3900 MHz.");
  clock("cpufreq/scaling_min_freq", "3900000");
  EXPECT_EQ(why("governor"), "The clock speed may change during and between samples.");
  clock("cpufreq/cpuinfo_max_freq", "3900000");
  clock("acpi_cppc/nominal_freq", "2600");
  EXPECT_TRUE(why("turbo").ends_with(" Here it may be up to 1.50 times the base of 2600 MHz.")) << why("turbo");
  clock("cpufreq/base_frequency", "2100000");
  EXPECT_TRUE(why("turbo").ends_with(" Here it may be up to 1.86 times the base of 2100 MHz.")) << why("turbo");
  clock("cpufreq/base_frequency", "0");
  clock("acpi_cppc/nominal_freq", "0");
  EXPECT_EQ(why("turbo").find("MHz"), std::string::npos);
}

TEST(HostTrees, CountsCapabilitiesOfTheFirstUserNamespaceAlone) {
  const TemporaryDirectory root;
  lay_out(root, "vm.txt");  // with all capabilities
  (void)root.write("proc/sys/kernel/io_uring_disabled", "1\n");
  (void)root.write("proc/sys/fs/pipe-user-pages-soft", "512\n");
  (void)root.write("proc/sys/kernel/perf_event_paranoid", "2\n");
  const auto found = [&](const std::string& user_namespace) {
    root.link("proc/self/ns/user", user_namespace);
    const Host host = read_host(root.path());
    EXPECT_EQ(host.capabilities, "IPC_LOCK SYS_ADMIN SYS_NICE SYS_RESOURCE SYSLOG PERFMON");
    std::string subjects;
    for (const auto* subject : {"user namespace", "io_uring", "pipe pages", "perf events", "kernel symbols"})
      if (!about(host, subject).what.empty()) subjects += std::string(subject) + ", ";
    return subjects;
  };
  EXPECT_EQ(found("user:[4026531837]"), "");
  // One that maps all users to themselves is another one all the same.
  (void)root.write("proc/self/uid_map", "         0          0 4294967295\n");
  EXPECT_EQ(found("user:[4026532241]"), "user namespace, io_uring, pipe pages, perf events, kernel symbols, ");
}

TEST(HostTrees, LooksAtTheGovernorsOfAllCpus) {
  const TemporaryDirectory root;
  (void)root.write("sys/devices/system/cpu/online", "0-2\n");
  const auto set = [&](int cpu, const std::string& name) {
    (void)root.write("sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/cpufreq/scaling_governor", name + "\n");
  };
  set(0, "performance");
  set(1, "performance");
  EXPECT_EQ(about(read_host(root.path()), "governor").what, "");
  EXPECT_EQ(read_host(root.path()).governor, "performance");
  set(2, "powersave");
  EXPECT_EQ(read_host(root.path()).governor, "performance, powersave");
  EXPECT_EQ(about(read_host(root.path()), "governor").what,
            "CPUs have different frequency governors: performance, powersave.");
}

/// Every file of a tree replaced by the same text.
Host host_full_of(const std::string& text) {
  const TemporaryDirectory root;
  lay_out(root, "container-v1.txt");
  lay_out(root, "two-sockets-smt.txt");
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root.path()))
    if (entry.is_regular_file()) std::ofstream(entry.path()) << text;
  return read_host(root.path());
}

TEST(HostTrees, SurvivesNonsense) {
  using namespace std::string_literals;
  for (const std::string& text : {""s, "\n"s, "\0\xff\xfe\0\n"s, "99999999999999999999999999\n"s, "-1\n"s, ":::\n"s,
                                  std::string(5000, 'x'), "[[[]]]\n"s, "cpu "s}) {
    const Host host = host_full_of(text);
    EXPECT_EQ(host.load_average, std::nullopt);
    EXPECT_EQ(host.capabilities, std::nullopt);
    EXPECT_EQ(host.seccomp, std::nullopt);
    EXPECT_EQ(host.caches, std::nullopt);
    EXPECT_EQ(host.cgroup_cpu_quota, std::nullopt);
    for (const char* figure : {"load_average", "capabilities", "seccomp", "caches"})
      EXPECT_TRUE(explains(host, figure)) << figure;
  }
}

TEST(HostTrees, FindsNoLimitWhereDirectoriesAreInTheWay) {
  const TemporaryDirectory root;
  fs::create_directories(root.path() / "proc/self/status");
  fs::create_directories(root.path() / "proc/loadavg");
  fs::create_directories(root.path() / "sys/devices/system/cpu/cpu0/cache/index0/size");
  const Host host = read_host(root.path());
  EXPECT_EQ(host.load_average, std::nullopt);
  EXPECT_EQ(host.capabilities, std::nullopt);
  EXPECT_EQ(host.caches, std::nullopt);
}

}  // namespace
}  // namespace pipebench
