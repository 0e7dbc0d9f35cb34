#include "pipebench/system/host.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "pipebench/system/huge_pages.hpp"
#include "pipebench/system/page_sizes.hpp"
#include "system/kernel_text.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;

/// One place to look things up, and to note what was not found.
class Reader {
 public:
  Reader(fs::path root, std::vector<Finding>& findings) : root_(std::move(root)), findings_(findings) {}

  [[nodiscard]] fs::path path(const std::string& file) const { return root_ / file.substr(1); }
  [[nodiscard]] std::optional<std::string> line(const std::string& file) const { return read_line(path(file)); }

  /// As `line`, with a finding when there is none: "governor: FILE is not there. The clock speed policy is unknown."
  [[nodiscard]] std::optional<std::string> wanted(std::string_view figure, const std::string& file,
                                                  std::string_view consequence) {
    auto text = line(file);
    if (!text) missing(figure, file, consequence);
    return text;
  }
  void missing(std::string_view figure, const std::string& file, std::string_view consequence) {
    std::error_code ignored;
    const bool there = fs::exists(path(file), ignored);
    add({.figures = {std::string(figure)},
         .what = fmt::format("{} {}.", file, there ? "cannot be read or understood" : "is not there"),
         .why = std::string(consequence)});
  }
  void add(Finding finding) { findings_.push_back(std::move(finding)); }

 private:
  fs::path root_;
  std::vector<Finding>& findings_;
};

// ---------------------------------------------------------------------------------------------- the processor

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
std::string cpu_model(const CpuInfo& info, Reader& reader) {
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
std::string firmware_name(const Reader& reader) {
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
std::optional<std::string> hypervisor_in_device_tree(const Reader& reader) {
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
std::optional<std::string> hypervisor(const CpuInfo& info, const Reader& reader) {
  if (auto type = reader.line("/sys/hypervisor/type")) return type;
  std::string name = firmware_name(reader);
  const std::string flags = " " + info["flags"] + " ";
  if (flags.find(" hypervisor ") != std::string::npos) return name.empty() ? "unknown hypervisor" : name;
  if (is_virtual_by_name(name)) return name;
  return hypervisor_in_device_tree(reader);
}

/// "name: text" of every weakness that the processor has, mended or not; "none needed" when it has none.
std::optional<std::string> mitigations(Reader& reader) {
  const std::string directory = "/sys/devices/system/cpu/vulnerabilities";
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(reader.path(directory), error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (names.empty()) {
    reader.missing("mitigations", directory, "What system calls pay for them is unknown.");
    return std::nullopt;
  }
  std::sort(names.begin(), names.end());
  std::string all;
  for (const std::string& name : names) {
    const auto text = reader.line(directory + "/" + name);
    if (!text || *text == "Not affected") continue;
    all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", escaped(name), *text);
  }
  return all.empty() ? "none needed" : all;
}

// ---------------------------------------------------------------------------------------------- the kernel's settings

std::optional<std::string> thp(Reader& reader) {
  auto setting = thp_setting(reader.path("/"));
  if (!setting) {
    reader.missing("thp", "/sys/kernel/mm/transparent_hugepage/enabled",
                   "Whether there are transparent huge pages is unknown.");
  } else if (auto finding = why_no_pages(Pages::thp, reader.path("/"))) {
    reader.add(std::move(*finding));
  }
  return setting;
}

/// "some avg10=0.20" from the first line.
std::optional<std::string> pressure(Reader& reader) {
  const std::string file = "/proc/pressure/cpu";
  const std::string text = reader.line(file).value_or("");
  if (text.starts_with("some avg10=")) return text.substr(0, text.find(' ', std::string_view("some ").size()));
  reader.missing("psi", file, "How long threads wait for a CPU is unknown.");
  return std::nullopt;
}

std::optional<std::uint64_t> pipe_max_size(Reader& reader) {
  const std::string file = "/proc/sys/fs/pipe-max-size";
  const auto bytes = parse_number<std::uint64_t>(reader.line(file).value_or(""));
  if (!bytes) reader.missing("pipe_max_size_bytes", file, "How large a pipe may be is unknown.");
  return bytes;
}

std::optional<std::string> governor(Reader& reader) {
  auto name = reader.wanted("governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                            "The clock speed policy is unknown.");
  if (name && *name != "performance") {
    reader.add({.severity = Severity::warning,
                .what = fmt::format("The CPU frequency governor is '{}'.", *name),
                .why = "The clock speed may change during and between samples.",
                .mend = "cpupower frequency-set -g performance"});
  }
  return name;
}

/// The three averages. Warns when the last minute kept more than half of the CPUs busy.
std::optional<std::string> load_average(Reader& reader) {
  const std::string file = "/proc/loadavg";
  const std::vector<std::string> words = split(reader.line(file).value_or(""), ' ');
  const auto last_minute = parse_number<double>(words.front());
  if (words.size() < 3 || !last_minute) {
    reader.missing("load_average", file, "Whether other work ran is unknown.");
    return std::nullopt;
  }
  const auto online = parse_cpu_list(reader.line("/sys/devices/system/cpu/online").value_or("-"));
  if (online && *last_minute > 0.5 * static_cast<double>(online->size())) {
    reader.add({.severity = Severity::warning,
                .what = fmt::format("The load average is {} on {} CPUs.", words[0], online->size()),
                .why = "Other work competes with the samples."});
  }
  return fmt::format("{} {} {}", words[0], words[1], words[2]);
}

}  // namespace

Host read_host(const fs::path& root) {
  Host host;
  Reader reader(root, host.findings);
  const CpuInfo info(reader.path("/proc/cpuinfo"));
  host.kernel =
      reader.wanted("kernel", "/proc/sys/kernel/osrelease", "The kernel's version is unknown.").value_or("unknown");
  host.cpu_model = cpu_model(info, reader);
  host.hypervisor = hypervisor(info, reader);
  if (host.hypervisor) {
    reader.add({.severity = Severity::warning,
                .what = fmt::format("This is a virtual machine ({}).", *host.hypervisor),
                .why = "Its host shares the CPUs out, so speed may change between rounds."});
  }
  host.thp = thp(reader);
  host.psi = pressure(reader);
  host.mitigations = mitigations(reader);
  host.governor = governor(reader);
  host.load_average = load_average(reader);
  host.pipe_max_size_bytes = pipe_max_size(reader);
  host.page_size_bytes = page_sizes_here().base;
  return host;
}

}  // namespace pipebench
