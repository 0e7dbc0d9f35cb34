#include "pipebench/base/names.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "pipebench/base/plural.hpp"

namespace pipebench {
namespace {

constexpr std::array<std::string_view, 6> writers{"null", "write", "writev", "vmsplice", "splice", "memcpy-vmsplice"};

TEST(NearestName, FindsATypingSlip) {
  EXPECT_EQ(nearest_name("vmslice", writers), "vmsplice");
  EXPECT_EQ(nearest_name("wirte", writers), "write");
  EXPECT_EQ(nearest_name("nul", writers), "null");
  EXPECT_EQ(nearest_name("splicee", writers), "splice");
}

TEST(NearestName, CountsASwapOfNeighboursAsOneEdit) {
  // Without swaps both would be two edits away, and the first would win.
  const std::array<std::string_view, 2> known{"axyd", "acbd"};
  EXPECT_EQ(nearest_name("abcd", known), "acbd");
}

TEST(NearestName, AllowsTwoEditsInShortNames) {
  const std::array<std::string_view, 1> known{"block"};
  EXPECT_EQ(nearest_name("blo", known), "block");
  EXPECT_EQ(nearest_name("bl", known), "");
}

TEST(NearestName, IsTheOneThatBeginsSo) {
  const std::vector<std::string_view> known{"wait", "writer", "writer-threads", "block"};
  EXPECT_EQ(nearest_name("wri", known), "writer");
  EXPECT_EQ(nearest_name("writer-t", known), "writer-threads");
  EXPECT_EQ(nearest_name("bl", known), "") << "two letters begin too much";
}

TEST(NearestName, AllowsAThirdOfALongName) {
  const std::array<std::string_view, 1> known{"memcpy-vmsplice"};  // 15 letters: 5 edits
  EXPECT_EQ(nearest_name("memcpy-vms", known), "memcpy-vmsplice");
  EXPECT_EQ(nearest_name("emcpy-vm", known), "");
}

TEST(NearestName, GuessesNothingWhereNoLetterAgrees) {
  const std::array<std::string_view, 2> known{"4k", "2m"};
  EXPECT_EQ(nearest_name("zz", known), "");
  EXPECT_EQ(nearest_name("z", known), "");
  EXPECT_EQ(nearest_name("", known), "");
  EXPECT_EQ(nearest_name("4K", known), "4k");
}

TEST(NearestName, PrefersTheFirstOfEquals) {
  const std::array<std::string_view, 2> known{"read", "road"};
  EXPECT_EQ(nearest_name("rad", known), "read");
}

TEST(NearestName, OfNoNamesIsEmpty) { EXPECT_EQ(nearest_name("write", {}), ""); }

TEST(UnknownName, SuggestsAndListsWhatIsKnown) {
  const std::array<std::string_view, 2> known{"null", "write"};
  EXPECT_EQ(unknown_name("--writer", "writer", "wirte", known),
            "--writer: unknown writer 'wirte'; did you mean 'write'? Known: null, write.");
}

TEST(UnknownName, ListsOnlyWhenNothingIsNear) {
  const std::array<std::string_view, 2> known{"null", "write"};
  EXPECT_EQ(unknown_name("--writer", "writer", "teleport", known),
            "--writer: unknown writer 'teleport'. Known: null, write.");
}

TEST(UnknownName, SaysNothingOfAnEmptyChoice) {
  EXPECT_EQ(unknown_name("--section", "section", "x", {}), "--section: unknown section 'x'.");
}

TEST(UnknownName, ListsNoMoreThanCanBeRead) {
  const std::vector<std::string_view> known(1000, "name");
  const std::string text = unknown_name("--section", "section", "x", known);
  EXPECT_TRUE(text.ends_with(", name and 940 more.")) << text;
}

TEST(Joined, PutsTheSeparatorBetweenParts) {
  EXPECT_EQ(joined(std::vector<std::string_view>{"a", "", "c"}), "a, , c");
  EXPECT_EQ(joined(std::vector<std::string_view>{"a", "b"}, " "), "a b");
  EXPECT_EQ(joined({}), "");
}

TEST(Counted, HasAnSForAllButOne) {
  EXPECT_EQ(counted(0, "case"), "0 cases");
  EXPECT_EQ(counted(1, "case"), "1 case");
  EXPECT_EQ(counted(2, "case"), "2 cases");
}

TEST(Split, TrimsPartsAndKeepsEmptyOnes) {
  EXPECT_EQ(split("a, b\t,c", ','), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(split(",a,,", ','), (std::vector<std::string>{"", "a", "", ""}));
  EXPECT_EQ(split("a b", ','), (std::vector<std::string>{"a b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
}

TEST(Trim, TakesWhiteSpaceFromTheEndsOnly) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim("ab"), "ab");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

}  // namespace
}  // namespace pipebench
