// Samples in which nothing moves, which end by themselves.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>

#include "pipebench/base/unique_fd.hpp"
#include "pipebench/engine/sample.hpp"
#include "pipebench/system/pipe.hpp"
#include "refusal.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// The descriptors of this process that are ends of pipes, with the pipe's name.
std::vector<std::pair<int, std::string>> open_pipes() {
  std::vector<std::pair<int, std::string>> pipes;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = fs::read_symlink(entry.path(), gone).string();
    if (target.starts_with("pipe:")) pipes.emplace_back(std::stoi(entry.path().filename().string()), target);
  }
  return pipes;
}

/// Meddles with the pipe of the sample that runs: takes bytes that the reader will then wait for, or adds bytes that
/// the writer finds in its way. There is no honest strategy that stalls; this stalls honest ones.
class Meddler {
 public:
  enum class Way { steal, add };
  explicit Meddler(Way way) : way_(way) {
    for (const auto& [fd, name] : open_pipes()) known_.insert(name);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested() && !meddle()) std::this_thread::sleep_for(200us);
    });
  }

 private:
  // True when enough was moved: two pages, more than the smallest pipe holds.
  bool meddle() {
    const int end = way_ == Way::steal ? O_RDONLY : O_WRONLY;
    for (const auto& [fd, name] : open_pipes()) {
      const int flags = ::fcntl(fd, F_GETFL);
      if (known_.contains(name) || flags < 0 || (flags & O_ACCMODE) != end) continue;
      // Through a descriptor of its own, without waiting.
      const UniqueFd own(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), end | O_NONBLOCK | O_CLOEXEC));
      char bytes[4096] = {};
      moved_ += std::max<ssize_t>(
          0, way_ == Way::steal ? ::read(own.get(), bytes, sizeof bytes) : ::write(own.get(), bytes, sizeof bytes));
    }
    return moved_ >= 8192;
  }

  ssize_t moved_ = 0;
  Way way_;
  std::set<std::string> known_;
  std::jthread thread_;
};

class Stalled : public testing::TestWithParam<Wait> {
 protected:
  /// Meddles with the pipes of samples until one of them ends as `expected`, given how many bytes it was of. The first
  /// may be over too soon to be meddled with, or starved by other work for so long that it counts as stalled for that.
  void expect_stall(Meddler::Way way, const CaseSpec& spec,
                    const std::function<bool(const std::string&, std::uint64_t)>& expected) {
    std::string last = "no sample";
    for (std::uint64_t bytes = std::uint64_t{16} << 20U; bytes < std::uint64_t{32} << 30U; bytes *= 2) {
      Sampling sampling = bytes_of(bytes);
      sampling.timeout_seconds = 0.5;
      const Meddler meddler(way);
      const std::uint64_t start = monotonic_ns();
      const SampleOutcome outcome = take(spec, sampling);
      EXPECT_LT(seconds_since(start), patience_seconds);
      EXPECT_NE(outcome.sample.has_value(), !outcome.failure.empty());
      EXPECT_FALSE(outcome.interrupted);
      last = outcome.failure;
      if (expected(last, bytes)) break;
    }
    EXPECT_TRUE(holds(last, "Nothing moved for 500ms (--timeout): the writer had sent "));
    EXPECT_TRUE(holds(last, "wait " + std::string(name_of(GetParam()))));
  }
};

TEST_P(Stalled, ReadersAreEndedAndReported) {
  expect_stall(Meddler::Way::steal, spec_of("write", "read", GetParam()),
               [](const std::string& failure, std::uint64_t bytes) -> bool {
                 return holds(failure, "the writer had sent " + std::to_string(bytes) + " bytes");
               });
}

TEST_P(Stalled, WritersAreEndedAndReported) {
  CaseSpec spec = spec_of("write", "read", GetParam());
  spec.pipe_bytes = 4096;
  expect_stall(Meddler::Way::add, spec, [](const std::string& failure, std::uint64_t bytes) -> bool {
    return holds(failure, "the reader had taken " + std::to_string(bytes));
  });
}

INSTANTIATE_TEST_SUITE_P(Waits, Stalled, every_wait, name_of_wait);

}  // namespace
}  // namespace pipebench
