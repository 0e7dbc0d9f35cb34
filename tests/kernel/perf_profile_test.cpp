// Sampler, symbols and classification together, on the kernel that is there.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "kernel_work.hpp"
#include "pipebench/analysis/profile.hpp"
#include "pipebench/system/perf/kernel_symbols.hpp"
#include "pipebench/system/perf/sampler.hpp"
#include "pipebench/system/pipe.hpp"

namespace pipebench {
namespace {

constexpr std::size_t bytes = 65536;

std::pair<UniqueFd, UniqueFd> connected_sockets() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// Both ends of a pipe in this thread, turn by turn.
class Ends {
 public:
  Ends() { std::ranges::fill(memory_, 'x'); }

  void write_and_read() {
    ASSERT_EQ(plain_write(pipe_.write_fd(), memory_.data(), bytes), static_cast<ssize_t>(bytes));
    ASSERT_EQ(plain_read(pipe_.read_fd(), memory_.data(), bytes), static_cast<ssize_t>(bytes));
  }
  void vmsplice_and_splice() {
    const iovec whole{.iov_base = memory_.data(), .iov_len = bytes};
    ASSERT_GT(::vmsplice(pipe_.write_fd(), &whole, 1, 0), 0);
    ASSERT_GT(::splice(pipe_.read_fd(), nullptr, null_.get(), nullptr, bytes, 0), 0);
  }
  void splice_to_socket() {
    const iovec whole{.iov_base = memory_.data(), .iov_len = bytes};
    for (ssize_t rest = ::vmsplice(pipe_.write_fd(), &whole, 1, 0); rest > 0;) {
      const ssize_t moved =
          ::splice(pipe_.read_fd(), nullptr, socket_.first.get(), nullptr, static_cast<std::size_t>(rest), 0);
      ASSERT_GT(moved, 0);
      ASSERT_EQ(plain_read(socket_.second.get(), memory_.data(), static_cast<std::size_t>(moved)), moved);
      rest -= moved;
    }
  }
  /// Whether a page that was sent is the page that arrives.
  [[nodiscard]] bool vmsplice_refers() {
    const iovec one{.iov_base = memory_.data(), .iov_len = 1};
    char arrived = 0;
    if (::vmsplice(pipe_.write_fd(), &one, 1, 0) != 1) return false;
    memory_[0] = 'y';
    return ::read(pipe_.read_fd(), &arrived, 1) == 1 && arrived == 'y';
  }

 private:
  Pipe pipe_{bytes, false};
  std::vector<char> memory_ = std::vector<char>(bytes);
  UniqueFd null_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  std::pair<UniqueFd, UniqueFd> socket_ = connected_sockets();
};

const KernelSymbols& symbols() {
  static const KernelSymbols read = KernelSymbols::read();
  return read;
}

class KernelProfile : public testing::Test {
 protected:
  void SetUp() override {
    if (sampler.refusal()) GTEST_SKIP() << sentence_of(sampler.refusal()->finding);
    if (symbols().finding()) GTEST_SKIP() << sentence_of(*symbols().finding());
  }

  template <class Turn>
  std::vector<Stack> profile_of(Turn turn) {
    sampler.start();
    work_for(0.25, [&] {
      for (int i = 0; i < 20; ++i) turn();
    });
    sampler.stop();
    return named_stacks(sampler.collect(), symbols());
  }

  StackSampler sampler{{.frequency_hz = 997}};
  Ends ends;
};

double share_of(Work work, const std::vector<Stack>& stacks) {
  const auto shares = shares_of(stacks);
  const auto found = std::ranges::find(shares, work, &WorkShare::work);
  return found == shares.end() ? 0 : found->share;
}

TEST_F(KernelProfile, OfWriteAndReadShowsCopying) {
  const auto stacks = profile_of([&] { ends.write_and_read(); });
  ASSERT_GT(total_samples(stacks), 50U);
  EXPECT_GT(share_of(Work::copying, stacks), 0.1) << folded(stacks, {"thread"});
}

TEST_F(KernelProfile, OfVmspliceAndSpliceShowsAlmostNone) {
  if (!ends.vmsplice_refers()) GTEST_SKIP() << "vmsplice(2) copies here, or is refused";
  const auto stacks = profile_of([&] { ends.vmsplice_and_splice(); });
  ASSERT_GT(total_samples(stacks), 50U);
  EXPECT_LT(share_of(Work::copying, stacks), 0.05) << folded(stacks, {"thread"});
  EXPECT_GT(share_of(Work::page_lookup, stacks) + share_of(Work::pipe, stacks), 0.1) << folded(stacks, {"thread"});
}

TEST_F(KernelProfile, LeavesLittleUnknown) {
  for (const auto turn : {&Ends::write_and_read, &Ends::vmsplice_and_splice, &Ends::splice_to_socket}) {
    if (turn != &Ends::write_and_read && !ends.vmsplice_refers()) continue;  // it copies here, or is refused
    const auto stacks = profile_of([&] { (ends.*turn)(); });
    std::string unknown;
    for (const NamedCount& function : functions_of_other_work(stacks)) unknown += " " + function.name;
    EXPECT_LT(share_of(Work::other, stacks), 0.05) << unknown;
  }
}

}  // namespace
}  // namespace pipebench
