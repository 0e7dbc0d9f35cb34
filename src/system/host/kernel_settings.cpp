// What the kernel was told, at its build, at boot and since.
#include <fmt/format.h>

#include <algorithm>

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
    reader.add({.about = "psi",
                .what = "The kernel accounts for pressure (PSI).",
                .why = "That costs time at every sleep and wake-up, so blocking cases pay for it; busy and credit do "
                       "not. The kernel parameter psi=0 ends it."});
    return;
  }
  if (!reader.exists(file) && (built || refused)) host.psi_accounting = built == false ? "not compiled in" : "off";
  reader.missing("psi", file, "How long threads wait for a CPU is unknown.");
  if (!host.psi_accounting)
    reader.add({.figures = {"psi_accounting"},
                .what = "Neither /proc/pressure nor the kernel's configuration in /boot tells.",
                .why = "Whether wake-ups pay for it is unknown."});
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
  const std::string soft = "/proc/sys/fs/pipe-user-pages-soft";
  const std::string hard = "/proc/sys/fs/pipe-user-pages-hard";
  constexpr auto consequence = "How many pages a user's pipes may have is unknown.";
  host.pipe_user_pages_soft = reader.wanted_number("pipe_user_pages_soft", soft, consequence);
  host.pipe_user_pages_hard = reader.wanted_number("pipe_user_pages_hard", hard, consequence);
  constexpr std::uint64_t few = 1024;                                 // four pipes of 1 MiB in pages of 4 KiB
  const std::uint64_t pages = host.pipe_user_pages_soft.value_or(0);  // 0: no limit, pipe(7)
  if (pages > 0 && pages < few)
    reader.add({.severity = Severity::warning,
                .about = "pipe pages",
                .what = fmt::format("The pipes of a user may have {} pages in all.", pages),
                .why = "Beyond that a new pipe has two pages or one, and cannot grow, pipe(7).",
                .mend = "sysctl -w fs.pipe-user-pages-soft=16384"});
}

void read_io_uring(Host& host, HostReader& reader) {
  // Since Linux 6.6; without it nothing is switched off.
  host.io_uring_disabled = reader.number("/proc/sys/kernel/io_uring_disabled");
  if (host.io_uring_disabled.value_or(0) == 0) return;
  reader.add({.severity = Severity::blocker,
              .about = "io_uring",
              .what = fmt::format("The sysctl kernel.io_uring_disabled is {}.", *host.io_uring_disabled),
              .why = *host.io_uring_disabled == 1 ? "Users outside kernel.io_uring_group cannot use uring- strategies."
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
