#include "pipebench/system/host.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace pipebench {
namespace {

namespace fs = std::filesystem;

/// A /proc and /sys of its own, at first those of a well-tuned machine on bare metal.
class HostTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "pipebench-host-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    write("proc/sys/kernel/osrelease", "6.18.0\n");
    write("proc/sys/kernel/hostname", "bench-1\n");
    write("proc/cpuinfo",
          "processor\t: 0\nmodel name\t: Quick CPU (R) @ 3GHz\nflags\t\t: fpu sse2\n\nprocessor\t: 1\nmodel name\t: "
          "other\n");
    write("proc/pressure/cpu",
          "some avg10=0.25 avg60=0.23 avg300=0.16 total=4341135\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
    write("proc/loadavg", "0.50 0.40 0.30 2/84 3841\n");
    write("proc/sys/fs/pipe-max-size", "1048576\n");
    write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    write("sys/devices/system/cpu/online", "0-1\n");
    write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
    write("sys/devices/system/cpu/vulnerabilities/meltdown", "Not affected\n");
    write("sys/devices/system/cpu/vulnerabilities/spectre_v2", "Mitigation: Enhanced / Automatic IBRS\n");
    write("sys/devices/system/cpu/vulnerabilities/spec_store_bypass", "Vulnerable\n");
    write_what_is_seldom_wrong();
  }
  void write_what_is_seldom_wrong() const {
    write("sys/devices/system/cpu/cpu0/microcode/version", "0x2f000320\n");
    write("sys/devices/system/cpu/cpu0/cache/index0/level", "1\n");
    write("sys/devices/system/cpu/cpu0/cache/index0/type", "Data\n");
    write("sys/devices/system/cpu/cpu0/cache/index0/size", "48K\n");
    write("sys/devices/system/cpu/cpu0/cache/index2/level", "2\n");
    write("sys/devices/system/cpu/cpu0/cache/index2/type", "Unified\n");
    write("sys/devices/system/cpu/cpu0/cache/index2/size", "2048K\n");
    write("sys/devices/system/cpu/smt/active", "0\n");
    write("sys/devices/system/cpu/smt/control", "off\n");
    write("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
    write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
    write("sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet acpi_pm\n");
    write("sys/bus/event_source/devices/cpu/type", "4\n");
    write("sys/kernel/mm/transparent_hugepage/defrag", "always defer defer+madvise [madvise] never\n");
    write("sys/kernel/mm/transparent_hugepage/shmem_enabled", "always within_size [advise] never deny force\n");
    write("proc/sys/fs/pipe-user-pages-soft", "16384\n");
    write("proc/sys/fs/pipe-user-pages-hard", "0\n");
    write("proc/sys/vm/max_map_count", "65530\n");
    write("proc/sys/kernel/perf_event_paranoid", "-1\n");
    write("proc/sys/kernel/kptr_restrict", "0\n");
    write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
    write("proc/meminfo", "MemTotal: 8000000 kB\nMemAvailable:    7000000 kB\n");
    write("proc/stat", "cpu  1000 0 1000 100000 0 0 0 0 0 0\ncpu0 500 0 500 50000 0 0 0 0 0 0\n");
    write("proc/self/cgroup", "0::/user.slice\n");
    write("proc/self/status", "CapEff:\t0000000000000000\nSeccomp:\t0\nCpus_allowed_list:\t0-1\n");
    write("proc/self/limits",
          "Limit                     Soft Limit           Hard Limit           Units     \n"
          "Max open files            1024                 524288               files     \n"
          "Max locked memory         8388608              8388608              bytes     \n"
          "Max address space         unlimited            unlimited            bytes     \n");
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  void remove(const std::string& file) const { fs::remove_all(root_ / file); }
  [[nodiscard]] Host read() const { return read_host(root_); }

  /// The first finding whose sentence begins with this; one that says nothing when there is none.
  static Finding finding(const Host& host, const std::string& beginning) {
    const auto found = std::ranges::find_if(
        host.findings, [&](const Finding& each) { return sentence_of(each).starts_with(beginning); });
    return found != host.findings.end() ? *found : Finding{};
  }

  fs::path root_;
};

TEST_F(HostTest, FindsNothingOnAWellTunedMachine) {
  const Host host = read();
  EXPECT_EQ(host.kernel, "6.18.0");
  EXPECT_EQ(host.hostname, "bench-1");
  EXPECT_EQ(host.cpu_model, "Quick CPU (R) @ 3GHz");
  EXPECT_EQ(host.hypervisor, std::nullopt);
  EXPECT_EQ(host.thp, "madvise");
  EXPECT_EQ(host.psi, "some avg10=0.25");
  EXPECT_EQ(host.mitigations, "spec_store_bypass: Vulnerable; spectre_v2: Mitigation: Enhanced / Automatic IBRS");
  EXPECT_EQ(host.governor, "performance");
  EXPECT_EQ(host.load_average, "0.50 0.40 0.30");
  EXPECT_EQ(host.pipe_max_size_bytes, 1048576U);
  EXPECT_EQ(host.page_size_bytes, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
  ASSERT_EQ(host.findings.size(), 1U) << "but for the price of what tells of pressure";
  EXPECT_EQ(host.findings[0].about, "psi");
}

TEST_F(HostTest, TellsWhoHidesKernelSymbols) {
  const auto symbols = [&] {
    const Host host = read();
    const auto found = std::ranges::find(host.findings, "kernel symbols", &Finding::about);
    return found != host.findings.end() ? *found : Finding{};
  };
  EXPECT_EQ(symbols().what, "") << "nothing hides them";
  write("proc/sys/kernel/perf_event_paranoid", "2\n");
  EXPECT_EQ(symbols().severity, Severity::blocker);
  EXPECT_NE(symbols().why.find("kernel.perf_event_paranoid is 2"), std::string::npos) << symbols().why;
  EXPECT_EQ(symbols().mend, "sysctl -w kernel.perf_event_paranoid=1");
  write("proc/self/status", "CapEff:\t0000000400000000\nSeccomp:\t0\nCpus_allowed_list:\t0-1\n");
  EXPECT_EQ(symbols().what, "") << "CAP_SYSLOG is there";
  write("proc/sys/kernel/kptr_restrict", "2\n");
  EXPECT_EQ(symbols().mend, "sysctl -w kernel.kptr_restrict=0");
}

TEST_F(HostTest, NamesAVirtualMachineByItsFirmware) {
  write("proc/cpuinfo", "model name\t: Quick CPU\nflags\t\t: fpu hypervisor sse2\n\n");
  write("sys/class/dmi/id/sys_vendor", "QEMU\n");
  write("sys/class/dmi/id/product_name", "Standard PC (Q35 + ICH9, 2009)\n");
  const Host host = read();
  EXPECT_EQ(host.hypervisor, "QEMU Standard PC (Q35 + ICH9, 2009)");
  EXPECT_EQ(finding(host, "This is a virtual machine (QEMU Standard PC").severity, Severity::warning);
}

TEST_F(HostTest, KnowsAVirtualMachineWithoutAName) {
  write("proc/cpuinfo", "model name\t: Quick CPU\nflags\t\t: fpu hypervisor\n\n");
  EXPECT_EQ(read().hypervisor, "unknown hypervisor");
}

TEST_F(HostTest, TakesXenAtItsWord) {
  write("sys/hypervisor/type", "xen\n");
  EXPECT_EQ(read().hypervisor, "xen");
}

TEST_F(HostTest, KnowsAVirtualMachineWhoseProcessorHasNoFlags) {
  write("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n\n");
  write("sys/class/dmi/id/sys_vendor", "Google\n");
  write("sys/class/dmi/id/product_name", "Google Compute Engine\n");
  const Host host = read();
  EXPECT_EQ(host.hypervisor, "Google Compute Engine");
  EXPECT_EQ(host.cpu_model, "arm implementer 0x41 part 0xd0c");
}

// What `-machine virt` of QEMU shows, and others without DMI.
TEST_F(HostTest, KnowsAVirtualMachineByItsDeviceTree) {
  using namespace std::string_literals;
  write("proc/cpuinfo", "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n\n");
  write("proc/device-tree/compatible", "raspberrypi,4-model-b\0brcm,bcm2711\0"s);
  EXPECT_EQ(read().hypervisor, std::nullopt);
  write("proc/device-tree/compatible", "linux,dummy-virt\0"s);
  EXPECT_EQ(read().hypervisor, "linux,dummy-virt");
  EXPECT_NE(finding(read(), "This is a virtual machine (linux,dummy-virt)").what, "");
  write("proc/device-tree/fw-cfg@9020000/compatible", "qemu,fw-cfg-mmio\0"s);
  EXPECT_EQ(read().hypervisor, "QEMU");
  write("proc/device-tree/hypervisor/compatible", "xen,xen-4.17\0xen,xen\0"s);
  EXPECT_EQ(read().hypervisor, "xen,xen-4.17");
}

TEST_F(HostTest, DoesNotTakeAServerForAVirtualMachine) {
  write("sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
  write("sys/class/dmi/id/product_name", "PowerEdge R740\n");
  EXPECT_EQ(read().hypervisor, std::nullopt);
}

TEST_F(HostTest, SaysWhyAFigureIsMissing) {
  remove("sys/devices/system/cpu/cpu0/cpufreq");
  write("proc/pressure/cpu", "");
  const Host host = read();
  EXPECT_EQ(host.governor, std::nullopt);
  EXPECT_EQ(host.psi, std::nullopt);
  EXPECT_EQ(sentence_of(finding(host, "governor")),
            "governor: /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor is not there. The clock speed policy is "
            "unknown.");
  EXPECT_EQ(sentence_of(finding(host, "psi")),
            "psi: /proc/pressure/cpu cannot be read or understood. How long threads wait for a CPU is unknown.");
}

TEST_F(HostTest, HasAFindingForEveryMissingFigureOfAnEmptyRoot) {
  remove("proc");
  remove("sys");
  const Host host = read();
  EXPECT_EQ(host.kernel, "unknown");
  EXPECT_EQ(host.cpu_model, "unknown");
  EXPECT_EQ(host.pipe_max_size_bytes, std::nullopt);
  for (const auto* figure : {"hostname",
                             "kernel",
                             "cpu_model",
                             "microcode",
                             "caches",
                             "smt",
                             "mitigations",
                             "clock_source",
                             "governor",
                             "turbo",
                             "thp",
                             "psi",
                             "psi_accounting",
                             "pipe_max_size_bytes",
                             "pipe_user_pages_soft",
                             "pipe_user_pages_hard",
                             "max_map_count",
                             "seccomp",
                             "capabilities",
                             "perf_event_paranoid",
                             "kptr_restrict",
                             "cgroup",
                             "load_average"}) {
    const Finding found = finding(host, std::string(figure) + ": ");
    EXPECT_EQ(found.figures, std::vector<std::string>{figure});
    EXPECT_EQ(found.severity, Severity::note);
    EXPECT_NE(found.why, "") << figure;
  }
  EXPECT_EQ(host.findings.size(), 25U) << "those, one for two settings of huge pages, one for three limits";
}

TEST_F(HostTest, WarnsOfOtherWork) {
  write("proc/loadavg", "1.01 0.40 0.30 2/84 3841\n");
  EXPECT_EQ(sentence_of(finding(read(), "The load average")),
            "The load average is 1.01 on 2 CPUs. Other work competes with the samples: one busy thread on the reader's "
            "CPU took write and read from 5.2 to 2.4 GiB/s. Stop it, or wait for its end; top shows it.");
  write("proc/loadavg", "1.00 0.40 0.30 2/84 3841\n");
  EXPECT_EQ(finding(read(), "The load average").what, "");
}

TEST_F(HostTest, WarnsOfAChangingClockSpeed) {
  write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  const Host host = read();
  EXPECT_EQ(host.governor, "powersave");
  const Finding found = finding(host, "The CPU frequency governor is 'powersave'");
  EXPECT_EQ(found.severity, Severity::warning);
  EXPECT_EQ(found.mend, "cpupower frequency-set -g performance");
}

TEST_F(HostTest, SaysHowToSwitchTransparentHugePagesOn) {
  write("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
  const Host host = read();
  EXPECT_EQ(host.thp, "never");
  const Finding found = finding(host, "Transparent huge pages are switched off.");
  EXPECT_EQ(found.severity, Severity::blocker);
  EXPECT_EQ(found.mend, "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
}

TEST_F(HostTest, SaysThatNoMitigationIsNeeded) {
  remove("sys/devices/system/cpu/vulnerabilities/spectre_v2");
  remove("sys/devices/system/cpu/vulnerabilities/spec_store_bypass");
  EXPECT_EQ(read().mitigations, "none needed");
}

TEST_F(HostTest, DoesNotTakeNonsenseForFigures) {
  write("proc/loadavg", "\n");
  write("proc/sys/fs/pipe-max-size", "lots\n");
  write("sys/kernel/mm/transparent_hugepage/enabled", "]always[\n");
  write("sys/class/dmi/id/product_name", "\xff\xfe KVM \x01\n");
  const Host host = read();
  EXPECT_EQ(host.load_average, std::nullopt);
  EXPECT_EQ(host.pipe_max_size_bytes, std::nullopt);
  EXPECT_EQ(host.thp, std::nullopt);
  EXPECT_EQ(host.hypervisor, "\\xff\\xfe KVM \\x01") << "nothing that JSON would choke on";
}

}  // namespace
}  // namespace pipebench
