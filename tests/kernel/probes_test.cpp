// Why a strategy cannot run here, found out with one page.
#include <gtest/gtest.h>

#include <cerrno>
#include <utility>

#include "pipebench/strategies/registry.hpp"
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

}  // namespace
}  // namespace pipebench
