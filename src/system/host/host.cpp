#include "pipebench/system/host.hpp"

#include "pipebench/system/page_sizes.hpp"
#include "system/host/parts.hpp"

namespace pipebench {

Host read_host(const std::filesystem::path& root) {
  Host host;
  HostReader reader(root, host.findings);
  host.kernel =
      reader.wanted("kernel", "/proc/sys/kernel/osrelease", "The kernel's version is unknown.").value_or("unknown");
  host.hostname = reader.wanted("hostname", "/proc/sys/kernel/hostname", "The machine's name is unknown.");
  host.page_size_bytes = page_sizes_here().base;
  read_processor(host, reader);
  read_clock_speed(host, reader);
  read_rights(host, reader);
  read_kernel_settings(host, reader);
  read_container(host, reader);
  read_load(host, reader);
  return host;
}

}  // namespace pipebench
