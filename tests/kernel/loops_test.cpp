// What the loops count, one end at a time: no threads, so each call does what the pipe has room for.
#include "pipebench/strategies/loops.hpp"

#include <gtest/gtest.h>

#include "one_end.hpp"
#include "pipebench/strategies/registry.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t kib = 1024;

CaseSpec spec_of(std::string_view writer, std::string_view reader, std::uint64_t buffer_bytes,
                 std::uint64_t pipe_bytes) {
  CaseSpec spec;
  spec.writer = writer;
  spec.reader = reader;
  spec.wait = Wait::busy;
  spec.buffer_bytes = buffer_bytes;
  spec.buffers = 2;
  spec.pipe_bytes = pipe_bytes;
  return spec;
}

void skip_without(Role role, std::string_view name) {
  const std::string why = why_unavailable(*find_strategy(role, name));
  if (!why.empty()) GTEST_SKIP() << why;
}

void expect_calls(const Tally& tally, std::uint64_t calls, std::uint64_t short_calls) {
  EXPECT_EQ(tally.error, 0);
  EXPECT_EQ(tally.calls, calls);
  EXPECT_EQ(tally.short_calls, short_calls);
}

TEST(ShortCalls, AreNotThoseThatTheStrategyItselfCut) {
  skip_without(Role::writer, "memcpy-vmsplice");
  if (IsSkipped()) return;
  // Chunks of 128 KiB, and room for both.
  const CaseSpec spec = spec_of("memcpy-vmsplice", "read", 256 * kib, 256 * kib);
  const Pipe pipe(256 * kib, true);
  expect_calls(OneEnd(Role::writer, spec).move(256 * kib, pipe.write_fd()), 2, 0);
}

TEST(ShortCalls, AreThoseThatThePipeHadNoRoomFor) {
  for (const std::string_view writer : {"write", "memcpy-vmsplice"}) {
    if (!why_unavailable(*find_strategy(Role::writer, writer)).empty()) continue;
    const CaseSpec spec = spec_of(writer, "read", 256 * kib, 64 * kib);
    const Pipe pipe(64 * kib, true);
    const Tally tally = OneEnd(Role::writer, spec).move(256 * kib, pipe.write_fd());
    EXPECT_EQ(tally.bytes, 64 * kib) << writer;
    expect_calls(tally, 1, 1);
  }
}

TEST(ShortCalls, AreNotThoseThatEndWithTheRing) {
  skip_without(Role::writer, "recycle");
  if (IsSkipped()) return;
  const CaseSpec spec = spec_of("recycle", "recycle", 64 * kib, 128 * kib);
  const Pipe pipe(128 * kib, true);
  const Pipe way_back(128 * kib, true);
  OneEnd writer(Role::writer, spec, {&way_back, 1});
  OneEnd reader(Role::reader, spec, {&way_back, 1});
  const auto pass = [&](std::uint64_t bytes) {
    EXPECT_EQ(writer.move(bytes, pipe.write_fd()).bytes, bytes);
    return reader.move(bytes, pipe.read_fd());
  };
  expect_calls(pass(32 * kib), 1, 1);  // asks for a buffer, and half of one is there
  expect_calls(pass(64 * kib), 1, 0);
  // The ring of 128 KiB ends after 32 KiB more, which is all that the first call asks for.
  expect_calls(pass(64 * kib), 2, 1);
}

// ---------------------------------------------------------------------------------------------- turn by turn

/// Both ends of a stream in one thread, turn by turn.
class OneThread {
 public:
  OneThread(const CaseSpec& spec, std::uint64_t bytes)
      : spec_(spec), pipe_(*spec_.pipe_bytes, true), writer_(Role::writer, spec_), reader_(Role::reader, spec_) {
    link_.control.final_bytes.store(bytes);
    writer_.end().begin({.link = link_, .pipes = {&fds_[0], 1}, .byte_target = bytes});
    reader_.end().begin({.link = link_, .pipes = {&fds_[1], 1}, .byte_target = bytes});
  }
  Turn write(std::uint64_t most = no_limit) { return writer_.end().turn(most); }
  Turn read(std::uint64_t most) { return reader_.end().turn(most); }
  [[nodiscard]] const Tally& written() { return writer_.end().tally(); }
  [[nodiscard]] const Tally& taken() { return reader_.end().tally(); }

 private:
  const CaseSpec spec_;  // the ends refer to it
  Link link_;
  Pipe pipe_;
  int fds_[2] = {pipe_.write_fd(), pipe_.read_fd()};
  OneEnd writer_, reader_;
};

TEST(Turns, MoveABufferEach) {
  OneThread ends(spec_of("write", "read", 64 * kib, 64 * kib), 128 * kib);
  EXPECT_EQ(ends.write(), Turn::moved);
  EXPECT_EQ(ends.written().bytes, 64 * kib);
  EXPECT_EQ(ends.read(64 * kib), Turn::moved);
  EXPECT_EQ(ends.taken().bytes, 64 * kib);
  EXPECT_EQ(ends.write(), Turn::moved);
  EXPECT_EQ(ends.read(64 * kib), Turn::over) << "these were the last bytes";
  EXPECT_EQ(ends.taken().bytes, 128 * kib);
  EXPECT_EQ(ends.write(), Turn::over);
  EXPECT_EQ(ends.taken().calls, 2U);
}

TEST(Turns, EndWhereTheyWouldHaveToWait) {
  OneThread ends(spec_of("write", "read", 64 * kib, 16 * kib), 128 * kib);
  EXPECT_EQ(ends.read(16 * kib), Turn::blocked) << "nothing is there yet";
  EXPECT_EQ(ends.write(), Turn::blocked);
  EXPECT_EQ(ends.written().bytes, 16 * kib);
  EXPECT_EQ(ends.write(), Turn::blocked) << "the pipe is full";
  EXPECT_EQ(ends.written().bytes, 16 * kib);
  EXPECT_EQ(ends.read(64 * kib), Turn::blocked) << "no more is there";
  EXPECT_EQ(ends.taken().bytes, 16 * kib);
}

TEST(Turns, OfWhatThePipeHoldsHaveNoCallThatFails) {
  OneThread ends(spec_of("write", "read", 64 * kib, 16 * kib), 128 * kib);
  for (int turn = 0; turn < 8; ++turn) {
    EXPECT_EQ(ends.write(16 * kib), Turn::moved);
    EXPECT_EQ(ends.read(16 * kib), turn < 7 ? Turn::moved : Turn::over);
  }
  EXPECT_EQ(ends.taken().bytes, 128 * kib);
  EXPECT_EQ(ends.written().calls, 8U);
  EXPECT_EQ(ends.written().short_calls, 0U);
  EXPECT_EQ(ends.written().would_block + ends.taken().would_block, 0U);
}

TEST(Turns, AreOverWhenATransferFails) {
  const CaseSpec spec = spec_of("write", "read", 64 * kib, 64 * kib);
  Link link;
  OneEnd writer(Role::writer, spec);
  const int nowhere = -1;
  writer.end().begin({.link = link, .pipes = {&nowhere, 1}});
  EXPECT_EQ(writer.end().turn(no_limit), Turn::over);
  EXPECT_EQ(writer.end().tally().error, EBADF);
}

TEST(WindowOfAWriter, FollowsTheReaderThatIsThereWhateverTheCaseCallsIt) {
  CaseSpec spec = spec_of("vmsplice", "relay", 64 * kib, 64 * kib);
  spec.wait = Wait::credit;
  std::atomic<const std::byte*> unused{nullptr};
  const StrategyInfo& writer = find_strategy(Role::writer, "vmsplice")->info;
  const auto window = [&](const StrategyInfo* reader) {
    return writer_policy(
               {.spec = spec, .info = writer, .exchange = {.returns = {}, .sent_from = unused}, .reader = reader})
        .window;
  };
  const StrategyInfo& reader = find_strategy(Role::reader, "relay")->info;
  const std::uint64_t named = window(&reader);
  EXPECT_NE(named, window(nullptr));
  spec.reader = "unheard-of";
  EXPECT_EQ(named, window(&reader));
}

}  // namespace
}  // namespace pipebench
