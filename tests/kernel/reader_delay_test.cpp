// When a reader that verifies may stop waiting for the writer, with real pipes.
#include "engine/reader_delay.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "pipebench/system/pipe.hpp"

namespace pipebench {
namespace {

/// What a reader sees of a writer of 4 KiB buffers that goes step by step.
class ReaderDelayTest : public testing::Test {
 protected:
  ReaderDelayTest() : delay_(link_, bytes, {pipes_[0].write_fd(), pipes_[1].write_fd()}) {}
  void intend(std::uint64_t offset, std::uint64_t size = 1) { link_.intent.publish(offset, offset + size); }
  void send(std::size_t pipe) {
    const std::vector<char> data(bytes);
    ASSERT_EQ(::write(pipes_[pipe].write_fd(), data.data(), bytes), static_cast<ssize_t>(bytes));
  }
  [[nodiscard]] bool is_over(std::size_t held = 0) const { return delay_.writer_is_blocked(held); }

  // A page, so that one buffer fills a pipe.
  static inline const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  Link link_;
  std::array<Pipe, 2> pipes_{Pipe(bytes, true), Pipe(bytes, true)};
  ReaderDelay delay_;
};

TEST_F(ReaderDelayTest, WaitsUntilTheWriterHasFilledMoreThanFits) {
  EXPECT_FALSE(is_over());
  intend(0);
  EXPECT_FALSE(is_over());
  send(0);
  intend(bytes);
  EXPECT_FALSE(is_over()) << "the second pipe is empty";
  send(1);
  EXPECT_FALSE(is_over()) << "both are full, but the writer may not have touched the next buffer";
  intend(2 * bytes);
  EXPECT_TRUE(is_over());
}

TEST_F(ReaderDelayTest, CountsWhatTheReaderHolds) {
  send(0);
  send(1);
  intend(2 * bytes);
  std::vector<char> data(bytes);
  ASSERT_EQ(::read(pipes_[0].read_fd(), data.data(), bytes), static_cast<ssize_t>(bytes));
  EXPECT_FALSE(is_over(bytes)) << "the writer can send what it has filled";
  send(0);
  EXPECT_FALSE(is_over(bytes));
  intend(3 * bytes);
  EXPECT_TRUE(is_over(bytes));
}

TEST_F(ReaderDelayTest, KnowsAWriterThatSleepsInTheMiddleOfACall) {
  intend(0, 2 * bytes);
  send(0);
  EXPECT_FALSE(is_over()) << "the second pipe is empty";
  send(1);
  EXPECT_FALSE(is_over()) << "it has sent all that it could, and goes on";
  intend(0, 3 * bytes);
  EXPECT_TRUE(is_over());
}

TEST_F(ReaderDelayTest, EndsWithTheStreamAndWhenTheWriterWaitsForACount) {
  link_.intent.awaits = 1;
  EXPECT_TRUE(is_over());
  link_.consumed.bytes = 1;
  EXPECT_FALSE(is_over());
  link_.control.final_bytes = 1;
  EXPECT_TRUE(is_over());
}

}  // namespace
}  // namespace pipebench
