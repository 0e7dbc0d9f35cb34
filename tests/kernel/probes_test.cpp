// Why a strategy cannot run here, found out with one page.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "pipebench/strategies/registry.hpp"
#include "pipebench/system/memory.hpp"
#include "pipebench/system/pipe.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

template <int code>
class Refused : public FaultyEnd {
 public:
  using FaultyEnd::FaultyEnd;
  static ssize_t step(PipeEnd, std::size_t) noexcept {
    errno = code;
    return -1;
  }
};

class InterruptedOnce : public FaultyEnd {
 public:
  using FaultyEnd::FaultyEnd;
  static ssize_t step(PipeEnd, Piece rest) noexcept {
    static bool interrupted = false;
    errno = EINTR;
    return std::exchange(interrupted, true) ? static_cast<ssize_t>(rest.size) : -1;
  }
};

template <class Strategy>
std::string why_no_reader() {
  return why_unavailable(faulty_strategy(Role::reader, make_end<Role::reader, Strategy>));
}

TEST(WhyUnavailable, NamesAPossibleCauseOnlyWhereSomethingWasForbidden) {
  EXPECT_EQ(
      why_no_reader<Refused<EPERM>>(),
      "teleport() of one page fails with EPERM (Operation not permitted); a seccomp profile or the kernel forbids "
      "it.");
  EXPECT_EQ(why_unavailable(faulty_strategy(Role::writer, throw_instead)),
            "teleport(pipe, 7) failed: ENOSYS (Function not implemented); a seccomp profile or the kernel forbids it.");
  EXPECT_EQ(why_no_reader<FaultyEnd>(), "teleport() of one page fails with EINVAL (Invalid argument).");
}

TEST(WhyUnavailable, EndsWhateverTheCallSays) {
  EXPECT_EQ(why_no_reader<EndsEarly>(), "teleport() of one page moves nothing.");
  EXPECT_EQ(why_no_reader<Refused<EAGAIN>>(), "teleport() of one page would wait, with nothing to wait for.");
  EXPECT_EQ(why_unavailable(faulty_strategy(Role::writer, make_end<Role::writer, InterruptedOnce>)), "");
}

// Some kernels splice from a file where they do not from /dev/zero, and the like: what is probed is what a case does.
TEST(WhyUnavailable, AgreesWithTheCallItself) {
  const Pipe pipe(65536, true);
  const BufferSet file({.bytes = 65536, .count = 1, .backing = Backing::memfd});
  const UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  off_t begin = 0;
  const bool sends = ::sendfile(pipe.write_fd(), file.file(), &begin, 4096) > 0;
  EXPECT_EQ(why_unavailable(*find_strategy(Role::writer, "sendfile")).empty(), sends);
  off64_t at = 0;
  const bool splices = ::splice(file.file(), &at, pipe.write_fd(), nullptr, 4096, SPLICE_F_NONBLOCK) > 0;
  EXPECT_EQ(why_unavailable(*find_strategy(Role::writer, "splice")).empty(), splices);
  ASSERT_TRUE(sends || splices || ::write(pipe.write_fd(), "x", 1) == 1);
  const bool discards = ::splice(pipe.read_fd(), nullptr, null.get(), nullptr, 4096, SPLICE_F_NONBLOCK) > 0;
  EXPECT_EQ(why_unavailable(*find_strategy(Role::reader, "splice")).empty(), discards);
}

}  // namespace
}  // namespace pipebench
