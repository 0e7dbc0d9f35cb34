// What the kernel was told, at its build, at boot and since.
#include <fmt/format.h>

#include <algorithm>

#include "pipebench/base/plural.hpp"
#include "pipebench/system/huge_pages.hpp"
#include "system/host/parts.hpp"

namespace pipebench {
namespace {

constexpr const char* thp_folder = "/sys/kernel/mm/transparent_hugepage/";

void read_thp(Host& host, HostReader& reader) {
  host.thp = thp_setting(reader.path("/"));
  host.thp_defrag = reader.choice(std::string(thp_folder) + "defrag");
  host.thp_shmem = reader.choice(std::string(thp_folder) + "shmem_enabled");
  if (!host.thp) {
    reader.missing("thp", std::string(thp_folder) + "enabled", "Whether there are transparent huge pages is unknown.");
  } else if (auto finding = why_no_pages(Pages::thp, reader.path("/"))) {
    finding->about = "thp";
    reader.add(std::move(*finding));
  }
  if (auto finding = why_no_thp_in_files(reader.path("/"))) reader.add(std::move(*finding));
  std::vector<std::string> figures;
  if (!host.thp_defrag) figures.emplace_back("thp_defrag");
  if (!host.thp_shmem) figures.emplace_back("thp_shmem");
  if (!figures.empty())
    reader.add({.figures = std::move(figures),
                .what = fmt::format("{} does not tell.", thp_folder),
                .why = "How hard the kernel tries for huge pages is unknown."});
}

/// Is `option` set in the configuration that the kernel was built with? Empty where /boot does not have it.
std::optional<bool> was_built_with(const Host& host, const HostReader& reader, std::string_view option) {
  std::ifstream stream(reader.path("/boot/config-" + host.kernel));
  const std::string wanted = fmt::format("{}=y", option);
  bool any = false;
  for (std::string line; std::getline(stream, line); any = true)
    if (trim(line) == wanted) return true;
  return any ? std::optional(false) : std::nullopt;
}

/// /proc/pressure is there when the kernel was built with CONFIG_PSI and accounting is on (Documentation/accounting/
/// psi.rst; psi_proc_init() in kernel/sched/psi.c).
void read_psi(Host& host, HostReader& reader) {
  const std::string file = "/proc/pressure/cpu";
  const std::string text = reader.line(file).value_or("");
  const auto words = split(reader.line("/proc/cmdline").value_or(""), ' ');
  const bool refused = std::ranges::find(words, "psi=0") != words.end();
  const auto built = was_built_with(host, reader, "CONFIG_PSI");
  if (text.starts_with("some avg10=")) {
    host.psi = text.substr(0, text.find(' ', std::string_view("some ").size()));
    host.psi_accounting = "on";
    reader.add(
        {.about = "psi",
         .what = "The kernel accounts for pressure (PSI).",
         .why = "That costs some 700 instructions for each sleep with its wake-up, and 2300 three control groups deep "
                "(Linux 6.1). Blocking cases pay for it; busy and credit do not.",
         .mend = kernel_parameter_command(reader, "psi=0"),
         .advice = "The kernel parameter psi=0 ends it, from the next boot on."});
    return;
  }
  if (!reader.exists(file) && (built || refused)) host.psi_accounting = built == false ? "not compiled in" : "off";
  reader.missing("psi", file, "How long threads wait for a CPU is unknown.");
  if (!host.psi_accounting)
    reader.add({.figures = {"psi_accounting"},
                .what = "Neither /proc/pressure nor the kernel's configuration in /boot tells.",
                .why = "Whether wake-ups pay for it is unknown."});
}

/// For what all pipes of a user have together, pipe(7). Users with either capability have no such limits
/// (pipe_is_unprivileged_user() in fs/pipe.c).
void find_few_pipe_pages(const Host& host, HostReader& reader) {
  if (has_capability(host, reader, "SYS_RESOURCE") || has_capability(host, reader, "SYS_ADMIN")) return;
  constexpr std::uint64_t few = 1024;  // four pipes of 1 MiB in pages of 4 KiB
  struct Limit {
    const char* name;
    std::optional<std::uint64_t> pages;  // 0: none
    const char* beyond;
  };
  for (const auto& [name, pages, beyond] :
       {Limit{"soft", host.pipe_user_pages_soft, "a new pipe has two pages or one, and cannot grow"},
        Limit{"hard", host.pipe_user_pages_hard, "there is no new pipe, and none can grow"}}) {
    if (pages.value_or(0) == 0 || *pages >= few) continue;
    reader.add({.severity = Severity::warning,
                .about = "pipe pages",
                .what = fmt::format("The pipes of a user may have {} in all (pipe-user-pages-{}).",
                                    counted(*pages, "page"), name),
                .why = fmt::format("Beyond that {}, pipe(7).", beyond),
                .mend = fmt::format("sysctl -w fs.pipe-user-pages-{}=16384", name)});
  }
}

void read_pipe_limits(Host& host, HostReader& reader) {
  host.pipe_max_size_bytes =
      reader.wanted_number("pipe_max_size_bytes", "/proc/sys/fs/pipe-max-size", "How large a pipe may be is unknown.");
  constexpr std::uint64_t usual = 1U << 20U;
  if (host.pipe_max_size_bytes && *host.pipe_max_size_bytes < usual)
    reader.add({.severity = Severity::warning,
                .about = "pipe size",
                .what = fmt::format("A pipe holds at most {} bytes.", *host.pipe_max_size_bytes),
                .why = "Small pipes mean small calls: vmsplice of huge pages and splice took 60 ns a page in calls of "
                       "64 pages, and 43 ns in calls of 256.",
                .mend = "sysctl -w fs.pipe-max-size=1048576"});
  constexpr auto consequence = "How many pages a user's pipes may have is unknown.";
  host.pipe_user_pages_soft =
      reader.wanted_number("pipe_user_pages_soft", "/proc/sys/fs/pipe-user-pages-soft", consequence);
  host.pipe_user_pages_hard =
      reader.wanted_number("pipe_user_pages_hard", "/proc/sys/fs/pipe-user-pages-hard", consequence);
  find_few_pipe_pages(host, reader);
}

/// Is this process in the group that may use io_uring nevertheless? It has none (-1) at first.
bool is_in_io_uring_group(const HostReader& reader) {
  const auto group = reader.number("/proc/sys/kernel/io_uring_group");
  const auto groups = split(reader.entry("/proc/self/status", "Groups").value_or(""), ' ');
  return group && std::ranges::find(groups, std::to_string(*group)) != groups.end();
}

/// io_uring_allowed() in io_uring/io_uring.c; Documentation/admin-guide/sysctl/kernel.rst.
void read_io_uring(Host& host, HostReader& reader) {
  // Since Linux 6.6; without it nothing is switched off.
  host.io_uring_disabled = reader.number("/proc/sys/kernel/io_uring_disabled");
  if (host.io_uring_disabled.value_or(0) == 0) return;
  const bool for_some = *host.io_uring_disabled == 1;
  if (for_some && (has_capability(host, reader, "SYS_ADMIN") || is_in_io_uring_group(reader))) return;
  reader.add({.severity = Severity::blocker,
              .about = "io_uring",
              .what = fmt::format("The sysctl kernel.io_uring_disabled is {}.", *host.io_uring_disabled),
              .why = for_some ? "Users outside kernel.io_uring_group cannot use uring- strategies."
                              : "No user can use uring- strategies.",
              .mend = "sysctl -w kernel.io_uring_disabled=0"});
}

/// What takes pages away, or CPU time to look for equal ones.
void find_moving_pages(HostReader& reader) {
  std::ifstream swaps(reader.path("/proc/swaps"));
  std::string line;
  std::getline(swaps, line);  // the header
  if (std::getline(swaps, line) && !trim(line).empty())
    reader.add({.about = "swap",
                .what = "Swap is on.",
                .why = "Where memory is short, buffers may be swapped out between samples; --lock keeps them.",
                .mend = "swapoff -a"});
  if (reader.number("/sys/kernel/mm/ksm/run") == 1U)
    reader.add({.severity = Severity::warning,
                .about = "ksm",
                .what = "The kernel looks for equal pages (KSM).",
                .why = "Its thread ksmd takes CPU time from the samples.",
                .mend = "echo 2 > /sys/kernel/mm/ksm/run"});
}

void find_debug_options(const Host& host, HostReader& reader) {
  std::vector<std::string_view> found;
  for (const std::string_view option : {"CONFIG_KASAN", "CONFIG_KCSAN", "CONFIG_PROVE_LOCKING", "CONFIG_LOCK_STAT"})
    if (was_built_with(host, reader, option) == true) found.push_back(option);
  if (found.empty()) return;
  reader.add({.severity = Severity::warning,
              .about = "debug kernel",
              .what = fmt::format("The kernel was built with {}.", fmt::join(found, ", ")),
              .why = "Such checks slow every lock or memory access, so figures say little of other kernels."});
}

}  // namespace

std::string kernel_parameter_command(const HostReader& reader, std::string_view parameter) {
  // GRUB says so; other boot loaders, and virtual machines that are given a kernel, keep parameters elsewhere.
  if (!reader.line("/proc/cmdline").value_or("").starts_with("BOOT_IMAGE=")) return {};
  if (reader.exists("/usr/sbin/grubby") || reader.exists("/usr/bin/grubby"))
    return fmt::format("grubby --update-kernel=ALL --args={}", parameter);
  // Debian's grub-mkconfig reads the folder.
  if (reader.exists("/usr/sbin/update-grub"))
    return fmt::format(
        "mkdir -p /etc/default/grub.d && echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX {}\"' > "
        "/etc/default/grub.d/{}.cfg && update-grub",
        parameter, parameter.substr(0, parameter.find('=')));
  return {};
}

void read_kernel_settings(Host& host, HostReader& reader) {
  read_thp(host, reader);
  read_psi(host, reader);
  read_pipe_limits(host, reader);
  host.max_map_count =
      reader.wanted_number("max_map_count", "/proc/sys/vm/max_map_count", "How many buffers can be mapped is unknown.");
  read_io_uring(host, reader);
  find_moving_pages(reader);
  find_debug_options(host, reader);
}

}  // namespace pipebench
