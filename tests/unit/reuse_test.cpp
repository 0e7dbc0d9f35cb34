// The rule of reuse over tables of cases: what is safe, and what the writer has to wait for.
#include "pipebench/model/reuse.hpp"

#include <gtest/gtest.h>

#include "pipebench/strategies/registry.hpp"

namespace pipebench {
namespace {

constexpr std::uint64_t kib = 1024;
constexpr auto not_asked = std::optional<std::uint64_t>();

/// A case of the real strategies.
struct Pair {
  std::string_view writer;
  std::string_view reader;
  std::uint64_t buffer_kib;
  std::uint32_t buffers;
  std::uint64_t pipe_kib;
  Wait wait = Wait::busy;
  std::uint32_t stripe = 1;
  Payload payload = Payload::fixed;
  std::uint32_t depth = 1;
};

CaseSpec spec_of(const Pair& pair) {
  CaseSpec spec;
  spec.wait = pair.wait;
  spec.buffer_bytes = pair.buffer_kib * kib;
  spec.buffers = pair.buffers;
  spec.pipe_bytes = pair.pipe_kib * kib;
  spec.stripe = pair.stripe;
  spec.payload = pair.payload;
  spec.depth = pair.depth;
  return spec;
}

ReuseRule rule(const Pair& pair, Purpose purpose = Purpose::measure, const PageSizes& sizes = {}) {
  const auto by_name = [](const StrategyInfo& info) { return info.name; };
  static const Catalog catalog = whole_catalog();
  return rule_of_reuse(*std::ranges::find(catalog.writers, pair.writer, by_name),
                       *std::ranges::find(catalog.readers, pair.reader, by_name), spec_of(pair), purpose, sizes);
}

TEST(RuleOfReuse, NeedsNoCountForBytesThatWereCopiedOrPagesThatAreNew) {
  for (const auto* writer : {"write", "writev", "vmsplice-drop", "tee"}) {
    for (const Wait wait : {Wait::busy, Wait::credit}) {
      const ReuseRule found = rule({writer, "relay", 64, 1, 1024, wait});
      EXPECT_TRUE(found.safe) << writer;
      EXPECT_EQ(found.window, not_asked) << writer;
    }
  }
}

TEST(RuleOfReuse, LetsThePipeHoldBackWhatItRefersTo) {
  EXPECT_TRUE(rule({"vmsplice", "read", 64, 2, 64}).safe);
  EXPECT_FALSE(rule({"vmsplice", "read", 64, 2, 128}).safe);
  EXPECT_FALSE(rule({"vmsplice", "read", 64, 1, 4}).safe);
  EXPECT_TRUE(rule({"splice", "splice", 64, 5, 256}).safe);
  EXPECT_TRUE(rule({"vmsplice", "read", 16, 1, 4, Wait::busy, 2}).safe) << "two stripes";
  EXPECT_FALSE(rule({"vmsplice", "relay", 64, 2, 64}).safe) << "the reader holds a buffer";
  EXPECT_TRUE(rule({"vmsplice", "relay", 64, 3, 64}).safe);
  EXPECT_TRUE(rule({"vmsplice", "relay", 64, 2, 32}).safe) << "it holds no more than the pipe did";
  EXPECT_FALSE(rule({"vmsplice", "relay", 12, 2, 8}).safe);
}

// All buffers that are under way together are filled before the first of them is sent.
TEST(RuleOfReuse, LeavesBuffersAloneThatAreUnderWay) {
  const auto safe = [](std::uint32_t buffers, std::uint32_t depth, std::uint64_t pipe_kib) {
    return rule({"uring-splice", "uring-read", 64, buffers, pipe_kib, Wait::busy, 1, Payload::fixed, depth}).safe;
  };
  EXPECT_TRUE(safe(8, 4, 256));
  EXPECT_FALSE(safe(8, 4, 512));
  EXPECT_FALSE(safe(4, 4, 4)) << "each is filled again while it is in the pipe";
  EXPECT_TRUE(safe(12, 4, 512));
  EXPECT_TRUE(rule({"splice", "uring-read", 64, 2, 64, Wait::busy, 1, Payload::fixed, 4}).safe)
      << "this writer has one buffer under way";
}

TEST(RuleOfReuse, AsksTheReaderOnlyWhereThePipeIsTooDeep) {
  EXPECT_EQ(rule({"vmsplice", "read", 64, 2, 64, Wait::credit}).window, not_asked);
  const ReuseRule deep = rule({"vmsplice", "read", 64, 2, 128, Wait::credit});
  EXPECT_TRUE(deep.safe);
  EXPECT_EQ(deep.window, 128 * kib);
  EXPECT_EQ(rule({"vmsplice", "read", 64, 2, 128}).window, not_asked) << "without credit there is no count";
}

TEST(RuleOfReuse, AsksForPagesThatCirculateWhereTheyAreRewritten) {
  const Pair circulating{"recycle", "recycle", 64, 2, 128};
  EXPECT_TRUE(rule(circulating).safe);
  EXPECT_EQ(rule(circulating).window, not_asked);
  EXPECT_EQ(rule(circulating, Purpose::verify).window, 128 * kib);
  Pair rewritten = circulating;
  rewritten.payload = Payload::fresh;
  EXPECT_EQ(rule(rewritten).window, 128 * kib);
}

TEST(RuleOfReuse, AsksForBuffersThatNoPipeHoldsBack) {
  EXPECT_TRUE(rule({"null", "null", 64, 2, 64}).safe);
  EXPECT_EQ(rule({"null", "null", 64, 2, 64, Wait::credit}).window, 128 * kib);
}

TEST(RuleOfReuse, FindsARingLongEnoughWhereAReaderHoldsOneChunkAtMost) {
  for (const auto* reader : {"relay", "splice-socket"}) {
    for (const std::uint64_t buffer : {1U, 4U, 60U, 64U, 120U, 128U}) {
      for (const std::uint32_t stripe : {1U, 3U})
        EXPECT_TRUE(rule({"memcpy-vmsplice", reader, buffer, 2, 1024, Wait::busy, stripe}).safe) << buffer;
    }
    EXPECT_TRUE(rule({"memcpy-vmsplice", reader, 256, 2, 128}).safe) << "it takes no more than the pipe holds";
    EXPECT_FALSE(rule({"memcpy-vmsplice", reader, 256, 2, 256}).safe);
    EXPECT_FALSE(rule({"memcpy-vmsplice", reader, 256, 2, 1024}).safe);
  }
  EXPECT_TRUE(rule({"memcpy-vmsplice", "read", 256, 2, 1024}).safe);
  EXPECT_EQ(rule({"memcpy-vmsplice", "read", 256, 2, 1024, Wait::credit}).window, not_asked);
}

TEST(RuleOfReuse, LetsCreditHelpARingThatHoldsAllBuffers) {
  const ReuseRule few = rule({"memcpy-vmsplice", "relay", 256, 5, 1024, Wait::credit});
  EXPECT_TRUE(few.safe) << "ten chunks in ten places";
  EXPECT_EQ(few.window, 5 * 256 * kib);
  EXPECT_FALSE(rule({"memcpy-vmsplice", "relay", 256, 6, 1024, Wait::credit}).safe);
}

TEST(RuleOfReuse, CountsInPagesOfTheMachine) {
  const PageSizes large{.base = 16384};
  EXPECT_TRUE(rule({"memcpy-vmsplice", "relay", 1, 2, 64}, Purpose::measure, large).safe);
  EXPECT_FALSE(rule({"memcpy-vmsplice", "relay", 256, 2, 256}, Purpose::measure, large).safe);
}

}  // namespace
}  // namespace pipebench
