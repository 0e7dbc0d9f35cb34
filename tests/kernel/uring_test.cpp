// Chains of transfers by io_uring: what they move, in which order, and when they stop.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <numeric>
#include <thread>

#include "one_end.hpp"
#include "pipebench/base/unique_fd.hpp"
#include "pipebench/strategies/loops.hpp"
#include "samples.hpp"

namespace pipebench {
namespace {

constexpr std::size_t page = 4096;
constexpr std::uint32_t depth = 8;
constexpr std::size_t chain = depth * page;

CaseSpec chain_of(std::string_view writer, std::string_view reader, Wait wait = Wait::busy) {
  CaseSpec spec = spec_of(writer, reader, wait);
  spec.buffer_bytes = page;
  spec.depth = depth;
  spec.buffers = 2 * depth;
  spec.pipe_bytes = 2 * chain;
  return spec;
}

/// Numbers each page of the buffers, which lie one behind the other in a chain.
void number_pages(OneEnd& one) {
  int number = 0;
  for (std::byte* start : one.end().buffers().starts()) {
    for (std::size_t i = 0; i < depth; ++i) *(start + i * page) = static_cast<std::byte>(number++);
  }
}

/// The numbers of the pages that lie in a pipe, which is empty afterwards.
std::vector<int> numbers_in(const Pipe& pipe, std::size_t bytes) {
  std::vector<std::byte> taken(bytes);
  EXPECT_EQ(::read(pipe.read_fd(), taken.data(), bytes), static_cast<ssize_t>(bytes));
  std::vector<int> numbers;
  for (std::size_t at = 0; at < bytes; at += page) numbers.push_back(static_cast<int>(taken[at]));
  return numbers;
}

std::vector<int> numbers(int first, std::size_t count) {
  std::vector<int> expected(count);
  std::iota(expected.begin(), expected.end(), first);
  return expected;
}

void fill(const Pipe& pipe, std::size_t bytes) {
  std::vector<std::byte> pages(bytes);
  for (std::size_t at = 0; at < bytes; at += page) pages[at] = static_cast<std::byte>(at / page);
  ASSERT_EQ(::write(pipe.write_fd(), pages.data(), bytes), static_cast<ssize_t>(bytes));
}

std::string why_no_chains() {
  for (const auto& [role, name] : {std::pair{Role::writer, "uring-write"}, std::pair{Role::writer, "uring-splice"},
                                   std::pair{Role::reader, "uring-read"}, std::pair{Role::reader, "uring-splice"}}) {
    if (std::string why = why_unavailable(*find_strategy(role, name)); !why.empty()) return why;
  }
  const Catalog catalog = probe_catalog();
  for (const auto* infos : {&catalog.writers, &catalog.readers}) {
    for (const StrategyInfo& info : *infos) {
      if (!info.no_depth.empty()) return info.no_depth;
    }
  }
  return {};
}

/// All are skipped where this kernel does not do it.
class Chains : public testing::Test {
 protected:
  void SetUp() override {
    static const std::string why_not = why_no_chains();
    if (!why_not.empty()) GTEST_SKIP() << why_not;
  }
};

TEST_F(Chains, SendAllBuffersInOrderWithOneCall) {
  for (const std::string_view writer : {"uring-write", "uring-splice"}) {
    for (const auto& [sqpoll, registered] : {std::pair{false, false}, std::pair{true, false}, std::pair{false, true}}) {
      CaseSpec spec = chain_of(writer, "read");
      spec.sqpoll = sqpoll;
      spec.registered = registered;
      const Pipe pipe(2 * chain, true);
      OneEnd end(Role::writer, spec);
      number_pages(end);
      const Tally tally = end.move(chain, pipe.write_fd());
      EXPECT_EQ(tally.error, 0);
      EXPECT_EQ(tally.calls, 1U) << writer;
      EXPECT_EQ(tally.short_calls, 0U);
      EXPECT_EQ(numbers_in(pipe, chain), numbers(0, depth)) << writer << sqpoll << registered;
    }
  }
}

TEST_F(Chains, StopWhereThePipeHasNoRoom) {
  for (const std::string_view writer : {"uring-write", "uring-splice"}) {
    const Pipe pipe(chain / 2, true);
    OneEnd end(Role::writer, chain_of(writer, "read"));
    number_pages(end);
    const Tally tally = end.move(chain, pipe.write_fd());
    EXPECT_EQ(tally.bytes, chain / 2) << writer;
    EXPECT_EQ(tally.short_calls, 1U);
    EXPECT_EQ(tally.would_block, 1U) << "the next call finds it full";
    EXPECT_EQ(numbers_in(pipe, chain / 2), numbers(0, depth / 2)) << writer;
  }
}

// A pipe that blocks, too: only the first request of a chain may wait.
TEST_F(Chains, TakeWhatIsThereAndNoMore) {
  for (const std::string_view reader : {"uring-read", "uring-splice"}) {
    for (const Wait wait : {Wait::busy, Wait::block}) {
      const Pipe pipe(2 * chain, wait != Wait::block);
      OneEnd end(Role::reader, chain_of("write", reader, wait));
      fill(pipe, 3 * page);
      const Tally tally = end.move(3 * page, pipe.read_fd());
      EXPECT_EQ(tally.bytes, 3 * page) << reader;
      EXPECT_EQ(tally.calls, 1U) << reader;
      EXPECT_EQ(tally.short_calls, 1U);
      if (reader == "uring-splice") continue;
      for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(static_cast<std::size_t>(*(end.end().buffers().start(0) + i * page)), i);
    }
  }
}

/// A pipe whose ends can be closed, pipe(7).
struct Ends {
  explicit Ends(bool nonblocking) {
    std::array<int, 2> fds{};
    EXPECT_EQ(::pipe2(fds.data(), O_CLOEXEC | (nonblocking ? O_NONBLOCK : 0)), 0);
    reader = UniqueFd(fds[0]);
    writer = UniqueFd(fds[1]);
  }
  UniqueFd reader;
  UniqueFd writer;
};

TEST_F(Chains, EndWithTheFile) {
  for (const std::string_view reader : {"uring-read", "uring-splice"}) {
    for (const Wait wait : {Wait::busy, Wait::block}) {
      Ends pipe(wait != Wait::block);
      OneEnd end(Role::reader, chain_of("write", reader, wait));
      const std::vector<char> pages(3 * page);
      ASSERT_EQ(::write(pipe.writer.get(), pages.data(), pages.size()), static_cast<ssize_t>(pages.size()));
      pipe.writer.reset();
      const Tally tally = end.move(chain, pipe.reader.get());
      EXPECT_EQ(tally.bytes, 3 * page) << reader;
      EXPECT_TRUE(tally.end_of_file) << reader;
      EXPECT_EQ(tally.error, 0);
    }
  }
}

TEST_F(Chains, SayWhyNothingWasMoved) {
  ::signal(SIGPIPE, SIG_IGN);
  for (const std::string_view writer : {"uring-write", "uring-splice"}) {
    Ends pipe(true);
    pipe.reader.reset();
    EXPECT_EQ(OneEnd(Role::writer, chain_of(writer, "read")).move(chain, pipe.writer.get()).error, EPIPE) << writer;
  }
}

// Also where a chain is larger than the pipe, and so is never sent in one piece.
TEST_F(Chains, EndWhenTheUserWantsIt) {
  for (const std::string_view writer : {"uring-write", "uring-splice"}) {
    for (const std::string_view reader : {"uring-read", "uring-splice"}) {
      for (const bool sqpoll : {false, true}) {
        CaseSpec spec = chain_of(writer, reader, Wait::block);
        spec.pipe_bytes = chain / 2;
        spec.sqpoll = sqpoll;
        std::atomic<int> interrupt{0};
        const std::jthread user([&] {
          pause_briefly(1000);
          interrupt = SIGINT;
        });
        const SampleOutcome outcome = Sampler(topology(), interrupt).take(spec, time_of(endless), 0);
        EXPECT_TRUE(outcome.interrupted) << writer << '-' << reader;
        EXPECT_EQ(outcome.failure, "");
      }
    }
  }
}

TEST_F(Chains, GoThroughAPipeOfOnePage) {
  CaseSpec spec = chain_of("uring-write", "uring-read", Wait::block);
  spec.pipe_bytes = page;
  const SampleOutcome outcome = take(spec, bytes_of(4 * chain));
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  EXPECT_EQ(outcome.sample->bytes, 4 * chain);
}

TEST_F(Chains, AreCountedAsTheKernelsWorkWhereAThreadOfItTakesRequests) {
  CaseSpec spec = chain_of("uring-write", "read", Wait::block);
  spec.sqpoll = true;
  const double before = cpu_seconds_of_this_process();
  const SampleOutcome outcome = take(spec, bytes_of(std::uint64_t{256} << 20U));
  const double all = cpu_seconds_of_this_process() - before;
  ASSERT_TRUE(outcome.sample.has_value()) << outcome.failure;
  // It copies every byte; that of the writer's own thread does not.
  EXPECT_GT(outcome.sample->worker_seconds.value(), 0.005);
  EXPECT_LT(*outcome.sample->worker_seconds, all);
}

}  // namespace
}  // namespace pipebench
