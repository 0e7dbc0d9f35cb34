#include "pipebench/system/gup_test.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>

#include <array>
#include <system_error>
#include <utility>

#include "pipebench/base/error.hpp"

namespace pipebench {
namespace {

constexpr auto debugfs = "sys/kernel/debug";
constexpr std::array interfaces{std::pair{"gup_test", GupTest::Interface::gup_test},
                                std::pair{"gup_benchmark", GupTest::Interface::gup_benchmark}};

// mm/gup_test.h. No header of the kernel's for user space has either of the two.
struct GupTestArgument {
  std::uint64_t get_us, put_us, address, bytes;
  std::uint32_t pages_per_call, gup_flags, test_flags, which_pages[8];
};
static_assert(sizeof(GupTestArgument) == 80);
constexpr unsigned long gup_test_fast = _IOWR('g', 1, GupTestArgument);
static_assert(gup_test_fast == 0xc0506701);

// mm/gup_benchmark.c of Linux 4.20 to 5.10.
struct GupBenchmarkArgument {
  std::uint64_t get_us, put_us, address, bytes;
  std::uint32_t pages_per_call, flags;
  std::uint64_t expansion[10];
};
static_assert(sizeof(GupBenchmarkArgument) == 120);
constexpr unsigned long gup_benchmark_fast = _IOWR('g', 1, GupBenchmarkArgument);
static_assert(gup_benchmark_fast == 0xc0786701);

template <class Argument>
GupTimes ask(int file, unsigned long request, const std::byte* start, std::size_t bytes) {
  Argument argument{};  // without flags: not FOLL_WRITE
  argument.address = reinterpret_cast<std::uintptr_t>(start);
  argument.bytes = bytes;
  argument.pages_per_call = gup_pages_per_call;
  const int status = ::ioctl(file, request, &argument);
  // It overwrites the size with how far it came.
  const int code = status < 0 ? errno : argument.bytes != bytes ? EFAULT : 0;
  if (code != 0) throw SystemError(fmt::format("ioctl(gup_test, GUP_FAST_BENCHMARK, {} bytes)", bytes), code);
  return {.get_us = argument.get_us, .put_us = argument.put_us};
}

// debugfs is often not mounted.
Finding why_none(const std::filesystem::path& root) {
  std::error_code error;
  if (std::filesystem::is_empty(root / debugfs, error) || error)
    return {.what = "Whether the kernel has a test of its own for this is not known: debugfs is not mounted.",
            .mend = "mount -t debugfs none /sys/kernel/debug"};
  return {.what = "This kernel was built without a test of its own for this (CONFIG_GUP_TEST)."};
}

}  // namespace

GupTest::Search GupTest::find(const std::filesystem::path& root) {
  for (const auto& [name, interface] : interfaces) {
    UniqueFd file(::open((root / debugfs / name).c_str(), O_RDWR | O_CLOEXEC));
    if (file) return {.test = GupTest(std::move(file), interface)};
    if (errno == EACCES)
      return {.finding = {.what = "If the kernel has a test of its own for this, only root may use it "
                                  "(/sys/kernel/debug)."}};
    if (errno != ENOENT)
      return {
          .finding = {.what = fmt::format("/sys/kernel/debug/{} cannot be used: {}.", name, describe_errno(errno))}};
  }
  return {.finding = why_none(root)};
}

GupTimes GupTest::look_up(const std::byte* start, std::size_t bytes) const {
  return interface_ == Interface::gup_test ? ask<GupTestArgument>(file_.get(), gup_test_fast, start, bytes)
                                           : ask<GupBenchmarkArgument>(file_.get(), gup_benchmark_fast, start, bytes);
}

std::string GupTest::name() const { return interfaces.at(static_cast<std::size_t>(interface_)).first; }

}  // namespace pipebench
