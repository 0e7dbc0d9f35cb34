// Memory that a limit of this process or of the system forbids: the error names the limit.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>

#include "pipebench/base/error.hpp"
#include "pipebench/base/sanitizers.hpp"
#include "pipebench/system/memory.hpp"
#include "pipebench/system/pipe.hpp"
#include "refusal.hpp"

namespace pipebench {
namespace {

/// What a child without privileges, that gave itself a limit, is told when it wants such buffers.
std::string error_in_child(const BufferRequest& request, int resource, const std::function<rlim_t()>& most) {
  const Pipe pipe(4096, false);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string said = "it got them";
    const rlimit limit{.rlim_cur = most(), .rlim_max = most()};
    if ((::geteuid() == 0 && ::setuid(65534) < 0) || ::setrlimit(static_cast<__rlimit_resource>(resource), &limit) < 0)
      ::_exit(1);
    try {
      const BufferSet buffers(request);
    } catch (const SystemError& error) {
      said = error.what();
    }
    ::_exit(::write(pipe.write_fd(), said.data(), said.size()) < 0 ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  std::string text(1000, '\0');
  if (status == 0) text.resize(static_cast<std::size_t>(::read(pipe.read_fd(), text.data(), text.size())));
  return text;
}

TEST(LimitsOfMemory, OnWhatMayBeLockedAreNamed) {
  const BufferRequest locked{.bytes = 1U << 20U, .count = 1, .lock = true};
  const auto with = [&](rlim_t most) { return error_in_child(locked, RLIMIT_MEMLOCK, [=] { return most; }); };
  const std::string none = with(0);
  if (none == "it got them") GTEST_SKIP() << "the address sanitizer makes mlock() do nothing";
  EXPECT_TRUE(holds(none, "mlock(1048576 bytes) (`ulimit -l` allows 0 KiB of locked memory in all) failed: EPERM"))
      << none;
  const std::string some = with(1U << 16U);
  EXPECT_TRUE(holds(some, "mlock(1048576 bytes) (`ulimit -l` allows 64 KiB of locked memory in all) failed: ENOMEM"))
      << some;
}

TEST(LimitsOfMemory, OnAddressSpaceAreNamed) {
  const auto now = [] {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (16U << 20U);
  };
  const std::string said = error_in_child({.bytes = 1U << 28U, .count = 1, .touch = false}, RLIMIT_AS, now);
  EXPECT_TRUE(holds(said, "(`ulimit -v` allows ")) << said;
  EXPECT_TRUE(holds(said, "failed: ENOMEM")) << said;
}

TEST(LimitsOfMemory, OnDataAndFilesAreNamed) {
  if (has_address_sanitizer || has_thread_sanitizer) GTEST_SKIP() << "a sanitizer needs data of its own";
  // Several: the kernel does not count a mapping that takes the place of another.
  const BufferRequest large{.bytes = 1U << 27U, .count = 3, .touch = false};
  const std::string data = error_in_child(large, RLIMIT_DATA, [] { return 64U << 20U; });
  EXPECT_TRUE(holds(data, "(`ulimit -d` allows 65536 KiB of data) failed: ENOMEM")) << data;
  BufferRequest file = large;
  file.backing = Backing::memfd;
  std::signal(SIGXFSZ, SIG_IGN);
  const std::string size = error_in_child(file, RLIMIT_FSIZE, [] { return 1U << 20U; });
  EXPECT_TRUE(holds(size, "(see `ulimit -f`) failed: EFBIG")) << size;
}

TEST(LimitsOfMemory, OnTheNumberOfMappingsAreNamed) {
  if (has_address_sanitizer || has_thread_sanitizer)
    GTEST_SKIP() << "a sanitizer needs mappings of its own to report an error";
  std::size_t most = 0;
  std::ifstream("/proc/sys/vm/max_map_count") >> most;
  if (most == 0 || most > 100'000) GTEST_SKIP() << "so many mappings take too long";
  const std::string said =
      error_in_child({.bytes = 4096, .count = most, .touch = false}, RLIMIT_CORE, [] { return 0; });
  EXPECT_TRUE(holds(said, "(the sysctl vm.max_map_count allows " + std::to_string(most) + " mappings")) << said;
}

}  // namespace
}  // namespace pipebench
