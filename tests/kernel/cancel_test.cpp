// What takes long is given up soon after an interrupt. Counted, not timed.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>

#include "engine/runner.hpp"
#include "pipebench/base/error.hpp"
#include "pipebench/strategies/loops.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

/// Page faults of this process, its threads that have ended included.
std::size_t faults() {
  rusage usage{};
  EXPECT_EQ(::getrusage(RUSAGE_SELF, &usage), 0);
  return static_cast<std::size_t>(usage.ru_minflt);
}

std::size_t pages(std::size_t bytes) { return bytes / static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

TEST(Cancelled, BuffersAreTouchedNoFurther) {
  int asked = 0;
  BufferRequest request{.bytes = 256 * mib, .count = 8, .cancelled = [&] { return ++asked == 3; }};
  const std::size_t before = faults();
  EXPECT_THROW((BufferSet(request)), Cancelled);
  EXPECT_EQ(asked, 3);
  EXPECT_LT(faults() - before, pages(32 * mib));
}

TEST(Cancelled, BuffersAreLockedNoFurther) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_MEMLOCK, &limit), 0);
  if (limit.rlim_cur < 4 * mib) GTEST_SKIP() << "at most " << limit.rlim_cur << " bytes may be locked";
  int asked = 0;
  BufferRequest request{
      .bytes = 256 * mib, .count = 8, .touch = false, .lock = true, .cancelled = [&] { return ++asked == 2; }};
  const std::size_t before = faults();
  EXPECT_THROW((BufferSet(request)), Cancelled);
  EXPECT_EQ(asked, 2);
  EXPECT_LT(faults() - before, pages(32 * mib));
}

/// How many mappings of this process begin within so many bytes.
std::size_t mappings_within(const std::byte* begin, std::size_t bytes) {
  const auto first = reinterpret_cast<std::uintptr_t>(begin);
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    const std::uintptr_t start = std::stoull(line, nullptr, 16);
    count += start >= first && start < first + bytes;
  }
  return count;
}

TEST(Locked, BuffersStayOneMapping) {
  const BufferRequest request{.bytes = 7 * mib, .count = 1, .lock = true};
  try {
    const BufferSet buffers(request);
    EXPECT_EQ(mappings_within(buffers.start(0), request.bytes), 1U) << "what is read from smaps is of the first";
  } catch (const SystemError& error) {
    GTEST_SKIP() << error.what();
  }
}

TEST(Cancelled, BuffersAreNumberedNoFurther) {
  std::vector<std::byte> bytes(mib);
  Link link;
  const Piece piece{.data = bytes.data(), .size = bytes.size()};
  EXPECT_TRUE(fill_buffer(Fill::numbered, piece, 0, link));
  EXPECT_FALSE(find_mismatch(bytes.data(), bytes.size(), 0));
  std::ranges::fill(bytes, std::byte{0});
  link.control.stop = Stop::now;
  EXPECT_FALSE(fill_buffer(Fill::numbered, piece, 0, link));
  EXPECT_EQ(std::ranges::count(bytes, std::byte{0}), static_cast<std::ptrdiff_t>(mib));
}

std::atomic<int> interrupt{0};

/// Is interrupted while it is made, and has gigabytes to touch after that.
class Huge {
 public:
  explicit Huge(const EndSetup& setup) : buffers_(interrupted(writer_buffers(setup))) {}
  static ssize_t step(PipeEnd, Piece rest) noexcept { return static_cast<ssize_t>(rest.size); }
  [[nodiscard]] const BufferSet& buffers() const noexcept { return buffers_; }

 private:
  static BufferRequest interrupted(BufferRequest request) {
    interrupt = SIGINT;
    while (!request.cancelled()) ::usleep(100);
    return request;
  }
  BufferSet buffers_;
};

TEST(Cancelled, SamplesTouchNoMoreBuffers) {
  const StrategyDescriptor huge{.info = {.name = "huge", .summary = ""}, .make = make_end<Role::writer, Huge>};
  CaseSpec spec;
  spec.buffer_bytes = 256 * mib;
  spec.buffers = 8;
  spec.pipe_bytes = 65536;
  const Topology topology = Topology::of_this_machine();
  for (const Purpose purpose : {Purpose::measure, Purpose::verify}) {
    interrupt = 0;
    Streams streams({huge, *find_strategy(Role::reader, "read")}, spec, {});
    const std::size_t before = faults();
    const pipebench::Run run = run_streams(streams, spec, {}, purpose, topology, interrupt);
    EXPECT_TRUE(run.interrupted);
    EXPECT_EQ(run.failure, "");
    // The reader's buffer may be touched before the interrupt.
    EXPECT_LT(faults() - before, pages(spec.buffer_bytes + 64 * mib));
  }
}

}  // namespace
}  // namespace pipebench
