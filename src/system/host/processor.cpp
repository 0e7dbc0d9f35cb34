// The processor, and what it runs under.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "system/host/parts.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;

/// The part of /proc/cpuinfo that tells of the first CPU (and, on some architectures, of all). The kernel makes the
/// rest up as it is read, which takes long on large machines.
class CpuInfo {
 public:
  explicit CpuInfo(const fs::path& file) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line) && !trim(line).empty();) {
      const auto colon = line.find(':');
      if (colon == std::string::npos) continue;
      fields_.emplace_back(trim(std::string_view(line).substr(0, colon)),
                           trim(std::string_view(line).substr(colon + 1)));
    }
  }
  /// Empty when there is no such field.
  [[nodiscard]] std::string operator[](std::string_view key) const {
    for (const auto& [name, value] : fields_) {
      if (name == key) return escaped(value);
    }
    return {};
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// x86 and others have "model name", POWER "cpu"; arm64 has only numbers, which `lscpu` translates.
std::string cpu_model(const CpuInfo& info, HostReader& reader) {
  for (const auto* key : {"model name", "cpu"}) {
    if (auto name = info[key]; !name.empty()) return name;
  }
  const std::string implementer = info["CPU implementer"];
  const std::string part = info["CPU part"];
  if (!implementer.empty() && !part.empty()) return fmt::format("arm implementer {} part {}", implementer, part);
  reader.missing("cpu_model", "/proc/cpuinfo", "The processor is unknown.");
  return "unknown";
}

/// "QEMU Standard PC", "Google Compute Engine": firmware repeats the vendor or not, as it likes.
std::string firmware_name(const HostReader& reader) {
  const auto vendor = reader.line("/sys/class/dmi/id/sys_vendor").value_or("");
  const auto product = reader.line("/sys/class/dmi/id/product_name").value_or("");
  if (vendor.empty() || product.starts_with(vendor)) return product;
  return product.empty() ? vendor : vendor + " " + product;
}

/// For processors that have no flag to say so. Names as systemd-detect-virt(1) knows them from the same tables.
bool is_virtual_by_name(const std::string& name) {
  constexpr std::array known{"KVM",
                             "QEMU",
                             "VMware",
                             "VirtualBox",
                             "innotek",
                             "Xen",
                             "Bochs",
                             "Parallels",
                             "BHYVE",
                             "OpenStack",
                             "Google Compute Engine",
                             "Microsoft Corporation Virtual Machine",
                             "Virtualization",
                             "Virtual Platform"};
  return std::any_of(known.begin(), known.end(),
                     [&](const char* word) { return name.find(word) != std::string::npos; });
}

/// Boards without DMI (arm64, POWER, RISC-V) are described by a device tree; systemd-detect-virt(1) looks at the same
/// places. Machines that exist only as programs, QEMU's `virt` and Firecracker's among them, call themselves
/// linux,dummy-virt.
std::optional<std::string> hypervisor_in_device_tree(const HostReader& reader) {
  const fs::path tree = reader.path("/proc/device-tree");
  if (auto said = read_first_string(tree / "hypervisor/compatible")) return said;
  std::error_code error;
  for (fs::directory_iterator entry(tree, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename().string().starts_with("fw-cfg")) return "QEMU";
  }
  const auto board = read_first_string(tree / "compatible");
  return board == "linux,dummy-virt" || board == "qemu,pseries" ? board : std::nullopt;
}

/// Empty on bare metal.
std::optional<std::string> hypervisor(const CpuInfo& info, const HostReader& reader) {
  if (auto type = reader.line("/sys/hypervisor/type")) return type;
  std::string name = firmware_name(reader);
  const std::string flags = " " + info["flags"] + " ";
  if (flags.find(" hypervisor ") != std::string::npos) return name.empty() ? "unknown hypervisor" : name;
  if (is_virtual_by_name(name)) return name;
  return hypervisor_in_device_tree(reader);
}

/// "name: text" of every weakness that the processor has, mended or not; "none needed" when it has none.
std::optional<std::string> mitigations(HostReader& reader) {
  const std::string directory = "/sys/devices/system/cpu/vulnerabilities";
  const std::vector<std::string> names = reader.names_in(directory);
  if (names.empty()) {
    reader.missing("mitigations", directory, "What system calls pay for them is unknown.");
    return std::nullopt;
  }
  std::string all;
  for (const std::string& name : names) {
    const auto text = reader.line(directory + "/" + name);
    if (!text || *text == "Not affected") continue;
    all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", escaped(name), *text);
  }
  return all.empty() ? "none needed" : all;
}

/// What the kernel does for a weakness at each entry, exit, return or indirect call, by the words of
/// arch/x86/kernel/cpu/bugs.c and arch/arm64/kernel/proton-pack.c. Not here: what concerns guests alone ("IBPB on
/// VMEXIT", "Clear CPU buffers: VM"), what follows them alone (vmscape), and switches between processes. Some are
/// at work, and said to be in vain: "Vulnerable: Safe RET, no microcode".
struct Tax {
  const char* file;
  const char* words;
};
constexpr std::array taxes{Tax{.file = "meltdown", .words = "Mitigation: PTI"},
                           Tax{.file = "retbleed", .words = "Mitigation: untrained return thunk"},
                           Tax{.file = "retbleed", .words = "Mitigation: IBPB"},
                           Tax{.file = "retbleed", .words = "Mitigation: IBRS"},
                           Tax{.file = "retbleed", .words = "Mitigation: Stuffing"},
                           Tax{.file = "spec_rstack_overflow", .words = ": Safe RET"},
                           Tax{.file = "spec_rstack_overflow", .words = "Mitigation: IBPB"},
                           Tax{.file = "spectre_v2", .words = "Mitigation: IBRS"},
                           Tax{.file = "spectre_v2", .words = "Retpoline"},
                           Tax{.file = "spectre_v2", .words = "BHI: SW loop"},
                           Tax{.file = "spectre_v2", .words = ", BHB"},
                           Tax{.file = "indirect_target_selection", .words = "Mitigation: Aligned branch"},
                           Tax{.file = "indirect_target_selection", .words = "Mitigation: Retpolines, Stuffing RSB"},
                           Tax{.file = "mds", .words = "Clear CPU buffers"},
                           Tax{.file = "tsx_async_abort", .words = "Clear CPU buffers"},
                           Tax{.file = "mmio_stale_data", .words = "Clear CPU buffers"},
                           Tax{.file = "tsa", .words = "Clear CPU buffers"},
                           Tax{.file = "reg_file_data_sampling", .words = "Mitigation: Clear Register File"}};

bool is_paid(std::string_view text, std::string_view words) {
  const auto at = text.find(words);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = text.substr(at + words.size());
  return !rest.starts_with(" on VMEXIT") && !rest.starts_with(": VM");
}

void find_taxing_mitigations(HostReader& reader) {
  std::vector<std::string> found;
  bool has_barrier = false;
  for (const Tax& tax : taxes) {
    const std::string text =
        reader.line(std::string("/sys/devices/system/cpu/vulnerabilities/") + tax.file).value_or("");
    if (!is_paid(text, tax.words)) continue;
    has_barrier = has_barrier || std::string_view(tax.words) == "Mitigation: IBPB";
    if (std::ranges::find(found, tax.file) == found.end()) found.emplace_back(tax.file);
  }
  if (found.empty()) return;
  reader.add(
      {.about = "mitigations",
       .what =
           fmt::format("The kernel mitigates {} at each entry, exit, return or indirect call.", fmt::join(found, ", ")),
       .why = fmt::format("Every system call pays for that{}; larger calls (--buffer-size) pay less per byte.",
                          has_barrier ? ", and most of all for the barrier (IBPB) when it enters the kernel" : ""),
       .mend = kernel_parameter_command(reader, "mitigations=off"),
       .advice = "The kernel parameter mitigations=off ends it, and the protection, from the next boot on."});
}

/// "L1d 32K, L1i 32K, L2 1024K, L3 32768K" of CPU 0, in the kernel's order and words.
std::optional<std::string> caches(HostReader& reader) {
  const std::string directory = "/sys/devices/system/cpu/cpu0/cache";
  std::vector<std::string> all;
  for (const std::string& name : reader.names_in(directory)) {
    const std::string index = directory + "/" + name;
    const auto level = reader.number(index + "/level");
    const auto size = reader.line(index + "/size");
    if (!name.starts_with("index") || !level || !size) continue;
    const std::string type = reader.line(index + "/type").value_or("");
    all.push_back(fmt::format("L{}{} {}", *level, type == "Data" ? "d" : type == "Instruction" ? "i" : "", *size));
  }
  if (!all.empty()) return fmt::format("{}", fmt::join(all, ", "));
  reader.missing("caches", directory, "How large the caches are is unknown.");
  return std::nullopt;
}

/// Documentation/ABI/testing/sysfs-devices-system-cpu: `control` is on, off, forceoff, notsupported or, where it cannot
/// be switched at run time, notimplemented; POWER has numbers.
std::optional<std::string> smt(HostReader& reader) {
  const std::string directory = "/sys/devices/system/cpu/smt";
  const auto active = reader.line(directory + "/active");
  const std::string control = reader.line(directory + "/control").value_or("");
  const std::string siblings_file = "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list";
  const auto siblings = parse_cpu_list(reader.line(siblings_file).value_or("-"));
  std::optional<std::string> state;
  if (active == "1" || (!active && siblings && siblings->size() > 1)) {
    state = "on";
  } else if (control == "off" || control == "forceoff" || control == "on") {
    state = "off";
  } else if (control == "notsupported" || (siblings && siblings->size() == 1)) {
    state = "not there";
  }
  if (!state) reader.missing("smt", directory, "Whether two CPUs may be one core is unknown.");
  if (state == "on")
    reader.add({.about = "smt",
                .what = "Cores run two threads or more (SMT).",
                .why = "Work on one slows its sibling; --config topology shows by how much when both are the ends of a "
                       "pipe. --cpus auto takes no siblings as a pair, but cannot keep others off the idle ones.",
                .mend = "echo off > /sys/devices/system/cpu/smt/control"});
  return state;
}

/// Clocks that are read by a system call, as no vDSO has them (arch/x86/entry/vdso, VDSO_CLOCKMODE_NONE).
std::optional<std::string> clock_source(HostReader& reader) {
  const std::string directory = "/sys/devices/system/clocksource/clocksource0";
  auto name =
      reader.wanted("clock_source", directory + "/current_clocksource", "What reading the clock costs is unknown.");
  constexpr std::array slow{"hpet", "acpi_pm", "xen", "jiffies", "refined-jiffies", "pit"};
  if (!name || std::ranges::find(slow, *name) == slow.end()) return name;
  const auto others = split(reader.line(directory + "/available_clocksource").value_or(""), ' ');
  const bool has_tsc = std::ranges::find(others, "tsc") != others.end();
  reader.add({.severity = Severity::warning,
              .about = "clock source",
              .what = fmt::format("The kernel's clock is '{}'.", *name),
              .why = "Reading it takes a system call, which --isolation none makes for each turn.",
              .mend = has_tsc ? "echo tsc > " + directory + "/current_clocksource" : ""});
  return name;
}

}  // namespace

void read_processor(Host& host, HostReader& reader) {
  const CpuInfo info(reader.path("/proc/cpuinfo"));
  host.cpu_model = cpu_model(info, reader);
  host.microcode = reader.line("/sys/devices/system/cpu/cpu0/microcode/version");
  if (!host.microcode && !info["microcode"].empty()) host.microcode = info["microcode"];
  if (!host.microcode)
    reader.add({.figures = {"microcode"},
                .what = "Neither /sys nor /proc/cpuinfo tells of microcode.",
                .why = "Which revision ran is unknown; few processors but those of x86 tell."});
  host.caches = caches(reader);
  host.smt = smt(reader);
  host.hypervisor = hypervisor(info, reader);
  if (host.hypervisor) {
    reader.add({.severity = Severity::warning,
                .about = "virtual machine",
                .what = fmt::format("This is a virtual machine ({}).", *host.hypervisor),
                .why = "Its host shares the CPUs out, so speed may change between rounds: in one such machine a cache "
                       "line took 40 ns from CPU to CPU at times, and 185 ns at others.",
                .advice = "Compare within one run, or measure where no others share the CPUs."});
  }
  host.mitigations = mitigations(reader);
  find_taxing_mitigations(reader);
  host.clock_source = clock_source(reader);
}

}  // namespace pipebench
